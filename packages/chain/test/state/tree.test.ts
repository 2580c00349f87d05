import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { concat, toHex, u32le, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { AuthenticatedState, StateView } from '../../src/state/index.ts';

const vectors: {
  readonly blocks: number;
  readonly writesBlock: number;
  readonly keys: number;
  readonly roots: Readonly<Record<string, string>>;
  readonly rootsHash: string;
} = JSON.parse(readFileSync(new URL('../../../../tests/vectors/iavl.json', import.meta.url), 'utf8'));

/** The writes of tests/peers/iavl. */
function write(i: number): { key: Uint8Array; value: Uint8Array } {
  const h = hash('sha256', concat(utf8('perigee/iavl-vector/v0'), u32le(i)), 'buffer');
  const key = Buffer.alloc(2);
  key.writeUInt16BE(h.readUInt16BE(0) % vectors.keys);
  return { key, value: (h[2] ?? 0) < 64 ? new Uint8Array(0) : h.subarray(4, 5 + ((h[3] ?? 0) % 28)) };
}

describe('the tree', () => {
  it('has the roots that cosmos/iavl gives to the same 20,000 writes', async () => {
    const state = await AuthenticatedState.open(temporaryFolder('iavl'), ['one']);
    const roots: Uint8Array[] = [];
    for (let block = 1; block <= vectors.blocks; block++) {
      const view = new StateView(state);
      for (let i = 0; i < vectors.writesBlock; i++) {
        const { key, value } = write((block - 1) * vectors.writesBlock + i);
        view.set('one', key, value);
      }
      await state.commit(state.prepare(block, view));
      const root = state.prove('one', Uint8Array.of(0)).storeRoot;
      roots.push(root);
      const expected = vectors.roots[String(block)];
      if (expected !== undefined) expect(toHex(root), `root after block ${block}`).toBe(expected);
    }
    expect(toHex(hash('sha256', concat(...roots), 'buffer'))).toBe(vectors.rootsHash);
    await state.close();
  });
});
