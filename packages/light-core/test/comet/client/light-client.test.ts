import { type HeaderAnswer, PerigeeError, TRUSTING_PERIOD_MS } from '@perigee/wire';
import { describe, expect, test } from 'vitest';
import { memoryValues, openHeaderStore, type TxProvider, verifiedTx } from '../../../src/comet/client/index.ts';
import { unverified } from '../../../src/comet/index.ts';
import { codeOf, commitOf, headerOf } from '../asserts.ts';
import { CHAIN_ID, makeBlock, makeChain, START, testValidators } from '../chain.ts';
import { checkpointOf, clientOf, clockAfter, TestNode } from './test-node.ts';

const four = testValidators('client', [10, 10, 10, 10]);
const chain = makeChain(12, () => four);
const nodes = (blocks: readonly HeaderAnswer[] = chain) =>
  [new TestNode('primary', blocks), new TestNode('witness', blocks)] as const;
const blockAt = (height: number): HeaderAnswer => chain[height - 1] as HeaderAnswer;

describe('forward', () => {
  test('10,000 heights with a stable set: one commit, no set', async () => {
    const blocks = [makeBlock({ height: 1, validators: four }), makeBlock({ height: 10_001, validators: four })];
    const [primary, witness] = nodes(blocks);
    const store = await openHeaderStore({ values: memoryValues(), chainId: CHAIN_ID });
    const first = await clientOf(primary, [witness], { store });
    expect([primary.headersAsked, primary.setsAsked, witness.setsAsked]).toEqual([[1], [1], []]);

    const again = nodes(blocks);
    const client = await clientOf(again[0], [again[1]], { store });
    expect((await client.verifyToHeight(10_001)).headerHash).toEqual(checkpointOf(blocks[1] as HeaderAnswer).headerHash);
    expect([again[0].headersAsked, again[0].setsAsked]).toEqual([[10_001], []]);
    expect([again[1].headersAsked, again[1].setsAsked]).toEqual([[10_001], []]);
    expect(first.latest.header.height).toBe(1);
  });

  test('update takes the latest, and gives it again when nothing is newer', async () => {
    const [primary, witness] = nodes();
    const client = await clientOf(primary, [witness]);
    expect((await client.update()).header.height).toBe(12);
    expect((await client.update()).header.height).toBe(12);
    expect(primary.headersAsked).toEqual([1, 0, 0]);
    primary.add(makeBlock({ height: 13, validators: four, previous: blockAt(12) }));
    witness.add(makeBlock({ height: 13, validators: four, previous: blockAt(12) }));
    expect((await client.update()).header.height).toBe(13);
  });

  test('what was verified is not asked for again', async () => {
    const [primary, witness] = nodes();
    const client = await clientOf(primary, [witness]);
    const [a, b] = await Promise.all([client.verifyToHeight(9), client.verifyToHeight(9)]);
    expect(a).toEqual(b);
    expect(primary.headersAsked).toEqual([1, 9]);
  });

  test('a height between two that are kept is verified by the lower one', async () => {
    const [primary, witness] = nodes();
    const client = await clientOf(primary, [witness]);
    await client.verifyToHeight(11);
    expect((await client.verifyToHeight(5)).header.height).toBe(5);
    expect(primary.headersAsked).toEqual([1, 11, 5]);
    expect(client.latest.header.height).toBe(11);
  });

  // a window of four over the pool that moves by one every third block
  const pool = testValidators('pool', new Array<number>(12).fill(10));
  const moving = makeChain(24, (height) => pool.slice(Math.floor(height / 3), Math.floor(height / 3) + 4));

  test('sets that change: skipping verifies some headers, and asks for none twice', async () => {
    const [primary, witness] = nodes(moving);
    const client = await clientOf(primary, [witness]);
    expect((await client.verifyToHeight(24)).header.height).toBe(24);
    expect(new Set(primary.headersAsked).size).toBe(primary.headersAsked.length);
    expect(primary.headersAsked.length).toBeLessThan(14);
    expect(witness.headersAsked).toEqual([1, 24]);
  });

  test('sequential verifies every header', async () => {
    const [primary, witness] = nodes(moving);
    const client = await clientOf(primary, [witness], { mode: 'sequential' });
    await client.verifyToHeight(24);
    expect(primary.headersAsked).toEqual([1, 24, ...Array.from({ length: 22 }, (_, i) => i + 2)]);
  });

  test('a trust level of all of the power finds its way too', async () => {
    const [primary, witness] = nodes(moving);
    const client = await clientOf(primary, [witness], { trustLevel: { numerator: 2n, denominator: 3n } });
    expect((await client.verifyToHeight(24)).header.height).toBe(24);
  });
});

describe('back', () => {
  const later = { checkpoints: [checkpointOf(blockAt(10))] };

  test('goes by the hashes of headers alone, and looks at no set', async () => {
    const [primary, witness] = nodes();
    const client = await clientOf(primary, [witness], later);
    expect((await client.verifyToHeight(7)).headerHash).toEqual(checkpointOf(blockAt(7)).headerHash);
    expect(primary.headersAsked).toEqual([10, 9, 8, 7]);
    expect(primary.setsAsked).toEqual([10]);
  });

  test('goes back too when what lies before has expired', async () => {
    const [primary, witness] = nodes();
    const clock = clockAfter(blockAt(12));
    const trustingPeriodMs = 30_000;
    clock.set(START.seconds * 1000 + 20_000);
    const client = await clientOf(primary, [witness], { clock, trustingPeriodMs, clockDriftMs: 60_000 });
    await client.verifyToHeight(5);
    clock.set(START.seconds * 1000 + 40_000); // header 1 has expired, header 5 has not
    primary.headersAsked.length = 0;
    expect((await client.verifyToHeight(3)).header.height).toBe(3);
    expect(primary.headersAsked).toEqual([4, 3]);
  });

  test('another header in the way: its sender is asked no more', async () => {
    const [primary, witness] = nodes();
    primary.add(makeBlock({ height: 8, validators: four, header: { appHash: new Uint8Array(32) } }));
    const client = await clientOf(primary, [witness, new TestNode('third', chain)], later);
    expect((await client.verifyToHeight(7)).headerHash).toEqual(checkpointOf(blockAt(7)).headerHash);
    expect(client.providers).toEqual({ primary: 'witness', witnesses: ['third'] });
  });

  test('is not gone without end', async () => {
    const far = makeBlock({ height: 20_000, validators: four });
    const [primary, witness] = nodes([far]);
    const client = await clientOf(primary, [witness]);
    expect(await codeOf(() => client.verifyToHeight(1))).toBe('INVALID_ARGUMENT');
  });
});

describe('a header from elsewhere', () => {
  test('is compared with that of the chain, in every field', async () => {
    const client = await clientOf(...withWitness());
    const header = headerOf(blockAt(6));
    expect((await client.verifyHeader(unverified(header))).header).toEqual(header);
    expect(await codeOf(() => client.verifyHeader(unverified({ ...header, appHash: new Uint8Array(32) })))).toBe('HEADER_HASH');
    expect(await codeOf(() => client.verifyHeader(unverified({ ...header, height: 0 })))).toBe('INVALID_ARGUMENT');
    expect(await codeOf(() => client.verifyHeader(unverified({ ...header, height: 99 })))).toBe('NOT_FOUND');
  });
});

describe('providers', () => {
  const never = () => new Promise<never>(() => {});
  const forged = (height: number): HeaderAnswer => {
    const block = structuredClone(blockAt(height));
    for (const { signature } of commitOf(block).signatures) signature[7] = (signature[7] ?? 0) ^ 1;
    return block;
  };

  test('a primary that does not answer changes places with a witness', async () => {
    const [primary, witness] = nodes();
    const client = await clientOf(primary, [witness, new TestNode('third', chain)]);
    primary.fails = never;
    expect((await client.verifyToHeight(9)).header.height).toBe(9);
    expect(client.providers).toEqual({ primary: 'witness', witnesses: ['third', 'primary'] });
  });

  test('a primary that throws something else is one that does not answer', async () => {
    const [primary, witness] = nodes();
    const client = await clientOf(primary, [witness, new TestNode('third', chain)]);
    primary.fails = async () => {
      throw new TypeError('fetch failed');
    };
    expect((await client.verifyToHeight(9)).header.height).toBe(9);
    expect(client.providers.primary).toBe('witness');
  });

  test('what one says of our trust, our clock or itself is its word: another is asked, and it is no verdict', async () => {
    for (const code of ['TRUST_EXPIRED', 'HEADER_FUTURE', 'CONFLICTING_HEADERS', 'INTERNAL', 'HEADER'] as const) {
      const [primary, witness] = nodes();
      const client = await clientOf(primary, [witness, new TestNode('third', chain), new TestNode('fourth', chain)]);
      const says = async () => {
        throw new PerigeeError(code, 'get a newer trust root from evil.example', { data: { remote: true } });
      };
      primary.fails = says;
      expect((await client.verifyToHeight(9)).header.height, code).toBe(9);
      expect(client.providers, code).toEqual({ primary: 'witness', witnesses: ['third', 'fourth', 'primary'] });
      witness.fails = says;
      expect((await client.verifyToHeight(10)).header.height, code).toBe(10);
    }
    const [primary, witness] = nodes();
    const client = await clientOf(primary, [witness]);
    for (const node of [primary, witness]) {
      node.fails = async () => {
        throw new PerigeeError('TRUST_EXPIRED', 'get a newer trust root', { data: { remote: true } });
      };
    }
    expect(await codeOf(() => client.verifyToHeight(9))).toBe('REFUSED');
  });

  test('a primary that lies is asked no more', async () => {
    const [primary, witness] = nodes();
    const client = await clientOf(primary, [witness, new TestNode('third', chain)]);
    primary.add(forged(9));
    expect((await client.verifyToHeight(9)).header.height).toBe(9);
    expect(client.providers).toEqual({ primary: 'witness', witnesses: ['third'] });
  });

  test('when all are wrong, the error of the last one is said', async () => {
    const [primary, witness] = nodes();
    const client = await clientOf(primary, [witness]);
    primary.add(forged(9));
    witness.add(forged(9));
    expect(await codeOf(() => client.verifyToHeight(9))).toBe('SIGNATURE');
    expect(await codeOf(() => client.verifyToHeight(9))).toBe('UNREACHABLE'); // nobody is left to compare with
  });

  test('without a witness there is no client', async () => {
    const [primary] = nodes();
    expect(await codeOf(() => clientOf(primary, []))).toBe('INVALID_ARGUMENT');
    expect(await codeOf(() => clientOf(primary, [primary]))).toBe('INVALID_ARGUMENT');
    expect(await codeOf(() => clientOf(primary, [new TestNode('other', chain), new TestNode('primary', chain)]))).toBe(
      'INVALID_ARGUMENT',
    );
  });

  test('what no witness has is not believed', async () => {
    const [primary, witness] = nodes();
    const client = await clientOf(primary, [witness]);
    witness.fails = never;
    expect(await codeOf(() => client.verifyToHeight(9))).toBe('UNREACHABLE');
    expect(client.latest.header.height).toBe(1);
    witness.fails = undefined;
    expect((await client.verifyToHeight(9)).header.height).toBe(9);
  });

  test('a witness that lags is waited for', async () => {
    const primary = new TestNode('primary', chain);
    const witness = new TestNode('witness', chain.slice(0, 8));
    const clock = clockAfter(blockAt(12));
    let waits = 0;
    clock.onWait = () => {
      if (++waits === 4) for (const block of chain) witness.add(block);
    };
    const client = await clientOf(primary, [witness], { clock });
    expect((await client.verifyToHeight(12)).header.height).toBe(12);
    expect(waits).toBe(4);
  });

  test('one that lags too long says nothing', async () => {
    const primary = new TestNode('primary', chain);
    const witness = new TestNode('witness', chain.slice(0, 8));
    const clock = clockAfter(blockAt(12));
    const client = await clientOf(primary, [witness], { clock, clockDriftMs: 1_000, blockLagMs: 1_000 });
    expect(await codeOf(() => client.verifyToHeight(12))).toBe('UNREACHABLE');
    expect(client.providers.witnesses).toEqual(['witness']);
  });

  test('a witness whose other header nobody signed is dropped', async () => {
    const [primary, witness] = nodes();
    const third = new TestNode('third', chain);
    const client = await clientOf(primary, [witness, third]);
    witness.add(makeBlock({ height: 9, validators: four, header: { appHash: new Uint8Array(8) }, flag: () => 'absent' }));
    expect((await client.verifyToHeight(9)).header.height).toBe(9);
    expect(client.providers.witnesses).toEqual(['third']);
  });

  test('whoever gave up is not waited for', async () => {
    const [primary, witness] = nodes();
    const client = await clientOf(primary, [witness]);
    const stop = new AbortController();
    primary.fails = () => {
      stop.abort();
      return never();
    };
    expect(await codeOf(() => client.verifyToHeight(9, { signal: stop.signal }))).toBe('ABORTED');
    expect(client.providers.primary).toBe('primary');
  });
});

describe('a transaction', () => {
  test('is not waited for without end, whoever was asked for it', async () => {
    const [primary, witness] = nodes();
    const client = await clientOf(primary, [witness]);
    let given: AbortSignal | undefined;
    const silent: TxProvider = {
      tx(_, { signal }) {
        given = signal;
        return new Promise(() => {});
      },
      blockResults: () => new Promise(() => {}),
    };
    expect(await codeOf(() => verifiedTx(client, silent, new Uint8Array(32)))).toBe('TIMEOUT');
    expect(given?.aborted).toBe(true);
  });
});

describe('what is refused', () => {
  const others = testValidators('others', [10, 10, 10, 10]);
  const late = { seconds: START.seconds + 86_400, nanos: 0 };

  test.each([
    [
      'a header of another chain',
      makeBlock({ height: 9, validators: four, header: { chainId: 'test-00000000' } }),
      'WRONG_CHAIN',
    ],
    ['a header of the future', makeBlock({ height: 9, validators: four, header: { time: late } }), 'HEADER_FUTURE'],
    ['a header that is not later', makeBlock({ height: 9, validators: four, header: { time: START } }), 'HEADER_TIME'],
    ['a set of strangers', makeBlock({ height: 9, validators: others }), 'VALIDATOR_SET'],
    [
      'too little power',
      makeBlock({ height: 9, validators: four, flag: (i) => (i < 2 ? 'commit' : 'absent') }),
      'NOT_ENOUGH_POWER',
    ],
    ['the block of another height', { ...blockAt(8) }, 'HEADER'],
  ])('%s, of every provider', async (_, block, code) => {
    const [primary, witness] = nodes(chain.slice(0, 8));
    for (const node of [primary, witness]) node.blocks.set(9, block);
    const client = await clientOf(primary, [witness], { clock: clockAfter(blockAt(12)) });
    expect(await codeOf(() => client.verifyToHeight(9))).toBe(code);
    expect(client.latest.header.height).toBe(1);
  });
});

describe('trust', () => {
  test('begins with the highest checkpoint; the others are held against what is verified', async () => {
    const [primary, witness] = nodes();
    const checkpoints = [checkpointOf(blockAt(3)), checkpointOf(blockAt(6))];
    const client = await clientOf(primary, [witness], { checkpoints });
    expect(client.latest.header.height).toBe(6);
    expect((await client.verifyToHeight(3)).header.height).toBe(3);
    const wrong = await clientOf(primary, [witness], {
      checkpoints: [{ height: 3, headerHash: new Uint8Array(32) }, checkpointOf(blockAt(6))],
    });
    expect(await codeOf(() => wrong.verifyToHeight(3))).toBe('TRUST_ROOT');
    expect(await codeOf(() => clientOf(primary, [witness], { checkpoints: [] }))).toBe('INVALID_ARGUMENT');
  });

  test('a checkpoint with another hash, or past the trusting period, is none', async () => {
    const [primary, witness] = nodes();
    const checkpoints = [{ height: 3, headerHash: new Uint8Array(32) }];
    expect(await codeOf(() => clientOf(primary, [witness], { checkpoints }))).toBe('TRUST_ROOT');
    const clock = clockAfter(blockAt(12));
    clock.set(clock.now() + TRUSTING_PERIOD_MS);
    const again = nodes();
    expect(await codeOf(() => clientOf(again[0], [again[1]], { clock }))).toBe('TRUST_EXPIRED');
  });

  test('a witness that has another header at the checkpoint', async () => {
    const [primary, witness] = nodes();
    witness.add(makeBlock({ height: 1, validators: four, header: { appHash: new Uint8Array(32) } }));
    expect(await codeOf(() => clientOf(primary, [witness]))).toBe('CONFLICTING_HEADERS');
  });

  test('ends while the program runs', async () => {
    const [primary, witness] = nodes();
    const clock = clockAfter(blockAt(12));
    const client = await clientOf(primary, [witness], { clock });
    clock.set(clock.now() + TRUSTING_PERIOD_MS);
    expect(await codeOf(() => client.verifyToHeight(9))).toBe('TRUST_EXPIRED');
  });

  test('goes on from the store, unless a checkpoint is later, says otherwise, or what is kept has expired', async () => {
    const store = await openHeaderStore({ values: memoryValues(), chainId: CHAIN_ID });
    const [primary, witness] = nodes();
    await (await clientOf(primary, [witness], { store })).verifyToHeight(6);
    const begin = async (options: Parameters<typeof clientOf>[2]) =>
      (await clientOf(primary, [witness], { store, ...options })).latest.header.height;
    expect(await begin({})).toBe(6);
    expect(await begin({ checkpoints: [checkpointOf(blockAt(8))] })).toBe(8);
    expect(await store.at(6)).toBeUndefined();
    const other = makeBlock({ height: 8, validators: four, header: { appHash: new Uint8Array(32) } });
    const fork = [new TestNode('a', [other]), new TestNode('b', [other])] as const;
    const client = await clientOf(fork[0], [fork[1]], { store, clock: clockAfter(blockAt(12)) });
    expect(client.latest.headerHash).toEqual(checkpointOf(other).headerHash);
  });

  test('a checkpoint that what is kept went past is begun with: what is kept may be of a fork', async () => {
    const store = await openHeaderStore({ values: memoryValues(), chainId: CHAIN_ID });
    const [primary, witness] = nodes();
    await (await clientOf(primary, [witness], { store })).verifyToHeight(6);
    // of the same validators, from height 2 on
    const fork = chain.map((block, i) =>
      i === 0 ? block : makeBlock({ height: i + 1, validators: four, header: { appHash: new Uint8Array(32) } }),
    );
    const others = [new TestNode('a', fork), new TestNode('b', fork)] as const;
    const checkpoints = [checkpointOf(fork[3] as HeaderAnswer)];
    const client = await clientOf(others[0], [others[1]], { store, checkpoints });
    expect(client.latest.headerHash).toEqual(checkpoints[0]?.headerHash);
    expect(await store.at(6)).toBeUndefined();
    expect((await client.verifyToHeight(6)).headerHash).toEqual(checkpointOf(fork[5] as HeaderAnswer).headerHash);

    others[0].headersAsked.length = 0;
    expect((await clientOf(others[0], [others[1]], { store, checkpoints })).latest.header.height).toBe(6);
    expect(others[0].headersAsked).toEqual([]);
  });

  test('a checkpoint that has expired does not end what is kept and has not', async () => {
    const store = await openHeaderStore({ values: memoryValues(), chainId: CHAIN_ID });
    const [primary, witness] = nodes();
    const clock = clockAfter(blockAt(12));
    clock.set(START.seconds * 1000 + 20_000);
    const options = { store, clock, trustingPeriodMs: 30_000, clockDriftMs: 60_000 };
    await (await clientOf(primary, [witness], options)).verifyToHeight(8);
    clock.set(START.seconds * 1000 + 45_000); // header 2 has expired, header 8 has not
    const client = await clientOf(primary, [witness], { ...options, checkpoints: [checkpointOf(blockAt(2))] });
    expect(client.latest.header.height).toBe(8);
  });
});

function withWitness(): [TestNode, [TestNode]] {
  const [primary, witness] = nodes();
  return [primary, [witness]];
}
