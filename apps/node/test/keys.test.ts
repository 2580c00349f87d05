import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { ensureKey, readKey } from '../src/keys.ts';

describe('a key', () => {
  it('is made once, whole, by however many that start at a time, and leaves nothing beside it', async () => {
    const folder = temporaryFolder('keys');
    const path = join(folder, 'deep', 'account.key');
    const made = await Promise.all(Array.from({ length: 8 }, () => ensureKey(path)));
    const kept = await readKey(path);
    for (const { publicKey } of made) expect(publicKey).toEqual(kept.publicKey);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['account.key']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is never made in place of something else', async () => {
    const folder = temporaryFolder('keys');
    mkdirSync(join(folder, 'folder'), { recursive: true });
    await expect(ensureKey(join(folder, 'folder'))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(readdirSync(folder)).toEqual(['folder']);
    writeFileSync(join(folder, 'damaged'), 'abc');
    await expect(ensureKey(join(folder, 'damaged'))).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
});
