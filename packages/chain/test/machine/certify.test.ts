import { blobGeometry, ChainView } from '@perigee/light-core/da';
import { committeeKey, STORE } from '@perigee/light-core/state';
import { type Certificate, Committee, chainIdOf, equal, genesisHashOf } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { checkGenesis, RESULT_CODE } from '../../src/index.ts';
import { certificateOf } from '../certificates.ts';
import { genesisOf, MEMBERS, transferTx } from '../devnet.ts';
import { type Driven, drive } from './drive.ts';

const genesis = genesisOf({ epochBlocks: 10, maxRetentionBlocks: 200 });
const GAS = 1_000_000;

/** Certify transactions of alice, who counts. */
function certifier(chain: Driven) {
  let nonce = 0;
  return async (certificate: Certificate): Promise<number | undefined> => {
    const raw = await transferTx(genesis, { nonce: nonce++, gasLimit: GAS, messages: [{ certify: { certificate } }] });
    const { txResults } = await chain.block([raw]);
    return txResults[0]?.code;
  };
}

describe('a certificate', () => {
  it('records its blob with height and signers, and tells of it', async () => {
    const chain = await drive(genesis);
    const certificate = await certificateOf(genesis);
    const raw = await transferTx(genesis, { gasLimit: GAS, messages: [{ certify: { certificate } }] });
    const { txResults } = await chain.block([raw]);
    expect(txResults).toMatchObject([{ code: 0, events: [{ type: 'blob', attributes: [{ key: 'id' }] }] }]);
    const { signatures, ...kept } = certificate;
    expect(chain.blob(certificate.blobId)).toEqual({ ...kept, height: 1 });
    expect(signatures.length).toBe(3);
    await chain.machine.close();
  });

  it('extends the expiry of its blob, and changes nothing else of its geometry', async () => {
    const chain = await drive(genesis);
    const certify = certifier(chain);
    expect(await certify(await certificateOf(genesis))).toBe(0);
    expect(await certify(await certificateOf(genesis))).toBe(RESULT_CODE.CERTIFICATE);
    expect(await certify(await certificateOf(genesis, { expiryHeight: 99 }))).toBe(RESULT_CODE.CERTIFICATE);
    expect(await certify(await certificateOf(genesis, { expiryHeight: 150 }))).toBe(0);
    const { blobId } = await certificateOf(genesis);
    expect(chain.blob(blobId)).toMatchObject({ expiryHeight: 150, height: 4 });
    const others = [{ ...blobGeometry(1_000, 2), quorum: 0 }, { length: 1_001 }, { rowRoot: new Uint8Array(32) }];
    for (const change of others) {
      const certificate = await certificateOf(genesis, { ...change, expiryHeight: 160 }, MEMBERS);
      expect(await certify(certificate)).toBe(RESULT_CODE.BLOB_GEOMETRY);
    }
    expect(chain.blob(blobId)).toMatchObject({ expiryHeight: 150, length: 1_000 });
    await chain.machine.close();
  });

  it('is taken once more after its blob has expired', async () => {
    const chain = await drive(genesis);
    const certify = certifier(chain);
    expect(await certify(await certificateOf(genesis, { expiryHeight: 5 }))).toBe(0);
    await chain.skipTo(7);
    expect(await certify(await certificateOf(genesis, { expiryHeight: 50 }))).toBe(0);
    await chain.machine.close();
  });
});

describe('a certificate is refused, and its sender charged,', () => {
  const cases: Record<string, { code: number; certificate: () => Promise<Certificate> }> = {
    'without a quorum': { code: RESULT_CODE.QUORUM, certificate: () => certificateOf(genesis, {}, MEMBERS.slice(0, 2)) },
    'below the quorum it asks for': { code: RESULT_CODE.QUORUM, certificate: () => certificateOf(genesis, { quorum: 9_000 }) },
    'below the floor of 2×': {
      code: RESULT_CODE.QUORUM,
      certificate: () => certificateOf(genesis, blobGeometry(1_000, 2)),
    },
    'with a forged signature': {
      code: RESULT_CODE.SIGNATURE,
      certificate: async () => ({ ...(await certificateOf(genesis)), persist: true }),
    },
    'with signatures for another chain': {
      code: RESULT_CODE.SIGNATURE,
      certificate: async () => {
        const other = genesisOf({ epochBlocks: 10, maxRetentionBlocks: 201 });
        return certificateOf(other);
      },
    },
    'of another committee': {
      code: RESULT_CODE.COMMITTEE,
      certificate: () => certificateOf(genesis, { committeeHash: new Uint8Array(32) }),
    },
    'of a coming epoch': { code: RESULT_CODE.CERTIFICATE, certificate: () => certificateOf(genesis, { epoch: 1 }) },
    'that has expired': { code: RESULT_CODE.CERTIFICATE, certificate: () => certificateOf(genesis, { expiryHeight: 1 }) },
    'that lasts too long': { code: RESULT_CODE.CERTIFICATE, certificate: () => certificateOf(genesis, { expiryHeight: 203 }) },
    'with a signature too few': {
      code: RESULT_CODE.CERTIFICATE,
      certificate: async () => {
        const certificate = await certificateOf(genesis);
        return { ...certificate, signatures: certificate.signatures.slice(1) };
      },
    },
    'with signers that do not exist': {
      code: RESULT_CODE.CERTIFICATE,
      certificate: async () => ({ ...(await certificateOf(genesis)), signers: Uint8Array.of(0x70) }),
    },
    'with another geometry than its length gives': {
      code: RESULT_CODE.BLOB_GEOMETRY,
      certificate: () => certificateOf(genesis, { rowSize: 128 }),
    },
    'with no data': { code: RESULT_CODE.BLOB_LENGTH, certificate: () => certificateOf(genesis, { length: 0 }) },
    'of another blob version': {
      code: RESULT_CODE.BLOB_VERSION,
      certificate: () => certificateOf(genesis, { blobId: new Uint8Array(33).fill(1) }),
    },
    'without a namespace': {
      code: RESULT_CODE.CERTIFICATE,
      certificate: () => certificateOf(genesis, { namespace: new Uint8Array(0) }),
    },
  };
  for (const [name, { code, certificate }] of Object.entries(cases)) {
    it(name, async () => {
      const chain = await drive(genesis);
      const given = await certificate();
      const raw = await transferTx(genesis, { gasLimit: GAS, messages: [{ certify: { certificate: given } }] });
      await chain.block();
      expect(await chain.machine.checkTx({ tx: raw, type: 'new' })).toMatchObject({ code });
      const { txResults } = await chain.block([raw]);
      expect(txResults).toMatchObject([{ code, events: [] }]);
      expect(txResults[0]?.gasUsed).toBeGreaterThan(4_000);
      expect(chain.blob(given.blobId)).toBeUndefined();
      expect(chain.account('alice').nonces).toEqual([{ lane: 0, next: 1 }]);
      await chain.machine.close();
    });
  }
});

describe('epochs', () => {
  it('take a certificate in their own blocks and the next, and no later', async () => {
    const chain = await drive(genesis);
    const certify = certifier(chain);
    await chain.skipTo(9);
    expect(await certify(await certificateOf(genesis, { expiryHeight: 100 }))).toBe(0);
    await chain.skipTo(18);
    expect(await certify(await certificateOf(genesis, { expiryHeight: 101 }))).toBe(0);
    expect(await certify(await certificateOf(genesis, { expiryHeight: 102 }))).toBe(0);
    expect(await certify(await certificateOf(genesis, { expiryHeight: 103 }))).toBe(RESULT_CODE.CERTIFICATE);
    expect(await certify(await certificateOf(genesis, { epoch: 1, expiryHeight: 104 }))).toBe(0);
    await chain.machine.close();
  });

  it('are counted from height 1 on a chain that began later, where those before it have no committee', async () => {
    const { initChain } = genesisOf({ epochBlocks: 10, maxRetentionBlocks: 200 });
    const later = { ...initChain, initialHeight: 34 };
    const begun = checkGenesis({ ...later, chainId: chainIdOf('late', genesisHashOf(later)) });
    const chain = await drive(begun);
    const certify = async (nonce: number, epoch: number) => {
      const certificate = await certificateOf(begun, { epoch, expiryHeight: 100 });
      const raw = await transferTx(begun, { nonce, gasLimit: GAS, messages: [{ certify: { certificate } }] });
      return (await chain.block([raw])).txResults[0]?.code;
    };
    expect(await certify(0, 2)).toBe(RESULT_CODE.CERTIFICATE);
    expect(await certify(1, 3)).toBe(0);
    expect(chain.value(STORE.da, committeeKey(3))).toBeDefined();
    const head = {
      height: chain.height() + 1,
      headerHash: begun.genesisHash,
      chainId: '',
      timeMs: 0,
      appHash: begun.genesisHash,
    };
    const state = {
      head: () => head,
      get: async (store: string, key: Uint8Array) => chain.value(store, key),
      onHead: () => () => undefined,
    };
    expect(await new ChainView(state).epoch()).toBe(3);
    await chain.machine.close();
  });

  it('have their committee in the state until their last blob has expired', async () => {
    const short = genesisOf({ epochBlocks: 5, maxRetentionBlocks: 12 });
    const chain = await drive(short);
    const has = (epoch: number) => {
      const raw = chain.value(STORE.da, committeeKey(epoch));
      return raw !== undefined && equal(Committee.encode({ members: short.committee.members }), raw);
    };
    // included in block 10 at the latest, a blob of epoch 0 lasts until 22
    for (let height = 1; height <= 60; height++) {
      await chain.block();
      const current = Math.floor((height - 1) / 5);
      expect(has(current), `current at ${height}`).toBe(true);
      expect(has(current + 1)).toBe(false);
      for (let epoch = 0; epoch <= current; epoch++) {
        const lastInclusion = 5 * (epoch + 2);
        if (height <= lastInclusion + 12) expect(has(epoch), `epoch ${epoch} at ${height}`).toBe(true);
        // at the start of some later epoch
        if (height > lastInclusion + 12 + 5) expect(has(epoch), `epoch ${epoch} at ${height}`).toBe(false);
      }
    }
    await chain.machine.close();
  });
});
