import { chooseBuild } from '@perigee/wasm-codec';
import { describe, expect, it } from 'vitest';
import { loadCodec } from '../src/codec.ts';

describe('the codec of a Node thread', () => {
  it('runs on the fastest kernel that this Node has', async () => {
    const codec = await loadCodec();
    expect(chooseBuild()).toBe('relaxed');
    expect(codec.sha256(new Uint8Array(0))).toHaveLength(32);
  });
});
