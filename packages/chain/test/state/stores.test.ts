import { utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { AuthenticatedState, StateView } from '../../src/state/index.ts';

const KEY = utf8('key');

function viewOf(state: AuthenticatedState, store: string): StateView {
  const view = new StateView(state);
  view.set(store, KEY, utf8('value'));
  return view;
}

async function next(state: AuthenticatedState, store: string, stores?: readonly string[]): Promise<Uint8Array> {
  const prepared = state.prepare((state.latest?.height ?? 0) + 1, viewOf(state, store), stores);
  await state.commit(prepared);
  return prepared.appHash;
}

describe('stores that a program knows and a chain does not have', () => {
  it('change no app hash, from the first block on and after a restart', async () => {
    const few = await AuthenticatedState.open(temporaryFolder('few'), ['a', 'b']);
    const due = [await next(few, 'a'), await next(few, 'b'), await next(few, 'a')];
    await few.close();

    const dir = temporaryFolder('more');
    const more = await AuthenticatedState.open(dir, ['a', 'b', 'c']);
    const found = [await next(more, 'a', ['a', 'b']), await next(more, 'b')];
    await more.close();
    const again = await AuthenticatedState.open(dir, ['d', 'c', 'b', 'a']);
    found.push(await next(again, 'a', ['a', 'b', 'c', 'd']));
    expect(found).toEqual(due);
    await again.close();
  });

  it('hold nothing, prove nothing and take nothing', async () => {
    const state = await AuthenticatedState.open(temporaryFolder('unborn'), ['a', 'b']);
    await next(state, 'a', ['a']);
    expect(state.get('b', KEY)).toBeUndefined();
    expect(() => state.prove('b', KEY)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(() => state.prepare(2, viewOf(state, 'b'))).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    expect(state.latest?.height).toBe(1);
    await state.close();
  });
});
