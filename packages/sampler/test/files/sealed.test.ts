import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type FileSecret, formatSealedHeader, parseSealedHeader, recipientOf } from '@perigee/light-core/sealed';
import { cryptoRandomBytes } from '@perigee/net';
import { FILE_SEGMENT_BYTES, fromHex, toHex } from '@perigee/wire';
import { describe, expect, it, onTestFailed } from 'vitest';
import { codeOfPromise } from '../../../../tests/kit/code-of.ts';
import { randomOf, temporaryFolder } from '../../../../tests/kit/index.ts';
import { beginSealing, bytesSource, type FileSource, SealedFile, type SealFor, sealSource } from '../../src/files/index.ts';
import { diskJournal } from '../../src/node.ts';

const peer = fileURLToPath(new URL('../../../../tests/peers/zerog/', import.meta.url));
const installed = existsSync(`${peer}node_modules/@0gfoundation/0g-ts-sdk`);
const LONG = process.env.PERIGEE_LONG === '1';

const shared = new Uint8Array(32).fill(7);
const secret = new Uint8Array(32).fill(9);
const WAYS = [
  { version: 1, whom: { shared }, reader: { shared } },
  { version: 2, whom: { recipient: recipientOf(secret) }, reader: { secret } },
  { version: 3, whom: { shared }, reader: { shared } },
  { version: 3, whom: { recipient: recipientOf(secret) }, reader: { secret } },
] as const satisfies readonly { version: 1 | 2 | 3; whom: SealFor; reader: FileSecret }[];

async function seal(content: Uint8Array, { version, whom }: { version: 1 | 2 | 3; whom: SealFor }): Promise<FileSource> {
  const journal = await diskJournal(temporaryFolder('sealing'));
  const { cipher } = await beginSealing({
    for: whom,
    version,
    source: 'x',
    length: content.length,
    journal,
    random: cryptoRandomBytes,
  });
  return sealSource(bytesSource(content), cipher);
}

async function allOf(source: FileSource): Promise<Uint8Array> {
  const bytes = new Uint8Array(source.length);
  await source.read(0, bytes);
  return bytes;
}

/** As segments come. */
function storedOf(bytes: Uint8Array) {
  return async function* ({ from, to }: { from: number; to: number }) {
    for (let at = from; at < to; ) {
      const end = Math.min(to, (Math.floor(at / FILE_SEGMENT_BYTES) + 1) * FILE_SEGMENT_BYTES);
      yield bytes.slice(at, end);
      at = end;
    }
  };
}

async function open(stored: Uint8Array, reader: FileSecret): Promise<SealedFile> {
  return SealedFile.open(stored.length, storedOf(stored), reader);
}

async function readAll(stored: Uint8Array, reader: FileSecret, range?: { from: number; to: number }): Promise<Buffer> {
  const file = await open(stored, reader);
  const pieces: Uint8Array[] = [];
  for await (const piece of file.read(range ?? { from: 0, to: file.length })) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('an encrypted file', () => {
  it('is read by whom it is for, whole and in ranges, and made the same wherever it is begun', async () => {
    const random = randomOf(onTestFailed);
    const lengths = [
      0,
      1,
      15,
      16,
      17,
      1_000,
      FILE_SEGMENT_BYTES - 91,
      FILE_SEGMENT_BYTES - 90,
      FILE_SEGMENT_BYTES,
      2 * FILE_SEGMENT_BYTES + 5,
    ];
    for (const way of WAYS) {
      for (const length of lengths) {
        const content = random.bytes(length);
        const source = await seal(content, way);
        const stored = await allOf(source);
        expect((await readAll(stored, way.reader)).equals(content), `version ${way.version}, ${length} bytes`).toBe(true);
        for (let i = 0; i < (LONG ? 50 : 4); i++) {
          const at = random.below(stored.length);
          const part = new Uint8Array(random.between(1, stored.length - at));
          await source.read(at, part);
          expect(Buffer.compare(part, stored.subarray(at, at + part.length)), `stored bytes from ${at}`).toBe(0);
          const from = random.below(length + 1);
          const to = random.between(from, length);
          expect((await readAll(stored, way.reader, { from, to })).equals(content.subarray(from, to)), `${from} to ${to}`).toBe(
            true,
          );
        }
      }
    }
  });

  it('of version 3 is refused when anything of it was changed, moved or left out, or under another key', async () => {
    const random = randomOf(onTestFailed);
    for (const way of WAYS.slice(2)) {
      const stored = await allOf(await seal(random.bytes(3 * FILE_SEGMENT_BYTES), way));
      const refused = async (bytes: Uint8Array, reader: FileSecret = way.reader): Promise<void> =>
        expect(await codeOfPromise(readAll(bytes, reader))).toBe('SEALED');
      const headerBytes = formatSealedHeader(parseSealedHeader(stored.subarray(0, 200))).length;
      for (const at of [
        ...Array(headerBytes).keys(),
        headerBytes,
        ...Array.from({ length: 20 }, () => random.below(stored.length)),
      ]) {
        const changed = stored.slice();
        changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
        // versions 1 and 2 authenticate nothing, which is what `authenticated` says
        if (at === 0 && (changed[0] === 1 || changed[0] === 2)) continue;
        await refused(changed);
      }
      const swapped = stored.slice();
      swapped.set(stored.subarray(FILE_SEGMENT_BYTES, 2 * FILE_SEGMENT_BYTES), 2 * FILE_SEGMENT_BYTES);
      swapped.set(stored.subarray(2 * FILE_SEGMENT_BYTES, 3 * FILE_SEGMENT_BYTES), FILE_SEGMENT_BYTES);
      await refused(swapped);
      await refused(stored.subarray(0, 2 * FILE_SEGMENT_BYTES));
      await refused(stored.subarray(0, -1));
      await refused(stored, 'shared' in way.reader ? { shared: new Uint8Array(32) } : { secret: new Uint8Array(32).fill(1) });
      await refused(stored, 'shared' in way.reader ? { secret } : { shared });
      await refused(stored.subarray(0, 20));
    }
  });

  it('that is gone on with is the same bytes, until it is done', async () => {
    const journal = await diskJournal(temporaryFolder('sealing'));
    const content = new Uint8Array(5_000).fill(3);
    const begin = () =>
      beginSealing({ for: { shared }, version: 3, source: '/a 1', length: content.length, journal, random: cryptoRandomBytes });
    const stored = async (cipher: Parameters<typeof sealSource>[1]) =>
      toHex(await allOf(sealSource(bytesSource(content), cipher)));
    const first = await begin();
    const second = await begin();
    expect(await stored(second.cipher)).toBe(await stored(first.cipher));
    await first.done();
    expect(await stored((await begin()).cipher)).not.toBe(await stored(first.cipher));
  });

  it('is for a key or a public key as its version says', async () => {
    expect(await codeOfPromise(seal(new Uint8Array(1), { version: 2, whom: { shared } }))).toBe('INVALID_ARGUMENT');
    expect(await codeOfPromise(seal(new Uint8Array(1), { version: 1, whom: { recipient: recipientOf(secret) } }))).toBe(
      'INVALID_ARGUMENT',
    );
    expect(await codeOfPromise(seal(new Uint8Array(1), { version: 3, whom: { recipient: new Uint8Array(33) } }))).toBe(
      'INVALID_ARGUMENT',
    );
    for (const start of [[], [0], [4, 1, 2], [3, 2]])
      expect(await codeOfPromise(open(Uint8Array.from(start), { shared }))).toBe('SEALED');
  });
});

describe(`0G's SDK (${installed ? 'tests/peers/zerog' : 'skipped: tests/peers/zerog is not installed, npm ci there'})`, () => {
  function ask(input: unknown): string[] {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['seal.mjs'], {
      cwd: peer,
      input: JSON.stringify(input),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout);
  }

  it.runIf(installed)('reads what we encrypt in versions 1 and 2, and we read what it encrypts', async () => {
    const random = randomOf(onTestFailed);
    const cases = WAYS.slice(0, 2).flatMap((way) =>
      [1, 15, 16, 17, 300_000].map((length) => ({ ...way, content: random.bytes(length) })),
    );
    const keyOf = ({ version }: { version: number }): string => toHex(version === 1 ? shared : secret);
    const ours = await Promise.all(cases.map(async (one) => toHex(await allOf(await seal(one.content, one)))));
    const read = ask(cases.map((one, i) => ({ version: one.version, key: keyOf(one), sealed: ours[i] })));
    expect(read.map((hex, i) => hex === toHex(cases[i]?.content ?? shared))).toEqual(cases.map(() => true));
    const to = toHex(recipientOf(secret));
    const theirs = ask(cases.map((one) => ({ version: one.version, key: keyOf(one), to, content: toHex(one.content) })));
    for (const [i, { content, reader, version }] of cases.entries()) {
      const stored = fromHex(theirs[i] ?? '');
      expect((await readAll(stored, reader)).equals(content), `version ${version}, ${content.length} bytes`).toBe(true);
      expect((await readAll(stored, reader, { from: 1, to: content.length })).equals(content.subarray(1))).toBe(true);
    }
  });
});
