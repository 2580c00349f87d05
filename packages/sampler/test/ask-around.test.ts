import type { Clock } from '@perigee/light-core/roles';
import { systemClock } from '@perigee/net';
import { PerigeeError } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { askAround } from '../src/peers/ask-around.ts';
import type { Peer } from '../src/peers/peer.ts';
import { TrackRecord } from '../src/peers/track-record.ts';

/** A second is a millisecond. */
const clock: Clock = { now: systemClock.now, sleep: (ms, signal) => systemClock.sleep(ms / 1_000, signal) };
const { signal } = new AbortController();

type Answer = 'good' | 'bad' | 'silent';

function peers(...answers: Answer[]): (Peer & { answer: Answer })[] {
  return answers.map(
    (answer, i) => ({ id: `${i}`, failures: 0, track: new TrackRecord(), answer }) as unknown as Peer & { answer: Answer },
  );
}

function around(candidates: readonly Peer[], options: Partial<Parameters<typeof askAround<string>>[0]> = {}): Promise<string> {
  const ask = async (peer: Peer, until: AbortSignal): Promise<string> => {
    const { answer } = peer as Peer & { answer: Answer };
    if (answer === 'bad') throw new PerigeeError('PROOF', 'bad');
    if (answer === 'silent') await new Promise((_, reject) => until.addEventListener('abort', () => reject(new Error('over'))));
    return peer.id;
  };
  return askAround({ candidates: () => candidates, ask, clock, signal, ...options });
}

describe('asking around', () => {
  it('asks the first, the next when one fails, and the next when one is slow', async () => {
    expect(await around(peers('good', 'good'))).toBe('0');
    expect(await around(peers('bad', 'good'))).toBe('1');
    expect(await around(peers('silent', 'bad', 'silent', 'good'))).toBe('3');
  });

  it('notes who failed and who was slower, and forgives who answers', async () => {
    const asked = peers('silent', 'bad', 'good', 'good');
    for (const peer of asked) peer.failures = 5;
    await around(asked);
    expect(asked.map(({ failures }) => failures)).toEqual([6, 6, 0, 5]);
  });

  it('takes who comes while it waits', async () => {
    const list = peers('silent');
    setTimeout(() => list.push(...peers('good').map((peer) => Object.assign(peer, { id: 'late' }))), 20);
    expect(await around(list)).toBe('late');
    const nobody: Peer[] = [];
    setTimeout(() => nobody.push(...peers('good')), 20);
    expect(await around(nobody, { patientUntil: Date.now() + 10_000 })).toBe('0');
  });

  it('says why when everyone failed, nobody was there, or it was given up', async () => {
    expect(await codeOfPromise(around(peers('bad', 'bad')))).toBe('PROOF');
    expect(await codeOfPromise(around([]))).toBe('UNREACHABLE');
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 10);
    expect(await codeOfPromise(around(peers('silent'), { signal: stop.signal }))).toBe('ABORTED');
  });
});
