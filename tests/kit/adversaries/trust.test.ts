/** Who lies about the chain itself, and a clock that is wrong: what `perigee status` says of them. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Network, runPerigee, startAdversaryProcess, startNetwork } from '../index.ts';
import { buildPrograms } from '../programs.ts';

const HOUR_MS = 3_600_000;
/** Headers are as old as the network of this file. */
const MINUTES_MS = 300_000;
/** A header older than this is no longer current (PROTOCOL §5), and then some. */
const OLD_MS = 32_000;
const HOOK = new URL('../clock-hook.mjs', import.meta.url).href;

let network: Network;
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
