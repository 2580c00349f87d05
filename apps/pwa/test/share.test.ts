import { INITIAL_STATE } from '@perigee/sampler';
import { describe, expect, it } from 'vitest';
import { linkTo, verifiedOf } from '../src/share/verified.ts';
import { share as words } from '../src/strings/share/index.ts';
import { SNAPSHOTS } from './snapshots.ts';

const LIVE = { ...SNAPSHOTS.sampled, phase: 'live' } as const;

/** What a state says, or the test fails. */
function verified(state: Parameters<typeof verifiedOf>[0], chosen?: string) {
  const found = verifiedOf(state, chosen);
  if (found === undefined) throw new Error('nothing is verified');
  return found;
}

describe('what may be shared', () => {
  it('is the newest block and those without a gap before it, what was sampled to an end, and the rows of one blob', () => {
    const found = verified(LIVE);
    expect(found).toMatchObject({ from: 12_402, to: 12_408, validators: 4, headerHash: LIVE.head?.headerHash });
    expect(found.blob?.verdicts).toEqual(LIVE.blobs[0]?.rows.map(({ verdict }) => verdict));
    expect(found.available).toBeGreaterThan(0);
    expect(found.bits).toBeGreaterThanOrEqual(40);
  });

  it('is nothing before a header was verified in this visit', () => {
    expect(verifiedOf(undefined, undefined)).toBeUndefined();
    expect(verifiedOf(INITIAL_STATE, undefined)).toBeUndefined();
    expect(verifiedOf({ ...LIVE, phase: 'connecting' }, undefined)).toBeUndefined();
    expect(verifiedOf({ ...LIVE, head: undefined }, undefined)).toBeUndefined();
  });

  it('counts neither headers nor verdicts of an earlier visit, nor what is still sampled', () => {
    const kept = LIVE.headers.map((header) => ({ ...header, way: 'kept' }) as const);
    const found = verified({
      ...LIVE,
      headers: kept,
      blobs: LIVE.blobs.map((blob, place) => (place === 0 ? { ...blob, earlier: true } : { ...blob, outcome: undefined })),
    });
    expect(found).toMatchObject({ from: 12_408, to: 12_408, available: 0, withheld: 0, undecided: 0, bits: undefined });
    expect(found.blob).toBeUndefined();
    expect(words.card(found, 'noon').sampled).toBe('No blob was sampled yet.');
  });

  it('tells what was withheld beside what is available, and the least certain of those', () => {
    const [first] = LIVE.blobs;
    if (first?.confidence === undefined) throw new Error('the example has no confidence');
    const weaker = { ...first, blobId: 'weaker', confidence: { ...first.confidence, availabilityBits: 20 } };
    const withheld = { ...first, blobId: 'withheld', outcome: 'unavailable' } as const;
    const found = verified({
      ...LIVE,
      blobs: [{ ...first, outcome: 'available' }, { ...weaker, outcome: 'available' }, withheld],
    });
    expect(found).toMatchObject({ available: 2, withheld: 1, bits: 20 });
    const text = words.text(found, 'noon');
    expect(text).toContain('2 blobs available but for 1 in 1 million');
    expect(text).toContain('1 blob withheld or wrongly coded');
  });

  it('says of a chain for development that it is one, in the picture and in the text', () => {
    const found = verified({ ...LIVE, chain: LIVE.chain && { ...LIVE.chain, development: true } });
    expect(words.card(found, 'noon').chain).toContain('development');
    expect(words.text(found, 'noon')).toContain('development');
  });

  it('is linked without what the address said of trust, peers and things handed over', () => {
    const blob = { blobId: '00ab', verdicts: [] };
    expect(linkTo('https://page.example/light/?open=x#/kv&trust=a:1:00&peer=/ip4/1.2.3.4', { blob })).toBe(
      'https://page.example/light/#00ab',
    );
    expect(linkTo('https://page.example/#trust=a:1:00', { blob: undefined })).toBe('https://page.example/');
  });
});
