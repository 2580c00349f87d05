import { readFileSync } from 'node:fs';
import { FLOW_ADDRESS, FLOW_KEY, STORAGE_POOL, STORE, storedFileKey, verifyStateProof } from '@perigee/light-core/state';
import {
  dataRootOf,
  emptyFlow,
  fileTreeOf,
  flowRootOf,
  nobleFileHash,
  proveSegment,
  submissionOf,
  verifySegment,
} from '@perigee/light-core/storage';
import { FlowRecord, fromHex, MESSAGE_KIND, StoredFile, toHex, utf8 } from '@perigee/wire';
import { Transaction } from 'micro-eth-signer';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../../tests/kit/index.ts';
import { checkGenesis, RESULT_CODE } from '../../../src/index.ts';
import { checkConservation } from '../../../src/machine/conservation.ts';
import { FILE_EVENT } from '../../../src/machine/index.ts';
import { StateView } from '../../../src/state/index.ts';
import { addressOf, BALANCE, genesisOf, signerOf, transferTx } from '../../devnet.ts';
import { drive } from '../drive.ts';
import { fileOf, PRICE, Storing, storingGenesis, submitsOf } from './files.ts';

const noData = new Uint8Array(0);

describe('a chain without stored files', () => {
  it('has no store for them, and the app hash that it always had', async () => {
    const chain = await drive(genesisOf());
    const { appHash } = await chain.block();
    expect(() => chain.machine.prove(STORE.storage, FLOW_KEY, 0)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    const other = await drive(storingGenesis({ gasPrice: 0n }));
    expect(toHex((await other.block()).appHash)).not.toBe(toHex(appHash));
    await chain.machine.close();
    await other.machine.close();
  });

  it('takes no submission', async () => {
    const storing = await Storing.begin(genesisOf());
    expect(await storing.submit(fileOf(1), BALANCE)).toMatchObject({ code: RESULT_CODE.TX_MESSAGE, data: noData });
    expect(storing.chain.account('alice').balance).toBe(BALANCE);
    await storing.chain.machine.close();
  });
});

describe('a submission', () => {
  it('gets its place, and pays for its sectors and no more', async () => {
    const storing = await Storing.begin();
    await storing.chain.block();
    expect(storing.flow).toEqual({
      ...emptyFlow(),
      root: new Uint8Array(32),
      submissions: 0,
      paidSectors: 0,
      pool: 0n,
    });
    const submission = fileOf(5_000);
    const result = await storing.submit(submission, 1_000_000n);
    expect(result).toMatchObject({ code: 0, log: '' });
    // 20 chunks: a subtree of 16 and one of 4
    expect(submitsOf(result)).toEqual([{ message: 0, txSeq: 0, startSector: 16, sectors: 20, existing: false }]);
    expect(storing.pool).toBe(20n * PRICE);
    expect(storing.chain.account('alice').balance).toBe(BALANCE - 20n * PRICE - BigInt(result.gasUsed));
    expect(storing.flow).toMatchObject({ length: 36, submissions: 1, paidSectors: 20, pool: 20n * PRICE });
    expect(storing.file(0)).toEqual({
      ...submission,
      txSeq: 0,
      root: dataRootOf(submission.nodes, nobleFileHash),
      startSector: 16,
      author: addressOf('alice'),
      height: 2,
      price: 20n * PRICE,
      flowRoot: storing.flow.root,
    });
    expect(result.events).toEqual([
      {
        type: FILE_EVENT,
        attributes: [
          { key: 'root', value: toHex(dataRootOf(submission.nodes, nobleFileHash)), index: true },
          { key: 'txSeq', value: '0', index: true },
        ],
      },
    ]);
    await storing.chain.machine.close();
  });

  it('that pays one unit too little is refused, and nothing of it is left', async () => {
    const storing = await Storing.begin();
    await storing.chain.block();
    const before = storing.flow;
    const short = await storing.submit(fileOf(5_000), 20n * PRICE - 1n);
    expect(short).toMatchObject({ code: RESULT_CODE.TX_MESSAGE, data: noData, events: [] });
    expect(short.log).toContain('480');
    expect(storing.flow).toEqual(before);
    expect(storing.pool).toBe(0n);
    expect(storing.file(0)).toBeUndefined();
    expect(await storing.submit(fileOf(5_000), 20n * PRICE)).toMatchObject({ code: 0 });
    await storing.chain.machine.close();
  });

  it('without the balance for it, or with nodes that its length is not padded to, is refused', async () => {
    const storing = await Storing.begin(storingGenesis({ storage: { pricePerSector: BALANCE } }));
    expect(await storing.submit(fileOf(1), BALANCE)).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
    const { nodes } = fileOf(5_000);
    for (const length of [0, 19 * 256, 20 * 256 + 1, Number.MAX_SAFE_INTEGER]) {
      const result = await storing.submit({ length, nodes, tags: noData }, BALANCE);
      expect(result).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
    }
    expect(await storing.submit({ length: 1, nodes: [], tags: noData }, BALANCE)).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
    expect(storing.flow.submissions).toBe(0);
    await storing.chain.machine.close();
  });

  it('fails as one with the messages beside it', async () => {
    const storing = await Storing.begin();
    await storing.chain.block();
    const file = (seed: number) => ({ storageSubmit: { ...fileOf(300, seed), value: 2n * PRICE } });
    const away = { transfer: { to: addressOf('bob'), amount: BALANCE } };
    expect(await storing.send('alice', [file(1), file(2), away])).toMatchObject({ code: RESULT_CODE.TX_MESSAGE, data: noData });
    expect(storing.flow.submissions).toBe(0);
    const both = await storing.send('alice', [{ transfer: { to: addressOf('bob'), amount: 1n } }, file(1), file(2)]);
    expect(submitsOf(both).map(({ message, txSeq, startSector }) => [message, txSeq, startSector])).toEqual([
      [1, 0, 2],
      [2, 1, 4],
    ]);
    await storing.chain.machine.close();
  });

  it('leads from a header to a segment of the file', async () => {
    const storing = await Storing.begin();
    const data = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7) & 255);
    const tree = fileTreeOf(data, nobleFileHash);
    const raw = await transferTx(storing.chain.genesis, {
      gasLimit: 1_000_000,
      messages: [{ storageSubmit: { ...submissionOf(tree), value: BALANCE } }],
    });
    const { appHash } = await storing.chain.block([raw]);
    const key = storedFileKey(0);
    const proof = storing.chain.machine.prove(STORE.storage, key, 0);
    const file = StoredFile.decode(verifyStateProof(proof, { appHash, store: STORE.storage, key }) ?? noData);
    const segment = new Uint8Array(148 * 256);
    segment.set(data.subarray(262_144));
    const got = verifySegment(file, { index: 1, data: segment, proof: proveSegment(tree, 1) }, nobleFileHash);
    expect(Buffer.compare(got, data.subarray(262_144))).toBe(0);
    await storing.chain.machine.close();
  });

  it('of the contract has the same places and roots here', async () => {
    interface Step {
      readonly length: number;
      readonly nodes: readonly { readonly root: string; readonly height: number }[];
      readonly start: number;
      readonly flowLength: number;
      readonly root: string;
    }
    const { steps }: { steps: readonly Step[] } = JSON.parse(
      readFileSync(new URL('../../../../../tests/vectors/storage-flow.json', import.meta.url), 'utf8'),
    );
    const storing = await Storing.begin(storingGenesis({ storage: { pricePerSector: 0n }, gasPrice: 0n }));
    for (const [txSeq, step] of steps.slice(0, 30).entries()) {
      const nodes = step.nodes.map(({ root, height }) => ({ root: fromHex(root), height }));
      const result = await storing.submit({ length: step.length, nodes, tags: noData }, 0n);
      expect(submitsOf(result)).toMatchObject([{ txSeq, startSector: step.start }]);
      const { root, length } = storing.flow;
      expect({ length, root: `0x${toHex(root)}` }).toEqual({ length: step.flowLength, root: step.root });
      expect(toHex(storing.file(txSeq)?.flowRoot ?? noData)).toBe(toHex(root));
      expect(toHex(flowRootOf(storing.flow, nobleFileHash))).toBe(toHex(root));
    }
    await storing.chain.machine.close();
  });
});

describe('a file that is there', () => {
  it('keeps its place whoever submits it again, and costs no more than the gas', async () => {
    const storing = await Storing.begin();
    await storing.submit(fileOf(5_000), BALANCE / 2n);
    await storing.submit(fileOf(600), BALANCE / 2n);
    const { flow, pool } = storing;
    for (const from of ['alice', 'bob']) {
      const before = storing.chain.account(from).balance;
      const again = await storing.submit(fileOf(5_000), 20n * PRICE, from);
      expect(again).toMatchObject({ code: 0, events: [] });
      expect(submitsOf(again)).toEqual([{ message: 0, txSeq: 0, startSector: 16, sectors: 20, existing: true }]);
      expect(storing.chain.account(from).balance).toBe(before - BigInt(again.gasUsed));
    }
    expect(storing.flow).toEqual(flow);
    expect(storing.pool).toBe(pool);
    expect(storing.file(0)?.author).toEqual(addressOf('alice'));
    await storing.chain.machine.close();
  });

  it('is paid for once when it is submitted twice in one block', async () => {
    const storing = await Storing.begin();
    await storing.chain.block();
    const messages = [{ storageSubmit: { ...fileOf(5_000), value: BALANCE / 4n } }];
    const raws = await Promise.all(
      ['alice', 'bob'].map((from) => transferTx(storing.chain.genesis, { from, gasLimit: 1_000_000, messages })),
    );
    for (const tx of raws) expect(await storing.chain.machine.checkTx({ tx, type: 'new' })).toMatchObject({ code: 0 });
    const { txResults } = await storing.chain.block(raws);
    expect(txResults.flatMap(submitsOf).map(({ existing }) => existing)).toEqual([false, true]);
    expect(storing.pool).toBe(20n * PRICE);
    await storing.chain.machine.close();
  });

  it('is another one at another length, though the root is the same', async () => {
    const storing = await Storing.begin();
    const zeros = (length: number) => submissionOf(fileTreeOf(new Uint8Array(length), nobleFileHash));
    const root = zeros(1).nodes[0]?.root ?? noData;
    await storing.submit(zeros(1), PRICE);
    expect(submitsOf(await storing.submit(zeros(256), PRICE))).toMatchObject([{ txSeq: 1, existing: false }]);
    expect(submitsOf(await storing.submit(zeros(1), PRICE))).toMatchObject([{ txSeq: 0, existing: true }]);
    expect(submitsOf(await storing.submit(zeros(256), PRICE))).toMatchObject([{ txSeq: 1, existing: true }]);
    expect(storing.txSeqOf(root)).toBe(1);
    expect([0, 1].map((txSeq) => storing.file(txSeq)?.length)).toEqual([1, 256]);
    await storing.chain.machine.close();
  });

  it('is new each time that it has tags: it is a message of its author', async () => {
    const storing = await Storing.begin();
    const tagged = { ...fileOf(600), tags: utf8('stream') };
    const results = [];
    for (const from of ['alice', 'bob', 'alice']) results.push(await storing.submit(tagged, 3n * PRICE, from));
    expect(results.flatMap(submitsOf)).toMatchObject([0, 1, 2].map((txSeq) => ({ txSeq, existing: false })));
    expect([0, 1, 2].map((txSeq) => toHex(storing.file(txSeq)?.author ?? noData))).toEqual(
      ['alice', 'bob', 'alice'].map((name) => toHex(addressOf(name))),
    );
    // nor is one without tags the same
    expect(submitsOf(await storing.submit(fileOf(600), 3n * PRICE))).toMatchObject([{ txSeq: 3, existing: false }]);
    expect(storing.txSeqOf(storing.file(0)?.root ?? noData)).toBe(3);
    await storing.chain.machine.close();
  });
});

describe('who may submit', () => {
  it('is a session key within what it may spend', async () => {
    const storing = await Storing.begin();
    const key = signerOf('session').publicKey;
    const kinds = [MESSAGE_KIND.storageSubmit];
    await storing.send('alice', [{ grantSession: { key, kinds, cap: 50_000n, expiryHeight: 100 } }]);
    const bySession = async (nonce: number, seed: number, length: number) =>
      storing.run(
        await transferTx(storing.chain.genesis, {
          from: 'session',
          account: addressOf('alice'),
          nonce,
          gasLimit: 1_000_000,
          maxFee: 30_000n,
          messages: [{ storageSubmit: { ...fileOf(length, seed), value: BALANCE / 2n } }],
        }),
      );
    // gas for each takes some 10,000 of the cap, and 2,048 sectors would take 49,152
    expect(await bySession(1, 1, 2_048 * 256)).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
    expect(await bySession(2, 1, 600)).toMatchObject({ code: 0 });
    expect(storing.file(0)?.author).toEqual(addressOf('alice'));
    await storing.chain.machine.close();
  });

  it('is the signer of an Ethereum transaction, whatever submitter it names', async () => {
    const stored: { submissions: { length: number }[]; calls: [string, string][] } = JSON.parse(
      readFileSync(new URL('../../../../../tests/vectors/storage-calls.json', import.meta.url), 'utf8'),
    );
    const secret = `0x${'46'.repeat(32)}`;
    const author = '9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f';
    const genesis = storingGenesis({
      storage: { pricePerSector: 1n },
      ethereumChainId: 31_337,
      accounts: [{ address: fromHex(author), balance: 10n ** 24n }],
    });
    const storing = await Storing.begin(genesis);
    let nonce = 0n;
    const call = async (data: string, value: bigint) => {
      const fields = { to: `0x${toHex(FLOW_ADDRESS)}`, value, data, nonce, gasLimit: 300_000n, chainId: 31_337n };
      nonce += 1n;
      const tx = Transaction.prepare({ type: 'eip1559', ...fields, maxFeePerGas: 1n, maxPriorityFeePerGas: 0n }, false).signBy(
        secret,
        false,
      );
      return storing.run(fromHex(tx.toHex()));
    };
    const [[without = '', withSubmitter = ''] = []] = stored.calls;
    const first = await call(without, 10n ** 13n);
    expect(first).toMatchObject({ code: 0, log: '' });
    const [{ sectors } = { sectors: 0 }] = submitsOf(first);
    expect(storing.pool).toBe(BigInt(sectors));
    expect(toHex(storing.file(0)?.author ?? noData)).toBe(author);
    const isTagged = (storing.file(0)?.tags.length ?? 0) > 0;
    expect(submitsOf(await call(withSubmitter, 10n ** 13n))).toMatchObject([{ existing: !isTagged }]);
    const batch = await call(stored.calls.at(-1)?.[1] ?? '', 10n ** 15n);
    expect(submitsOf(batch).map(({ message }) => message)).toEqual(stored.submissions.map((_, i) => i));
    const paid = storing.flow.paidSectors;
    expect(storing.pool).toBe(BigInt(paid));
    // too little for those of the batch that have tags, and are new again
    expect(await call(stored.calls.at(-1)?.[1] ?? '', 1n)).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
    expect(storing.pool).toBe(BigInt(paid));
    // nothing can be sent to the flow itself, and nothing else called
    expect(await call('0x', 5n)).toMatchObject({ code: RESULT_CODE.TX_MESSAGE, gasUsed: 0 });
    expect(await call('0x80f55605', 0n)).toMatchObject({ code: RESULT_CODE.TX_MESSAGE, gasUsed: 0 });
    await storing.chain.machine.close();
  });
});

describe('the storage pool', () => {
  it('can be paid by nobody else, and no genesis gives it anything', async () => {
    const storing = await Storing.begin();
    for (const to of [STORAGE_POOL, FLOW_ADDRESS]) {
      expect(await storing.send('alice', [{ transfer: { to, amount: 1n } }])).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
    }
    await storing.chain.machine.close();
    expect(() => storingGenesis({ accounts: [{ address: STORAGE_POOL, balance: 1n }] })).toThrow(
      expect.objectContaining({ code: 'GENESIS' }),
    );
  });

  it('holds what its record says, or the block is not committed', () => {
    const record = (pool: bigint) => ({ ...emptyFlow(), root: new Uint8Array(32), submissions: 0, paidSectors: 0, pool });
    const view = new StateView({ get: () => undefined });
    view.write(STORE.storage, FLOW_KEY, FlowRecord, record(0n));
    checkConservation(view, 0n);
    view.write(STORE.storage, FLOW_KEY, FlowRecord, record(1n));
    expect(() => checkConservation(view, 0n)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});

describe('the state of files', () => {
  it('is there after a restart, and genesis keeps its price', async () => {
    const dir = temporaryFolder('storing');
    const storing = await Storing.begin(storingGenesis(), dir);
    await storing.submit(fileOf(5_000), BALANCE / 2n);
    const { flow } = storing;
    await storing.chain.machine.close();
    const again = await Storing.begin(storingGenesis(), dir);
    expect(again.flow).toEqual(flow);
    await again.chain.block();
    expect(again.flow).toEqual(flow);
    await again.chain.machine.close();
    const { initChain } = storingGenesis();
    expect(checkGenesis(initChain).appState.storage).toEqual({ pricePerSector: PRICE });
  });
});
