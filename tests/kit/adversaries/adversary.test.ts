/**
 * Each adversary, a process among honest ones, gets exactly its verdict from `perigee sample`, and nobody else is blamed; what `perigee status` says of who
 * lies about the chain itself, and of a clock that is wrong. One network is for all, so the tests have an order: first all are honest, then one is not, at
 * last three.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AdversaryProcess,
  type Fault,
  type Network,
  runPerigee,
  startAdversaryProcess,
  startNetwork,
  temporaryFolder,
} from '../index.ts';
import { buildPrograms } from '../programs.ts';

/** So many bytes give K = 1024: each of four members holds rows that nobody else holds. */
const BYTES = 2_200_000;
const LIAR = 3;
const isLong = process.env.PERIGEE_LONG === '1';
const REDUNDANCIES = isLong ? ([2, 4] as const) : ([4] as const);
/** Faults that are tried in every run; the others are much like one of these. */
const SHORT = new Set<Fault['kind']>(['bitFlip', 'withhold', 'flood']);
/** A liar that does wrong only to some rows is caught in one sample or the next. */
const MAX_SAMPLES = 5;
/** Samples of one that answers only some askers, who are drawn anew each time. */
const ASKERS = isLong ? 5 : 2;
/** Where evidence is changed, as shares of its length; `packages/light-core/test/evidence.test.ts` changes it anywhere. */
const CHANGED = isLong ? [0, 0.03, 0.3, 0.6, 0.9, 0.999] : [0.03, 0.6];

const HOUR_MS = 3_600_000;
/** Headers are as old as the network of this file. */
const MINUTES_MS = 300_000;
/** A header older than this is no longer current (PROTOCOL §5), and then some. */
const OLD_MS = 32_000;
const HOOK = new URL('../clock-hook.mjs', import.meta.url).href;

/** What `perigee sample --json` says, as far as it is looked at here. */
interface Sampled {
  readonly outcome: string;
  readonly rows: readonly { readonly index: number; readonly verdict: string; readonly peerId?: string }[];
  readonly operators: number;
  readonly evidence: readonly string[];
  readonly peers: readonly { readonly peerId: string; readonly banned?: string }[];
}

async function sample(blobId: string, chain: string, words: readonly string[] = []): Promise<Sampled> {
  const { stdout, output } = await runPerigee(['sample', blobId, '--chain', chain, '--json', ...words]);
  if (!stdout.includes('{')) throw new Error(`perigee sample said nothing:\n${output}`);
  return JSON.parse(stdout) as Sampled;
}

/** What a sample found of the liar; of all others, nobody may be banned. */
function seenOf(liar: AdversaryProcess, found: Sampled) {
  const banned = found.peers.filter((peer) => peer.banned !== undefined);
  expect(banned.filter(({ peerId }) => peerId !== liar.peerId)).toEqual([]);
  const wrong = found.rows.filter(({ verdict }) => verdict !== 'verified').map(({ verdict }) => verdict);
  const given = found.rows.filter(({ peerId }) => peerId === liar.peerId).map(({ verdict }) => verdict);
  return { ...found, verdicts: [...new Set(wrong)], given: new Set(given), banned: banned[0]?.banned };
}

let network: Network;
/** Its blobs, by their redundancy. */
const blobs = new Map<number, string>();
let root: {
  readonly chainId: string;
  readonly genesisHash: string;
  readonly height: number;
  readonly headerHash: string;
  readonly time: string;
};

beforeAll(async () => {
  await buildPrograms();
  network = await startNetwork({ providers: 0 });
  root = JSON.parse(readFileSync(network.chain, 'utf8'));
  for (const redundancy of REDUNDANCIES) blobs.set(redundancy, await network.publish(BYTES, { redundancy }));
}, 240_000);
afterAll(() => network?.stop(), 60_000);

async function status(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, output } = await runPerigee(['status', '--json', ...words], { env });
  const said = JSON.parse(stdout === '' ? (output.trim().split('\n').at(-1) ?? '') : stdout);
  return { code, said };
}

it('a node with its own genesis is refused, by a trust root and by a link, alone and among honest ones', async () => {
  const liar = await startAdversaryProcess({
    home: network.home,
    chain: network.chain,
    fault: { kind: 'ownGenesis' },
    friends: [],
  });
  const link = `${root.chainId}:${root.height}:${root.headerHash}`;
  const named = liar.multiaddrs.flatMap((address) => ['--peer', address]);
  const honest = network.nodes.flatMap(({ multiaddrs }) =>
    multiaddrs.filter((one) => one.includes('/tcp/')).flatMap((one) => ['--peer', one]),
  );
  const [alone, aloneByLink, among, amongByLink] = await Promise.all([
    status(['--chain', network.chainOf(liar.multiaddrs)]),
    status(['--trust', link, ...named]),
    status(['--chain', network.chain, ...named]),
    status(['--trust', link, ...named, ...honest]),
  ]);
  for (const { code, said } of [alone, aloneByLink]) {
    expect(code).toBe(1);
    expect(said.error.code).toMatch(/^(WRONG_CHAIN|TRUST_ROOT)$/);
  }
  for (const { code, said } of [among, amongByLink]) {
    expect(code).toBe(0);
    expect(said.chain).toMatchObject({ chainId: root.chainId, genesisHash: root.genesisHash });
  }
  await liar.process.stop();
}, 240_000);

it.each([
  ['ahead', 1],
  ['behind', -1],
] as const)(
  'a clock that is one hour %s is said to be so, and nobody is blamed for it',
  async (state, sign) => {
    const env = { NODE_OPTIONS: `--import=${HOOK}`, PERIGEE_CLOCK_OFFSET_MS: `${sign * HOUR_MS}` };
    const { code, said } = await status(['--chain', network.chain], env);
    if (state === 'ahead') {
      expect(said).toMatchObject({ freshness: 'stale', clock: { state } });
      expect(Math.abs(said.clock.offsetMs - HOUR_MS)).toBeLessThan(MINUTES_MS);
    } else {
      expect(code).toBe(1);
      expect(said.error).toMatchObject({ code: 'HEADER_FUTURE', message: expect.stringContaining('clock') });
      expect(Math.abs(said.error.data.aheadMs - HOUR_MS)).toBeLessThan(MINUTES_MS);
    }
  },
  240_000,
);

describe.each(REDUNDANCIES)('at %i×, one of four', (redundancy) => {
  const blobOf = (): string => blobs.get(redundancy) ?? expect.unreachable();

  const all: [string, Fault, { verdict: string; also?: string; banned?: RegExp }][] = [
    // who is banned for one row is not asked for the others any more
    ['flips a bit of each row', { kind: 'bitFlip' }, { verdict: 'invalid/peer', also: 'timeout', banned: /does not belong/ }],
    ['gives wrong proofs', { kind: 'wrongPath' }, { verdict: 'invalid/peer', also: 'timeout', banned: /does not belong/ }],
    ['withholds all', { kind: 'withhold', share: 1 }, { verdict: 'withheld' }],
    ['withholds half', { kind: 'withhold', share: 0.5 }, { verdict: 'withheld' }],
    ['leaves out every second row', { kind: 'selective', by: 'indices' }, { verdict: 'timeout' }],
    ['says nothing', { kind: 'stall' }, { verdict: 'timeout' }],
    ['floods', { kind: 'flood' }, { verdict: 'timeout', banned: /not asked for/ }],
  ];
  const tried = all.filter(([, { kind }]) => isLong || SHORT.has(kind));
  it.each(tried)(
    '%s: gets its verdict, and the blob is available all the same',
    async (_what, fault, expected) => {
      const { verdict, also, banned } = expected;
      const liar = await network.corrupt(LIAR, fault);
      // each round waits for who says nothing: a light sample has few of them, but at 2× too few rows for its bits
      const words = fault.kind === 'stall' && redundancy === 4 ? ['--light'] : [];
      for (let i = 0; i < MAX_SAMPLES; i++) {
        const seen = seenOf(liar, await sample(blobOf(), network.chain, words));
        expect(seen.outcome).toBe('available');
        for (const one of [...seen.verdicts, ...seen.given]) expect([verdict, also, 'verified']).toContain(one);
        if (!seen.verdicts.includes(verdict)) continue;
        expect(seen.banned ?? '').toMatch(banned ?? /^$/);
        return;
      }
      throw new Error(`${MAX_SAMPLES} samples met no row that was ${verdict}`);
    },
    600_000,
  );

  it('answers only some askers: each of them sees all of its rows, or none', async () => {
    const liar = await network.corrupt(LIAR, { kind: 'selective', by: 'askers' });
    for (let i = 0; i < ASKERS; i++) {
      const seen = seenOf(liar, await sample(blobOf(), network.chain));
      expect(seen).toMatchObject({ outcome: 'available', banned: undefined });
      expect(seen.given.size).toBeLessThanOrEqual(1);
      if (seen.given.has('verified')) expect(seen.verdicts).toEqual([]);
      else expect(seen.operators).toBe(3);
    }
  }, 240_000);

  it('forges headers: is banned, and the head is that of the chain', async () => {
    const liar = await network.corrupt(LIAR, { kind: 'forgedHeader' });
    // it is met first: the others are known by the records that it hands on
    const seen = seenOf(liar, await sample(blobOf(), network.chainOf(liar.multiaddrs)));
    expect(seen.outcome).toBe('available');
    expect(seen.banned).toMatch(/header/);
  });
});

it('an eclipse by members that show an old head is shown as such', async () => {
  const height = root.height + 2;
  for (const place of [1, 2, 3]) await network.corrupt(place, { kind: 'oldHead', height });
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, Date.parse(root.time) + OLD_MS - Date.now())));
  const liars = network.adversaries();
  const [eclipsed, free] = await Promise.all([
    status(['--chain', network.chainOf(liars.flatMap(({ multiaddrs }) => multiaddrs))]),
    status(['--chain', network.chain]),
  ]);
  expect(eclipsed).toMatchObject({ code: 0, said: { freshness: 'stale', head: { height } } });
  expect(new Set(eclipsed.said.peers.map(({ peerId }: { peerId: string }) => peerId)).size).toBe(3);
  // one honest peer is enough to see that there is more
  expect(free.said.head.height).toBeGreaterThan(height);
  expect(free.said.freshness).not.toBe('stale');
}, 240_000);

describe.each(REDUNDANCIES)('at %i×, one whose stake suffices for a certificate', (redundancy) => {
  let network: Network;

  beforeAll(async () => {
    await buildPrograms();
    network = await startNetwork({ providers: 0, stakes: [1, 1, 1, 20] });
  }, 240_000);
  afterAll(() => network?.stop(), 60_000);

  it('certifies what is no codeword: is convicted by a file that anyone can judge, and that nobody can change', async () => {
    const liar = await network.corrupt(LIAR, { kind: 'wrongCoding', redundancy, accountKey: network.account });
    const folder = temporaryFolder('evidence');
    const seen = seenOf(liar, await sample(liar.blobId ?? '', network.chain, ['--evidence', folder]));
    expect(seen).toMatchObject({ outcome: 'badEncoding', banned: undefined });
    expect(seen.verdicts).toContain('invalid/encoding');

    const [path = ''] = seen.evidence;
    const judge = (file: string) => runPerigee(['verify', file, '--chain', network.chain, '--json']);
    const { code, stdout } = await judge(path);
    expect(code).toBe(0);
    const finding = JSON.parse(stdout);
    expect(finding).toMatchObject({ kind: 'badEncoding', blobId: liar.blobId });
    expect(finding.signers).toHaveLength(1);

    const evidence = readFileSync(path);
    const places = CHANGED.map((share) => Math.floor(share * evidence.length));
    for (const place of places) {
      const changed = Buffer.from(evidence);
      changed[place] = (changed[place] ?? 0) ^ 1;
      writeFileSync(join(folder, 'changed'), changed);
      expect({ place, code: (await judge(join(folder, 'changed'))).code }).toEqual({ place, code: 1 });
    }
    writeFileSync(join(folder, 'cut'), evidence.subarray(0, -1));
    expect((await judge(join(folder, 'cut'))).code).toBe(1);
  }, 240_000);
});
