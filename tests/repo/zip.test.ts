import { expect, test } from 'vitest';
import { zip } from '../../scripts/lib/zip.mjs';

const FILES = [
  ['manifest.json', Buffer.from('{}')],
  ['assets/a.js', Buffer.from('export const a = 1;\n')],
  ['empty', Buffer.alloc(0)],
] as const;

/** Reads an archive by its directory, as a store does. */
function unzip(archive: Buffer): Map<string, string> {
  const end = archive.length - 22;
  expect(archive.readUInt32LE(end)).toBe(0x06054b50);
  const files = new Map<string, string>();
  let at = archive.readUInt32LE(end + 16);
  for (let i = 0; i < archive.readUInt16LE(end + 10); i++) {
    expect(archive.readUInt32LE(at)).toBe(0x02014b50);
    const [length, nameLength, local] = [
      archive.readUInt32LE(at + 24),
      archive.readUInt16LE(at + 28),
      archive.readUInt32LE(at + 42),
    ];
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    expect(archive.readUInt32LE(local)).toBe(0x04034b50);
    const from = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    files.set(name, archive.toString('utf8', from, from + length));
    at += 46 + nameLength;
  }
  return files;
}

test('an archive holds the files as they are, and the same files make the same bytes', () => {
  const archive = zip(FILES);
  expect(unzip(archive)).toEqual(new Map(FILES.map(([name, bytes]) => [name, bytes.toString()])));
  expect(zip([...FILES].reverse()).equals(archive)).toBe(true);
});
