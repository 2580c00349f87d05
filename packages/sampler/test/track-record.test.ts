import { MAX_TRACKED_LATENCIES } from '@perigee/wire';
import { expect, it } from 'vitest';
import { TrackRecord } from '../src/peers/track-record.ts';

it('begins in the middle, and follows what a peer does now', () => {
  const track = new TrackRecord();
  expect(track).toMatchObject({ score: 0.5, latencyMs: undefined });
  for (let i = 0; i < 20; i++) track.good(10);
  expect(track.score).toBeGreaterThan(0.9);
  for (let i = 0; i < 5; i++) track.bad();
  expect(track.score).toBeLessThan(0.5);
  for (let i = 0; i < 1_000; i++) track.bad();
  expect(track.score).toBeGreaterThanOrEqual(0);
  expect(track.cost).toBeLessThan(Number.POSITIVE_INFINITY); // it may still be asked
});

it('tells the median of the last times', () => {
  const track = new TrackRecord();
  for (const ms of [5, 1_000, 7]) track.good(ms);
  expect(track.latencyMs).toBe(7);
  for (let i = 0; i < MAX_TRACKED_LATENCIES; i++) track.good(3);
  expect(track.latencyMs).toBe(3);
});

it('costs less the better and the faster', () => {
  const [good, slow, bad] = [new TrackRecord(), new TrackRecord(), new TrackRecord()];
  good.good(10);
  slow.good(2_000);
  bad.bad();
  expect(good.cost).toBeLessThan(slow.cost);
  expect(good.cost).toBeLessThan(bad.cost);
});
