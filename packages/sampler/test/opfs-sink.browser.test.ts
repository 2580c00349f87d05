import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '@perigee/wire';
import { expect, it, onTestFinished } from 'vitest';
import { opfsSink } from '../src/web.ts';

const FOLDER = 'perigee-retrieved';

async function names(): Promise<string[]> {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
  const out: string[] = [];
  for await (const name of folder.keys()) out.push(name);
  return out;
}

async function sink() {
  const made = await opfsSink();
  onTestFinished(() => made.release());
  return made;
}

it('gives the file once it is whole, and removes it', async () => {
  const made = await sink();
  const pieces = Array.from({ length: 8 }, (_, i) => new Uint8Array(1_000_003).fill(i));
  const hash = sha256.create();
  for (const piece of pieces) {
    hash.update(piece);
    await made.write(piece);
  }
  await expect(made.file()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  await made.close();
  const file = await made.file();
  expect(file.size).toBe(8 * 1_000_003);
  expect(toHex(sha256(new Uint8Array(await file.arrayBuffer())))).toBe(toHex(hash.digest()));
  await expect(made.write(new Uint8Array(1))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  await made.release();
  await made.release();
  expect(await names()).toEqual([]);
});

it('takes along no more than it is given', async () => {
  const made = await sink();
  const buffer = new Uint8Array(100).fill(7);
  await made.write(buffer.subarray(10, 20));
  expect(buffer.length).toBe(100);
  await made.close();
  expect((await made.file()).size).toBe(10);
});

it('leaves nothing of what was aborted', async () => {
  const made = await sink();
  await made.write(new Uint8Array(1_000));
  expect(await names()).toHaveLength(1);
  await made.abort();
  expect(await names()).toEqual([]);
});

it('removes what tabs left that are gone, and no file of one that is there', async () => {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
  await folder.getFileHandle('left behind', { create: true });
  const first = await sink();
  await first.write(new Uint8Array(3));
  await first.close();
  const second = await sink();
  await second.write(new Uint8Array(5));
  await second.close();
  expect((await names()).includes('left behind')).toBe(false);
  expect((await first.file()).size).toBe(3);
  expect((await second.file()).size).toBe(5);
});
