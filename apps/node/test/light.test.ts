import type { LightNode, LightNodeState } from '@perigee/sampler';
import { createLightNode } from '@perigee/sampler';
import { type ErrorObject, PerigeeError } from '@perigee/wire';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { stateWhere } from '../src/light.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A node that is in the states that the test puts it in. */
function shown(): { readonly node: LightNode; show(change: Partial<LightNodeState>): void } {
  const idle = createLightNode({});
  let { state } = idle;
  const listeners = new Set<(state: LightNodeState) => void>();
  return {
    node: {
      ...idle,
      get state() {
        return state;
      },
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    show(change) {
      state = { ...state, ...change };
      for (const listener of [...listeners]) listener(state);
    },
  };
}

const signal = new AbortController().signal;
const hasHead = ({ head }: LightNodeState): boolean => head !== undefined;
const HEAD = { height: 7 } as LightNodeState['head'];
const failure = (code: 'UNREACHABLE' | 'WRONG_CHAIN'): ErrorObject => new PerigeeError(code, 'as it was said').toObject();

it('a wait for a head ends after 30 seconds with what stands in the way', async () => {
  const { node } = shown();
  const waited = expect(stateWhere(node, hasHead, signal)).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: expect.stringMatching(/in 30 s: 0 of 0 known peers/),
  });
  await vi.advanceTimersByTimeAsync(30_000);
  await waited;
});

it('or goes on for as long as it takes, and says so again and again', async () => {
  const { node, show } = shown();
  const told: string[] = [];
  const waited = stateWhere(node, hasHead, signal, ({ code }) => told.push(code));
  await vi.advanceTimersByTimeAsync(60_000);
  show({ phase: 'failed', error: failure('UNREACHABLE') }); // may be over in a moment
  await vi.advanceTimersByTimeAsync(30_000);
  expect(told).toEqual(['TIMEOUT', 'TIMEOUT', 'UNREACHABLE']);
  show({ phase: 'live', error: undefined, head: HEAD });
  expect((await waited).head).toBe(HEAD);
  await vi.advanceTimersByTimeAsync(90_000);
  expect(told).toHaveLength(3);
});

it.each<[string, Partial<LightNodeState>, string]>([
  ['another chain', { phase: 'failed', error: failure('WRONG_CHAIN') }, 'WRONG_CHAIN'],
  ['a clock that is behind', { clock: { state: 'behind', offsetMs: 90_000 } }, 'HEADER_FUTURE'],
])('%s ends it at once, however long it may take', async (_what, change, code) => {
  const { node, show } = shown();
  const waited = expect(stateWhere(node, hasHead, signal, () => {})).rejects.toMatchObject({ code });
  show(change);
  await waited;
});
