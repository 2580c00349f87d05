import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { FILE_SEGMENT_BYTES, u64le, utf8 } from '@perigee/wire';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOfPromise } from '../../../../tests/kit/code-of.ts';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import {
  ed25519Payer,
  type FileParts,
  isStoredFolder,
  type PutFolder,
  type PutProgress,
  putFolder,
  StoredFolder,
} from '../../src/files/index.ts';
import { diskEntries, diskJournal, getFolder } from '../../src/node.ts';
import { type FileChain, startFileChain } from './file-chain.ts';
import { madeSample, StorageNetwork } from './storage-network.ts';

const { signal } = new AbortController();
let chain: FileChain;
let network: StorageNetwork;
let parts: FileParts;
beforeAll(async () => {
  chain = await startFileChain();
});
afterAll(() => chain.stop());
beforeEach(async () => {
  network = new StorageNetwork(chain.state);
  for (let shardId = 0; shardId < 2; shardId++) await network.addNode({ shardId, numShard: 2 });
  parts = await network.client();
});
afterEach(() => network.stop());

function folderOf(files: Readonly<Record<string, Uint8Array>>): string {
  const folder = temporaryFolder('folder');
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes, { mode: path.endsWith('.sh') ? 0o755 : 0o644 });
  }
  return folder;
}

async function put(folder: string, onProgress: (progress: PutProgress) => void = () => {}): Promise<PutFolder> {
  const journal = await diskJournal(temporaryFolder('journal'));
  const entries = await diskEntries(folder);
  return putFolder({ ...parts, tx: chain.chain, journal, payer: ed25519Payer(chain.account), entries, signal, onProgress });
}

/** Path → digest of what is there. */
function contentOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(folder, path), createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
}

/** A safetensors file whose tensors are one after another. */
function safetensors(tensors: Readonly<Record<string, Uint8Array>>): Uint8Array {
  let at = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  for (const [name, bytes] of Object.entries(tensors)) {
    header[name] = { dtype: 'U8', shape: [bytes.length], data_offsets: [at, at + bytes.length] };
    at += bytes.length;
  }
  const json = utf8(JSON.stringify(header));
  return Buffer.concat([u64le(json.length), json, ...Object.values(tensors)]);
}

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece.slice());
  return Buffer.concat(all);
}

describe('a folder', () => {
  it('comes back as it was: empty files, small ones together, the same bytes once, what may be run', async () => {
    const big = (await madeSample(3 * FILE_SEGMENT_BYTES + 9, 3)).data;
    const folder = folderOf({
      'a.txt': utf8('one'),
      'b/c.txt': utf8('two'),
      'b/empty': new Uint8Array(0),
      'b/same as a': utf8('one'),
      'run.sh': utf8('#!/bin/sh\n'),
      'big.bin': big,
      'copies/big.bin': big,
    });
    const before = await chain.paid();
    const told: PutProgress[] = [];
    const stored = await put(folder, (progress) => told.push(progress));
    const after = await chain.paid();
    // big.bin, the pack, and the list, in one transaction
    expect([stored.paidFiles, after.files - before.files, after.transactions - before.transactions]).toEqual([3, 3, 1]);
    const uploading = told.filter(({ stage }) => stage === 'upload');
    const storedBytes = uploading.map((progress) => progress.storedBytes);
    expect(storedBytes).toEqual(storedBytes.toSorted((a, b) => a - b));
    const lengths = [...stored.folder.parts, stored.file].map(({ length }) => length);
    const all = lengths.reduce((sum, length) => sum + length, 0);
    expect([storedBytes[0], storedBytes.at(-1), ...new Set(uploading.map(({ storeBytes }) => storeBytes))]).toEqual([
      0,
      all,
      all,
    ]);
    expect(await isStoredFolder(parts, stored.file, signal)).toBe(true);
    const opened = await StoredFolder.open(parts, stored.file, signal);
    const target = join(temporaryFolder('got'), 'folder');
    const got = await getFolder({ parts, folder: opened, target, signal });
    expect(contentOf(target)).toEqual(contentOf(folder));
    expect(got.verifiedBytes).toBe(got.totalBytes);
    expect(statSync(join(target, 'run.sh')).mode & 0o100).toBe(0o100);
    expect(await codeOfPromise(getFolder({ parts, folder: opened, target, signal }))).toBe('INVALID_ARGUMENT');
    const again = await put(folder);
    expect([again.paidFiles, again.sentBytes]).toEqual([0, 0]);
    expect(await bytesOf(opened.read(opened.file('b/c.txt'), { from: 1, to: 3 }, { signal }))).toEqual(Buffer.from('wo'));
    expect(await codeOfPromise(bytesOf(opened.read(opened.file('b/c.txt'), { from: 1, to: 4 }, { signal })))).toBe(
      'INVALID_ARGUMENT',
    );
  });

  it('gives one tensor by its name, with the segments that it is in', async () => {
    const [wide, narrow] = [(await madeSample(6 * FILE_SEGMENT_BYTES, 5)).data, (await madeSample(1_000, 6)).data];
    const folder = folderOf({
      'model.safetensors': safetensors({ wide, 'layers.0.weight': narrow }),
      'other/model.safetensors': safetensors({ 'layers.0.weight': wide.subarray(0, 99), only: narrow }),
      'not.safetensors': utf8('{"this is": "something else"}'),
    });
    const stored = await put(folder);
    const opened = await StoredFolder.open(parts, stored.file, signal);
    expect(opened.folder.tensors.map(({ name }) => name)).toEqual(['layers.0.weight', 'layers.0.weight', 'only', 'wide']);
    let bytesIn = 0;
    const onBytes = (count: number): void => {
      bytesIn += count;
    };
    const tensor = opened.tensor('layers.0.weight', 'model.safetensors');
    expect(await bytesOf(opened.readTensor(tensor, { signal, onBytes }))).toEqual(Buffer.from(narrow));
    expect(bytesIn).toBeLessThanOrEqual(FILE_SEGMENT_BYTES);
    expect(await bytesOf(opened.readTensor(opened.tensor('only'), { signal }))).toEqual(Buffer.from(narrow));
    expect(() => opened.tensor('layers.0.weight')).toThrow(/several files/);
    expect(() => opened.tensor('none')).toThrow(/no tensor/);
  });

  it('that was cut off goes on', async () => {
    const big = (await madeSample(24 * FILE_SEGMENT_BYTES, 8)).data;
    const folder = folderOf({ 'a.bin': big, 'b.txt': utf8('b'), 'c.bin': big.subarray(0, 16 * FILE_SEGMENT_BYTES) });
    const opened = await StoredFolder.open(parts, (await put(folder)).file, signal);
    const target = join(temporaryFolder('got'), 'folder');
    const stop = new AbortController();
    const first = getFolder({
      parts,
      folder: opened,
      target,
      signal: stop.signal,
      onProgress: ({ verifiedBytes }) => {
        if (verifiedBytes > 28 * FILE_SEGMENT_BYTES) stop.abort();
      },
    });
    expect(await codeOfPromise(first)).toBe('ABORTED');
    const { bytesIn } = await getFolder({ parts, folder: opened, target, signal });
    expect(contentOf(target)).toEqual(contentOf(folder));
    expect(bytesIn).toBeLessThan(14 * FILE_SEGMENT_BYTES);
  });

  it('with a link in it is refused', async () => {
    const folder = folderOf({ a: utf8('a') });
    symlinkSync('/etc/hostname', join(folder, 'link'));
    expect(await codeOfPromise(diskEntries(folder))).toBe('INVALID_ARGUMENT');
    expect(await codeOfPromise(diskEntries(temporaryFolder('empty')))).toBe('INVALID_ARGUMENT');
  });
});
