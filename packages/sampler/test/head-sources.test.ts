import type { Clock, VerifiedHead } from '@perigee/light-core/roles';
import { describe, expect, it } from 'vitest';
import { HeadSources } from '../src/chain/head-sources.ts';
import type { Peer } from '../src/peers/peer.ts';

const HASH = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);
const head: VerifiedHead = { height: 10, headerHash: HASH, chainId: 'test-00000000', timeMs: 1_000_000, appHash: HASH };

function at(now: number): Clock {
  return { now: () => now, sleep: async () => {} };
}

function peer(member: string | undefined): Peer {
  return { id: `peer of ${member}`, member } as Peer;
}

describe('how fresh a head is', () => {
  it('is current when two committee keys have shown it', () => {
    const sources = new HeadSources();
    sources.note(peer('a'), 10, HASH);
    expect(sources.freshness(head, at(1_001_000))).toBe('one source');
    sources.note(peer('b'), 10, HASH);
    expect(sources.freshness(head, at(1_001_000))).toBe('current');
  });

  it('counts neither one key twice, nor strangers, nor another header of that height', () => {
    const sources = new HeadSources();
    for (const [who, hash] of [
      ['a', HASH],
      ['a', HASH],
      [undefined, HASH],
      ['c', OTHER],
    ] as const) {
      sources.note(peer(who), 10, hash);
    }
    sources.note(peer('d'), 9, HASH);
    expect(sources.freshness(head, at(1_001_000))).toBe('one source');
  });

  it('is stale after half a minute, whoever has shown it', () => {
    const sources = new HeadSources();
    sources.note(peer('a'), 10, HASH);
    sources.note(peer('b'), 10, HASH);
    expect(sources.freshness(head, at(1_030_000))).toBe('current');
    expect(sources.freshness(head, at(1_030_001))).toBe('stale');
  });

  it('forgets old heights', () => {
    const sources = new HeadSources();
    sources.note(peer('a'), 10, HASH);
    for (let height = 11; height < 40; height++) sources.note(peer('a'), height, HASH);
    expect(sources.of(head)).toEqual([]);
  });
});
