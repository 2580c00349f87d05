import { resolve } from 'node:path';
import type { FileSecret } from '@perigee/light-core/sealed';
import type { BlobSink } from '@perigee/sampler';
import {
  type ByteRange,
  download,
  type FileParts,
  type GetProgress,
  readByteRange,
  readPlace,
  readRange,
  SealedFile,
} from '@perigee/sampler/files';
import { diskPlace, fileSink } from '@perigee/sampler/node';
import { PerigeeError, type StoredFile, toHex } from '@perigee/wire';
import type { Output } from '../cli/output.ts';
import { sizeText } from '../sizes.ts';

export interface GetFileOptions {
  readonly parts: FileParts;
  /** Proved. */
  readonly file: StoredFile;
  readonly target: string;
  readonly force: boolean;
  readonly range: string | undefined;
  /** What the file is decrypted with; none leaves it as it is. */
  readonly secret: FileSecret | undefined;
  readonly signal: AbortSignal;
  readonly output: Output;
}

/** What was got, for machines and for people. */
export type GotFile = readonly [result: object, lines: string[]];

/** Fetches a stored file, or a range of it, to a file on disk. */
export async function getFile(options: GetFileOptions): Promise<GotFile> {
  if (options.secret !== undefined) return getSealed(options, options.secret);
  return options.range === undefined ? getWhole(options) : getRange(options, options.range);
}

/**
 * Fetches an encrypted file as a partial file beside the target, which a later run goes on with, and decrypts it when it is whole; until then both take room.
 * A range is small, and is decrypted as it comes.
 */
async function getSealed(options: GetFileOptions, secret: FileSecret): Promise<GotFile> {
  const { parts, file, target, range, signal, output } = options;
  let bytesIn = 0;
  const onBytes = (count: number): void => {
    bytesIn += count;
  };
  // a wrong key is told before all is fetched
  const remote = await SealedFile.open(file.length, (range) => readRange({ ...parts, file, range, signal, onBytes }), secret);
  if (range !== undefined) {
    const wanted = readByteRange(range, remote.length);
    await decrypt(remote, wanted, options);
    return gotSealed(options, wanted, { bytesIn, resumedBytes: 0, authenticated: remote.authenticated });
  }
  const place = await diskPlace(resolve(`${target}.encrypted`), { overwrite: true });
  try {
    const onProgress = (progress: GetProgress): void => output.update(...progressText(progress));
    const got = await download({ ...parts, file, place, signal, onProgress });
    const local = await SealedFile.open(file.length, readPlace(place.data), secret);
    const wanted = { from: 0, to: local.length };
    await decrypt(local, wanted, options);
    await place.remove();
    const { authenticated } = local;
    return gotSealed(options, wanted, { bytesIn: bytesIn + got.bytesIn, resumedBytes: got.resumedBytes, authenticated });
  } catch (error) {
    if (signal.aborted) output.progress('stopped; the same command goes on where this one ended');
    throw error;
  } finally {
    await place.close();
  }
}

async function decrypt(
  sealed: SealedFile,
  { from, to }: ByteRange,
  { target, force, signal, output }: GetFileOptions,
): Promise<void> {
  const sink: BlobSink = await fileSink(resolve(target), { overwrite: force });
  try {
    let written = 0;
    for await (const piece of sealed.read({ from, to })) {
      if (signal.aborted) throw new PerigeeError('ABORTED', 'it was stopped');
      await sink.write(piece);
      written += piece.length;
      output.update(...shareText('decrypt', written, to - from));
    }
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

function gotSealed(
  { file, target }: GetFileOptions,
  { from, to }: ByteRange,
  how: { readonly bytesIn: number; readonly resumedBytes: number; readonly authenticated: boolean },
): GotFile {
  return [
    { ...named(file), file: resolve(target), from, to, ...how },
    [
      ...namedLines(file),
      ...resumedLines(how.resumedBytes),
      `written  ${to - from} bytes, decrypted, to ${target}, ${sizeText(how.bytesIn)} received`,
      ...(how.authenticated
        ? []
        : ['note     this version of encryption does not show whether the key was right, or who encrypted it']),
    ],
  ];
}

async function getWhole({ parts, file, target, force, signal, output }: GetFileOptions): Promise<GotFile> {
  const place = await diskPlace(resolve(target), { overwrite: force });
  try {
    const onProgress = (progress: GetProgress): void => output.update(...progressText(progress));
    const got = await download({ ...parts, file, place, signal, onProgress });
    await place.finish();
    return [
      {
        ...named(file),
        file: resolve(target),
        bytesIn: got.bytesIn,
        resumedBytes: got.resumedBytes,
        byPeer: Object.fromEntries(got.byPeer),
      },
      [
        ...namedLines(file),
        ...got.byPeer.map(([peer, bytes]) => `from     ${peer}: ${sizeText(bytes)} verified`),
        ...resumedLines(got.resumedBytes),
        `written  ${file.length} bytes to ${target}`,
      ],
    ];
  } catch (error) {
    if (signal.aborted) output.progress('stopped; the same command goes on where this one ended');
    throw error;
  } finally {
    await place.close();
  }
}

async function getRange({ parts, file, target, force, signal, output }: GetFileOptions, words: string): Promise<GotFile> {
  const range = readByteRange(words, file.length);
  const sink: BlobSink = await fileSink(resolve(target), { overwrite: force });
  let bytesIn = 0;
  try {
    const onBytes = (count: number): void => {
      bytesIn += count;
    };
    let written = 0;
    for await (const piece of readRange({ ...parts, file, range, signal, onBytes })) {
      await sink.write(piece);
      written += piece.length;
      output.update(...shareText('range', written, range.to - range.from));
    }
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
  const { from, to } = range;
  return [
    { ...named(file), file: resolve(target), from, to, bytesIn },
    [...namedLines(file), `written  bytes ${from} to ${to - 1} to ${target}, ${sizeText(bytesIn)} received`],
  ];
}

function named({ root, txSeq, length }: StoredFile): object {
  return { root: toHex(root), txSeq, length };
}

function namedLines({ root, txSeq, length }: StoredFile): string[] {
  return [`root     ${toHex(root)}`, `file     number ${txSeq} on the chain, ${length} bytes`];
}

function resumedLines(bytes: number): string[] {
  return bytes === 0 ? [] : [`resumed  ${sizeText(bytes)} were there and hold`];
}

function progressText({ stage, verifiedBytes, totalBytes }: GetProgress): [text: string, milestone: string] {
  return stage === 'done'
    ? ['done', 'done']
    : shareText(stage === 'check' ? 'check what is there' : 'fetch', verifiedBytes, totalBytes);
}

/** How far something is: in place on a terminal, and a line a tenth elsewhere. */
export function shareText(what: string, done: number, total: number): [text: string, milestone: string] {
  const share = total === 0 ? 0 : Math.min(1, done / total);
  return [
    `${what} ${Math.floor(100 * share)} %, ${sizeText(done)} of ${sizeText(total)}`,
    `${what} ${Math.floor(10 * share) * 10} %`,
  ];
}
