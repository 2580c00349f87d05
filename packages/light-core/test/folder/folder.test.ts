import { concat, FOLDER_VERSION, Folder, type FolderFile, u64le, utf8 } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../../../tests/kit/code-of.ts';
import {
  checkFolderPath,
  decodeFolder,
  encodeFolder,
  FOLDER_MAGIC,
  readTensors,
  safetensorsHeaderBytes,
} from '../../src/folder/index.ts';

const root = (i: number): Uint8Array => new Uint8Array(32).fill(i);
const file = (path: string, more: Partial<FolderFile> = {}): FolderFile => ({
  path,
  size: 10,
  part: 0,
  offset: 0,
  executable: false,
  ...more,
});
const GOOD: Folder = {
  version: FOLDER_VERSION,
  parts: [
    { root: root(1), length: 20 },
    { root: root(2), length: 10 },
  ],
  files: [
    file('a/b'),
    { path: 'a/c', size: 0, offset: 0, executable: true },
    file('a/d', { offset: 10 }),
    file('b', { part: 1 }),
  ],
  tensors: [{ name: 'x', dtype: 'F32', shape: [2], file: 3, begin: 2, end: 10 }],
};

/** As a hostile list comes. */
const read = (folder: Folder): string => codeOf(() => decodeFolder(concat(FOLDER_MAGIC, Folder.encode(folder))));

describe('the list of a folder', () => {
  it('is read as it was written', () => {
    expect(decodeFolder(encodeFolder(GOOD))).toEqual(GOOD);
    expect(codeOf(() => decodeFolder(utf8('perigee-folder 02\n')))).toBe('PARSE');
    expect(codeOf(() => decodeFolder(concat(encodeFolder(GOOD), Uint8Array.of(0xf8, 0x3f, 1))))).toBe('NOT_CANONICAL');
  });

  it.each([
    ['another version', { version: 2 }, 'UNKNOWN_VERSION'],
    ['files out of order', { files: [GOOD.files[3], ...GOOD.files.slice(0, 3)] }, 'PARSE'],
    ['a file twice', { files: [file('a/b'), file('a/b'), file('b', { part: 1 })] }, 'PARSE'],
    ['a path that leads out', { files: [file('../a'), file('b', { part: 1 })] }, 'PARSE'],
    ['a file that is a folder too', { files: [file('a'), file('a/b', { part: 1 })] }, 'PARSE'],
    ['a file beyond the end', { files: [file('a', { offset: 11 }), file('b', { part: 1 })] }, 'PARSE'],
    ['a file in no stored file', { files: [file('a'), file('b', { part: 2 })] }, 'PARSE'],
    ['a stored file that nothing needs', { files: [file('a')], tensors: [] }, 'PARSE'],
    ['a stored file twice', { parts: [GOOD.parts[0], GOOD.parts[0]] }, 'PARSE'],
    ['an empty file with bytes', { files: [{ ...file('a'), size: 0 }, file('b'), file('c', { part: 1 })] }, 'PARSE'],
    ['a tensor beyond its file', { tensors: [{ ...GOOD.tensors[0], end: 11 }] }, 'PARSE'],
    ['a tensor of no file', { tensors: [{ ...GOOD.tensors[0], file: 4 }] }, 'PARSE'],
    ['a tensor twice', { tensors: [GOOD.tensors[0], GOOD.tensors[0]] }, 'PARSE'],
  ])('with %s is refused', (_, change, code) => {
    expect(read({ ...GOOD, ...change } as Folder)).toBe(code);
  });

  it('of any bytes is read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(['none', 'PARSE', 'NOT_CANONICAL', 'UNKNOWN_VERSION']).toContain(
          codeOf(() => decodeFolder(concat(FOLDER_MAGIC, bytes))),
        );
      }),
    );
  });
});

it('paths lead nowhere else, on any system', () => {
  for (const path of ['a', 'a/b c/d.txt', '…/ü', '.hidden', 'a..b']) expect(checkFolderPath(path)).toBe(path);
  const bad = [
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    'a/../b',
    './a',
    'a\\b',
    'C:/a',
    'a\u0000',
    'a\n',
    'con',
    'a/NUL.txt',
    'a.',
    'a ',
    'u\u0308',
  ];
  for (const path of [...bad, 'x'.repeat(256), 'a/'.repeat(600), 'a\u202eb', '*', 'a?']) {
    expect(
      codeOf(() => checkFolderPath(path)),
      JSON.stringify(path),
    ).toBe('INVALID_ARGUMENT');
  }
});

describe('a header of safetensors', () => {
  const header = utf8('{"__metadata__":{"a":"b"},"w":{"dtype":"BF16","shape":[2,3],"data_offsets":[4,16]}}');

  it('tells where tensors are in the file', () => {
    expect(safetensorsHeaderBytes(u64le(header.length), 8 + header.length + 16)).toBe(header.length);
    const at = 8 + header.length;
    expect(readTensors(header, at + 16)).toEqual([{ name: 'w', dtype: 'BF16', shape: [2, 3], begin: at + 4, end: at + 16 }]);
  });

  it('that does not hold is refused', () => {
    for (const length of [0n, 1n, 2n ** 63n, 17n * 1024n * 1024n]) {
      expect(codeOf(() => safetensorsHeaderBytes(u64le(length), 2 ** 40))).toBe('PARSE');
    }
    expect(codeOf(() => safetensorsHeaderBytes(u64le(100), 100))).toBe('PARSE');
    expect(codeOf(() => safetensorsHeaderBytes(new Uint8Array(7), 100))).toBe('PARSE');
    const bad = [
      '',
      '[]',
      'null',
      '{"w":1}',
      '{"w":{"dtype":1,"shape":[],"data_offsets":[0,1]}}',
      '{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,1]}}',
    ];
    for (const json of [
      ...bad,
      '{"w":{"dtype":"F32","shape":[1],"data_offsets":[1,0]}}',
      '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,1e9]}}',
    ]) {
      expect(
        codeOf(() => readTensors(utf8(json), 10_000)),
        json,
      ).toBe('PARSE');
    }
  });
});
