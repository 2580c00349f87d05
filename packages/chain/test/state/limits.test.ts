import { utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { Database } from '../../src/db/index.ts';
import { AuthenticatedState, StateView } from '../../src/state/index.ts';

const STORES = ['account', 'da'];

async function grow(state: AuthenticatedState, blocks: number): Promise<void> {
  for (let i = 0; i < blocks; i++) {
    const height = (state.latest?.height ?? 0) + 1;
    const view = new StateView(state);
    for (let key = 0; key < 10; key++) view.set('da', utf8(`key ${(height * 7 + key) % 50}`), utf8(`value ${height}`));
    await state.commit(state.prepare(height, view));
  }
}

describe('heights that a state proves', () => {
  it('are those of the window; before it PRUNED, after it NOT_FOUND', async () => {
    const state = await AuthenticatedState.open(temporaryFolder('window'), STORES, { window: 5 });
    expect(() => state.prove('da', utf8('key 1'))).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    await grow(state, 12);
    expect(state.earliest).toBe(8);
    expect(() => state.prove('da', utf8('key 1'), 7)).toThrow(expect.objectContaining({ code: 'PRUNED' }));
    expect(() => state.prove('da', utf8('key 1'), 13)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(() => state.prove('no such store', utf8('key 1'))).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    for (let height = 8; height <= 12; height++) expect(state.prove('da', utf8('key 1'), height).height).toBe(height);
    await state.close();
  });

  it('leave no node behind once they are pruned', async () => {
    const dir = temporaryFolder('prune');
    const nodes = async () => {
      const db = await Database.open(dir, { kind: 'state', version: 2 });
      let count = 0;
      for await (const _ of db.keys({ from: utf8('p'), to: utf8('q') })) count += 1;
      await db.close();
      return count;
    };
    const run = async (blocks: number) => {
      const state = await AuthenticatedState.open(dir, STORES, { window: 3 });
      await grow(state, blocks);
      await state.close();
    };
    await run(60);
    const before = await nodes();
    await run(60);
    expect(Math.abs((await nodes()) - before)).toBeLessThan(40);
    expect(before).toBeLessThan(3 * 150);
  });
});

describe('the next height', () => {
  it('is the only one that can be written', async () => {
    const state = await AuthenticatedState.open(temporaryFolder('next'), STORES);
    expect(() => state.prepare(0, new StateView(state))).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    await state.commit(state.prepare(7, new StateView(state)));
    for (const height of [6, 7, 9]) {
      expect(() => state.prepare(height, new StateView(state))).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
    expect(state.prepare(8, new StateView(state)).height).toBe(8);
    await state.close();
  });
});

describe('an entry', () => {
  it('with an empty or long key, or a long value, is refused', async () => {
    const state = await AuthenticatedState.open(temporaryFolder('entry'), STORES);
    for (const [key, value] of [
      [0, 1],
      [2_049, 1],
      [1, 256 * 1024 + 1],
    ] as const) {
      const view = new StateView(state);
      view.set('da', new Uint8Array(key), new Uint8Array(value).fill(1));
      expect(() => state.prepare(1, view)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
    await state.close();
  });
});
