import { toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import {
  changedHeader,
  conflictingHeader,
  forgedCommit,
  futureHeader,
  otherChain,
  otherHeight,
  otherValidators,
} from '../../../tests/kit/adversaries/headers.ts';
import { type HeaderLie, startChainLiar } from '../../../tests/kit/adversaries/liar.ts';
import type { LocalNetwork } from '../../../tests/kit/local-network.ts';
import { networkOfFile, peerOf, testLight, until, withLiar } from './light.ts';

const file = networkOfFile({ members: 1 });

describe('a peer that forges headers', () => {
  it.each<[string, (network: LocalNetwork) => HeaderLie, string, boolean]>([
    ['changes what was signed', () => changedHeader, 'HEADER_HASH', true],
    ['forges signatures', () => forgedCommit, 'SIGNATURE', true],
    ['is on another chain', () => otherChain, 'WRONG_CHAIN', true],
    ['sends another height', () => otherHeight, 'HEADER', true],
    ['makes up validators', otherValidators, 'VALIDATOR_SET', true],
    ['has too few signatures for another header of the same height', conflictingHeader, 'NOT_ENOUGH_POWER', true],
    // the validators themselves may have signed too early, or our clock may be wrong: nobody can be blamed
    ['is ahead of the clock', futureHeader, 'HEADER_FUTURE', false],
  ])('%s', async (_what, lie, code, isBanned) => {
    const { network } = file;
    const liar = await withLiar(startChainLiar(network, { headers: lie(network) }));
    const alone = await testLight(network, [liar.host]);
    const refused = await until(alone, ({ error }) => error !== undefined);
    expect(refused).toMatchObject({ phase: 'failed', error: { code }, head: undefined });
    expect(peerOf(alone, liar.host)?.banned !== undefined).toBe(isBanned);

    const node = await testLight(network, [liar.host, network.chainHost]);
    const { head, error } = await until(node, (state) => state.phase === 'live' && state.chain?.development === true);
    expect(error).toBeUndefined();
    expect(head?.headerHash).toBe(hashAt(network, head?.height ?? 0));
    const later = await until(node, (state) => (state.head?.height ?? 0) >= (head?.height ?? 0) + 3);
    expect(later.head?.headerHash).toBe(hashAt(network, later.head?.height ?? 0));
    expect(later.error).toBeUndefined();
  });
});

it('every verified header is listed with the one that vouches for it, down to the trust root', async () => {
  const { network } = file;
  const node = await testLight(network, [network.chainHost]);
  const known = (height: number) =>
    until(node, ({ headers }) => headers.some((one) => one.height >= height && one.signedPower === 1));
  const first = (await known(network.chain.latest().height)).headers[0]?.height ?? 0;
  const { headers } = await known(first + 2);
  const root = network.chain.earliest;
  expect(headers.at(-1)).toMatchObject({ height: root, way: 'anchor', from: undefined });
  for (const [i, one] of headers.slice(0, -1).entries()) {
    const before = headers[i + 1]?.height ?? 0;
    expect(one).toMatchObject({ from: before, way: one.height === before + 1 ? 'sequential' : 'skipping', signatures: 3 });
    expect(one.headerHash).toBe(hashAt(network, one.height));
  }
});

it('a peer that announces headers and never sends them holds up nobody', async () => {
  const { network } = file;
  const silent: HeaderLie =
    () =>
    (_request, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('given up')), { once: true }));
  const liar = await withLiar(startChainLiar(network, { headers: silent }));
  const node = await testLight(network, [liar.host, network.chainHost]);
  const { height } = network.chain.latest();
  await until(node, ({ head, chain }) => (head?.height ?? 0) >= height + 3 && chain?.development === true);
  expect(liar.asked.headers).toBeLessThanOrEqual(2); // the root and one more: its next word is heard when it has answered
});

function hashAt({ chain }: LocalNetwork, height: number): string {
  return toHex(chain.lightBlock(height).block.signedHeader?.commit?.blockId.hash ?? new Uint8Array(0));
}
