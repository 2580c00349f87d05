import { nobleAttest } from '@perigee/light-core/attest/noble';
import {
  checkRegistrationEvidence,
  isCurrent,
  REGISTRATION_LIST_KEY,
  registrationKey,
  registrationPlaceKey,
  reportDataOfRegistration,
  verifyRegistration,
  verifyRegistrationCount,
  verifyRegistrationPlace,
} from '@perigee/light-core/registration';
import { STORE } from '@perigee/light-core/state';
import { MAX_BOUND_BLOCK_AGE, MAX_REGISTRATIONS_PER_BLOCK, PerigeeError, StateProof, toHex } from '@perigee/wire';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../../tests/kit/index.ts';
import { ATTESTATION_RESULT, RESULT_CODE } from '../../../src/machine/result-codes.ts';
import { addressOf, genesisOf } from '../../devnet.ts';
import {
  bytesOf,
  type Faults,
  FUNDS,
  hashAt,
  keyOf,
  MODEL,
  Providing,
  possessionOf,
  providingGenesis,
  RULES,
  timeAt,
} from './providing.ts';

const DAY_MS = 86_400_000;

describe('a provider', { timeout: 120_000 }, () => {
  it('registers keys and a model that its evidence binds, and is proved under the app hash', async () => {
    const chain = await Providing.begin();
    const result = await chain.register('pat', 'signer 1');
    expect(result.log).toBe('');
    const registration = chain.registered(keyOf('signer 1'));
    expect(registration).toMatchObject({
      provider: addressOf('pat'),
      modelRoot: MODEL,
      simulated: true,
      registeredHeight: 2,
      boundHeight: 1,
      place: 0,
      subject: expect.stringMatching(/^intel\/tdx\/[0-9a-f]{12}\/platform$/),
      expiryTime: Math.floor((timeAt(1) + 29 * DAY_MS) / 1_000),
    });
    expect(chain.provider('pat')).toEqual({ stake: RULES.minStake, unbonding: [], signers: [keyOf('signer 1')] });
    expect(chain.pool).toBe(RULES.minStake);
    if (registration === undefined) return;
    expect(isCurrent(registration, timeAt(2))).toBe(true);
    expect(isCurrent(registration, timeAt(2) + 30 * DAY_MS)).toBe(false);
    const { genesisHash } = chain.chain.genesis;
    const sent = chain.registration('pat', 'signer 1');
    expect(toHex(reportDataOfRegistration(registration, genesisHash))).not.toBe(toHex(sent.evidence.slice(568, 632)));

    const { machine } = chain.chain;
    const { lastBlockAppHash: appHash } = await machine.info();
    const prove = (key: Uint8Array) => machine.prove(STORE.compute, key, chain.chain.height());
    const signer = keyOf('signer 1');
    const proof = prove(registrationKey(signer));
    expect(verifyRegistration(proof, { appHash, signer })).toEqual(registration);
    expect(verifyRegistration(prove(registrationKey(keyOf('nobody'))), { appHash, signer: keyOf('nobody') })).toBeUndefined();
    expect(verifyRegistrationCount(prove(REGISTRATION_LIST_KEY), { appHash })).toBe(1);
    expect(verifyRegistrationPlace(prove(registrationPlaceKey(0)), { appHash, place: 0 })).toEqual(signer);
    expect(verifyRegistrationPlace(prove(registrationPlaceKey(1)), { appHash, place: 1 })).toBeUndefined();

    // forged: of another key, under another app hash, or with any byte changed
    expect(() => verifyRegistration(proof, { appHash, signer: keyOf('nobody') })).toThrow(
      expect.objectContaining({ code: 'PROOF' }),
    );
    expect(() => verifyRegistration(proof, { appHash: genesisHash, signer })).toThrow(
      expect.objectContaining({ code: 'PROOF_ROOT' }),
    );
    const bytes = StateProof.encode(proof);
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      let found: unknown = 'refused';
      try {
        const read = StateProof.decodeCanonical(changed);
        // the height is the one that the answer says, which whoever asks compares with the header's
        found = read.height === proof.height ? verifyRegistration(read, { appHash, signer }) : 'refused';
      } catch {}
      expect(found, `byte ${at}`).toBe('refused');
    }
  });

  it('renews, takes more keys, retires and gets its stake back after the unbonding period', async () => {
    const chain = await Providing.begin();
    await chain.register('pat', 'signer 1');
    const more = await chain.register('pat', 'signer 2', { message: { stake: 0n } });
    expect(more).toMatchObject({ code: RESULT_CODE.TX_MESSAGE, log: expect.stringContaining('2 registrations need 2000') });
    expect((await chain.register('pat', 'signer 2')).code).toBe(0);
    expect((await chain.register('quinn', 'signer 3')).code).toBe(0);
    await chain.skipTo(10);
    expect((await chain.register('pat', 'signer 1', { message: { stake: 0n, endpoints: ['https://new.example'] } })).code).toBe(
      0,
    );
    expect(chain.registered(keyOf('signer 1'))).toMatchObject({
      registeredHeight: 11,
      endpoints: ['https://new.example'],
      place: 0,
    });
    // a key stands for one account and one model for good
    expect(await chain.register('quinn', 'signer 1')).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
    for (const other of [{ modelRoot: bytesOf('other model') }, { encryptionKey: bytesOf('other encryption key') }]) {
      const changed = await chain.register('pat', 'signer 1', { message: { ...other, stake: 0n }, bound: other });
      expect(changed).toMatchObject({
        code: RESULT_CODE.TX_MESSAGE,
        log: expect.stringContaining('another model or encryption key'),
      });
    }

    const retire = (signers: readonly string[], amount: bigint) =>
      chain.send('pat', [{ computeRetire: { signers: signers.map(keyOf), amount } }]);
    expect((await retire([], RULES.minStake)).code).toBe(RESULT_CODE.TX_MESSAGE);
    expect((await retire(['signer 3'], 0n)).code).toBe(RESULT_CODE.TX_MESSAGE);
    expect((await retire(['signer 1'], RULES.minStake)).code).toBe(0);
    expect(chain.registered(keyOf('signer 1'))).toBeUndefined();
    // the last of the list has taken its place
    expect(chain.registered(keyOf('signer 3'))).toMatchObject({ place: 0 });
    expect(chain.registered(keyOf('signer 2'))).toMatchObject({ place: 1 });
    const releaseHeight = chain.chain.height() + RULES.unbondingBlocks;
    expect(chain.provider('pat')).toMatchObject({
      stake: RULES.minStake,
      unbonding: [{ amount: RULES.minStake, height: releaseHeight }],
    });
    expect((await retire([], 0n)).code).toBe(RESULT_CODE.TX_MESSAGE);
    await chain.skipTo(releaseHeight - 1);
    const before = chain.chain.account('pat').balance;
    const result = await retire([], 0n);
    expect(result.code).toBe(0);
    expect(chain.chain.account('pat').balance).toBe(before + RULES.minStake - BigInt(result.gasUsed));
    expect(chain.pool).toBe(2n * RULES.minStake);
    // what a key stood for it stands for all the same, and its owner may register it again
    const stolen = await chain.register('quinn', 'signer 1');
    expect(stolen).toMatchObject({ code: RESULT_CODE.TX_MESSAGE, log: expect.stringContaining('is that of provider') });
    expect((await chain.register('pat', 'signer 1')).code).toBe(0);
    expect(chain.registered(keyOf('signer 1'))).toMatchObject({ place: 2 });
  });

  it('has its records, and one app hash, in two machines and after a restart', async () => {
    const dir = temporaryFolder('providing');
    const [one, two] = [await Providing.begin(providingGenesis(), dir), await Providing.begin()];
    const txs = await Promise.all(
      ['signer 1', 'signer 2'].map((signer, i) =>
        one.sign(['pat', 'quinn'][i] ?? '', [{ computeRegister: one.registration(['pat', 'quinn'][i] ?? '', signer) }]),
      ),
    );
    for (const chain of [one, two]) expect((await chain.block(txs)).map(({ code }) => code)).toEqual([0, 0]);
    await one.chain.machine.close();
    const again = await Providing.begin(providingGenesis(), dir);
    for (const chain of [again, two]) await chain.skipTo(6);
    const hashes = await Promise.all(
      [again, two].map(async (chain) => toHex((await chain.chain.machine.info()).lastBlockAppHash)),
    );
    expect(hashes[0]).toBe(hashes[1]);
  });
});

describe('a registration is refused', { timeout: 120_000 }, () => {
  let chain: Providing;
  beforeAll(async () => {
    chain = await Providing.begin();
  });

  const other = bytesOf('other');
  const cases: readonly [what: string, number, Faults][] = [
    ['with collateral that has expired', ATTESTATION_RESULT.EXPIRED, { ageMs: 40 * DAY_MS }],
    [
      'with a TD in debug mode',
      ATTESTATION_RESULT.DEBUG,
      { quote: { td: (td) => ({ ...td, tdAttributes: withDebug(td.tdAttributes) }) } },
    ],
    ['with evidence that binds another signing key', ATTESTATION_RESULT.REPORT_DATA, { bound: { signer: keyOf('other') } }],
    ['with evidence that binds another encryption key', ATTESTATION_RESULT.REPORT_DATA, { bound: { encryptionKey: other } }],
    ['with evidence that binds another model', ATTESTATION_RESULT.REPORT_DATA, { bound: { modelRoot: other } }],
    ['with evidence of another account', ATTESTATION_RESULT.REPORT_DATA, { bound: { provider: addressOf('quinn') } }],
    ['with evidence of another chain', ATTESTATION_RESULT.REPORT_DATA, { bound: { genesisHash: other } }],
    ['with evidence of another block', ATTESTATION_RESULT.REPORT_DATA, { bound: { boundHash: other } }],
    ['with a block that is not there yet', ATTESTATION_RESULT.BOUND_BLOCK, { message: { boundHeight: 10_000 } }],
    ['with evidence that says it is real', ATTESTATION_RESULT.evidence, { message: { simulated: false } }],
    ['with a key that did not sign', ATTESTATION_RESULT.POSSESSION, { message: { possession: new Uint8Array(64) } }],
    ['with a key that another one signed for', ATTESTATION_RESULT.POSSESSION, { message: { signer: keyOf('not ours') } }],
    [
      'with what its key signed for another registration',
      ATTESTATION_RESULT.POSSESSION,
      { message: { possession: possessionOf('signer 1', new Uint8Array(64)) } },
    ],
    ['of AMD, whose least levels this chain does not name', ATTESTATION_RESULT.evidence, { isAmd: true }],
    ['without evidence', ATTESTATION_RESULT.evidence, { message: { evidence: new Uint8Array(0) } }],
    ['with evidence that is none', ATTESTATION_RESULT.evidence, { message: { evidence: bytesOf('noise') } }],
    ['without collateral', ATTESTATION_RESULT.evidence, { message: { collateral: new Uint8Array(0) } }],
    ['with a key of a scheme that there is not', ATTESTATION_RESULT.evidence, { message: { signer: { scheme: 9, key: other } } }],
    ['without an address', RESULT_CODE.TX_MESSAGE, { message: { endpoints: [] } }],
    ['with an address that has a line break', RESULT_CODE.TX_MESSAGE, { message: { endpoints: ['https://a\nb'] } }],
    ['with more stake than there is', RESULT_CODE.TX_MESSAGE, { message: { stake: 2n * FUNDS } }],
    ['with too little stake', RESULT_CODE.TX_MESSAGE, { message: { stake: RULES.minStake - 1n } }],
  ];
  for (const [what, code, faults] of cases) {
    it(what, async () => {
      const result = await chain.register('pat', 'signer 1', faults);
      expect(result.code, result.log).toBe(code);
      expect(result.gasUsed).toBeGreaterThan(150_000);
      expect(chain.registered(keyOf('signer 1'))).toBeUndefined();
      expect(chain.pool).toBe(0n);
    });
  }

  it('with a block that is too old', async () => {
    const late = await Providing.begin();
    const [early, onTime] = [late.registration('pat', 'signer 1'), late.registration('quinn', 'signer 2')];
    await late.skipTo(MAX_BOUND_BLOCK_AGE);
    expect(await late.send('quinn', [{ computeRegister: onTime }])).toMatchObject({ code: 0 });
    expect(await late.send('pat', [{ computeRegister: early }])).toMatchObject({ code: ATTESTATION_RESULT.BOUND_BLOCK });
  });

  it('with simulated evidence on a chain that is not for development', async () => {
    const real = await Providing.begin(providingGenesis({ development: false }));
    expect((await real.register('pat', 'signer 1')).code).toBe(ATTESTATION_RESULT.SIMULATED);
    expect((await real.register('pat', 'signer 1', { message: { simulated: false } })).code).toBe(ATTESTATION_RESULT.evidence);
    expect(real.registered(keyOf('signer 1'))).toBeUndefined();
  });

  it('below the floors of the genesis', async () => {
    const seen = chain.registration('pat', 'signer 1');
    const fmspc = /intel\/tdx\/([0-9a-f]{12})/.exec(Buffer.from(seen.collateral).toString('latin1'))?.[1];
    const floors = { [`simulated/intel/tcbInfo/tdx/${fmspc}`]: 18 };
    const raised = await Providing.begin(providingGenesis({ collateralFloors: floors }));
    const result = await raised.register('pat', 'signer 1');
    expect(result.code, result.log).toBe(ATTESTATION_RESULT.ROLLBACK);
  });

  it('with firmware of AMD below the least that the genesis names', async () => {
    const least = (microcode: number) => ({ 'simulated/amd/Milan/tcb/snp': 22, 'simulated/amd/Milan/tcb/microcode': microcode });
    const low = await Providing.begin(providingGenesis({ collateralFloors: least(214) }));
    expect(await low.register('pat', 'signer 1', { isAmd: true })).toMatchObject({
      code: ATTESTATION_RESULT.evidence,
      log: expect.stringContaining('below the least that are accepted'),
    });
    const enough = await Providing.begin(providingGenesis({ collateralFloors: least(213) }));
    expect(await enough.register('pat', 'signer 1', { isAmd: true })).toMatchObject({ code: 0, log: '' });
    // of real processors it says nothing
    const real = await Providing.begin(providingGenesis({ collateralFloors: { 'amd/Milan/tcb/snp': 22 } }));
    expect((await real.register('pat', 'signer 1', { isAmd: true })).code).toBe(ATTESTATION_RESULT.evidence);
  });

  it('by every node alike: what fails in one alone is no verdict', async () => {
    const message = chain.registration('pat', 'signer 1');
    const { genesisHash } = chain.chain.genesis;
    const context = {
      genesisHash,
      provider: addressOf('pat'),
      boundHash: hashAt(message.boundHeight),
      development: true,
      floors: {},
      time: timeAt(2),
    };
    expect(await checkRegistrationEvidence(message, { ...context, crypto: nobleAttest })).toMatchObject({
      subject: expect.stringMatching(/^intel/),
    });
    // in the collateral first, then in the evidence
    for (const healthy of [0, 9]) {
      let left = healthy;
      const verifyEcdsa: typeof nobleAttest.verifyEcdsa = async (...of) => {
        if (left-- <= 0) throw new Error('the thread has died');
        return nobleAttest.verifyEcdsa(...of);
      };
      const check = checkRegistrationEvidence(message, { ...context, crypto: { ...nobleAttest, verifyEcdsa } });
      await expect(check.catch((error) => PerigeeError.from(error).code)).resolves.toBe('INTERNAL');
    }
  });

  it('on a chain without rules for it', async () => {
    const plain = await Providing.begin(genesisOf({ accounts: [{ address: addressOf('pat'), balance: FUNDS }] }));
    expect((await plain.register('pat', 'signer 1')).code).toBe(RESULT_CODE.TX_MESSAGE);
  });

  it('when a block has as many as it may: it waits for the next', async () => {
    const busy = await Providing.begin();
    const names = Array.from({ length: MAX_REGISTRATIONS_PER_BLOCK + 1 }, (_, i) => `many ${i}`);
    const txs: Uint8Array[] = [];
    for (const name of names) txs.push(await busy.sign('pat', [{ computeRegister: busy.registration('pat', name) }]));
    const { machine } = busy.chain;
    const block = { height: busy.chain.height() + 1, time: { seconds: Math.floor(timeAt(2) / 1_000), nanos: 0 } };
    expect(await machine.processProposal({ ...block, txs })).toEqual({ accept: false });
    const taken = (await machine.prepareProposal({ ...block, txs, maxTxBytes: 1 << 22 })).txs;
    expect(taken).toHaveLength(MAX_REGISTRATIONS_PER_BLOCK);
    expect(await machine.processProposal({ ...block, txs: taken })).toEqual({ accept: true });
    const codes = [];
    for (const tx of txs) codes.push((await machine.checkTx({ tx, type: 'new' })).code);
    expect(codes).toEqual([0, 0, 0, 0, RESULT_CODE.BUSY]);
    expect((await busy.block(taken)).map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect((await busy.block(txs.slice(MAX_REGISTRATIONS_PER_BLOCK)))[0]?.code).toBe(0);
  });
});

function withDebug(attributes: Uint8Array): Uint8Array {
  const changed = attributes.slice();
  changed[0] = (changed[0] ?? 0) | 1;
  return changed;
}
