import { chooseBuild } from '@perigee/wasm-codec';
import { toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { loadCodec, loadFileHasher } from '../src/codec.ts';

describe('the codec of a Node thread', () => {
  it('runs on the fastest kernel that this Node has', async () => {
    const codec = await loadCodec();
    expect(chooseBuild()).toBe('relaxed');
    expect(codec.sha256(new Uint8Array(0))).toHaveLength(32);
  });

  it('has beside it what hashes stored files', async () => {
    const hasher = await loadFileHasher();
    expect(toHex(hasher.root(new Uint8Array(0), 1))).toBe('d397b3b043d87fcd6fad1291ff0bfd16401c274896d8c63a923727f077b8e0b5');
  });
});
