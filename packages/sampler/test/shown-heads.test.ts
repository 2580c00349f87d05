import type { Clock, VerifiedHead } from '@perigee/light-core/roles';
import { MAX_SHOWN_HEADS, toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { freshnessOf, isVouchedFor, ShownHeads, sourcesOf } from '../src/chain/shown-heads.ts';
import type { Peer } from '../src/peers/peer.ts';

const HASH = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);
const head: VerifiedHead = { height: 10, headerHash: HASH, chainId: 'test-00000000', timeMs: 1_000_000, appHash: HASH };

function at(now: number): Clock {
  return { now: () => now, sleep: async () => {} };
}

/** A peer that has shown one header. */
function peer(members: string[], height = 10, hash = HASH): Peer {
  const heads = new ShownHeads();
  heads.note(height, hash);
  return { id: `peer of ${members}`, members: new Set(members), heads, banned: undefined } as unknown as Peer;
}

const freshness = (peers: Peer[], now = 1_001_000) => freshnessOf(head, sourcesOf(head, peers), at(now));

describe('how fresh a head is', () => {
  it('is current when peers with different committee keys have shown it', () => {
    expect(freshness([])).toBe('one source');
    expect(freshness([peer(['a'])])).toBe('one source');
    expect(freshness([peer(['a']), peer(['b'])])).toBe('current');
  });

  it('counts neither one peer twice, nor strangers, nor who was banned, nor another header or height', () => {
    const banned = { ...peer(['d']), banned: 'it lied' } as Peer;
    const others = [peer([]), peer(['c'], 10, OTHER), peer(['e'], 9), banned];
    expect(freshness([peer(['a', 'b']), ...others])).toBe('one source');
  });

  it('is vouched for by later heads that were verified, and by no others', () => {
    const hashAt = (height: number) => (height === 12 ? toHex(HASH) : undefined);
    const vouched = (peers: Peer[], now = 1_001_000) => isVouchedFor(head, peers, hashAt, at(now));
    expect(vouched([peer(['a']), peer(['b'])])).toBe(true);
    expect(vouched([peer(['a']), peer(['b'], 12)])).toBe(true);
    expect(vouched([peer(['a'], 12), peer(['b'], 12)])).toBe(true);
    expect(vouched([peer(['a'], 12), peer(['b'], 12)], 1_030_001)).toBe(false);
    const banned = { ...peer(['d'], 12), banned: 'it lied' } as Peer;
    const others = [peer([], 12), peer(['b'], 12, OTHER), peer(['c'], 11), peer(['e'], 9), banned];
    expect(vouched([peer(['a'], 12), ...others])).toBe(false);
  });

  it('is stale after half a minute, whoever has shown it', () => {
    const peers = [peer(['a']), peer(['b'])];
    expect(freshness(peers, 1_030_000)).toBe('current');
    expect(freshness(peers, 1_030_001)).toBe('stale');
  });

  it('remembers a bounded number of heads of each peer, and no peer makes those of another go', () => {
    const [honest, liar] = [peer(['a']), peer(['b'])];
    for (let i = 0; i < 100; i++) liar.heads.note(2 ** 40 + i, OTHER);
    expect(sourcesOf(head, [honest, liar])).toEqual([honest]);
    for (let i = 1; i < MAX_SHOWN_HEADS; i++) honest.heads.note(10 + i, HASH);
    expect(sourcesOf(head, [honest])).toEqual([honest]);
    honest.heads.note(99, HASH);
    expect(sourcesOf(head, [honest])).toEqual([]);
  });
});
