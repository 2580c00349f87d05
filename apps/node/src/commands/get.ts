import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FileSecret } from '@perigee/light-core/sealed';
import { Submissions } from '@perigee/light-core/storage';
import type { BlobSink, LightNode, RetrievedBlob, RetrieveProgress } from '@perigee/sampler';
import { type FileParts, isStoredFolder } from '@perigee/sampler/files';
import { fileSink } from '@perigee/sampler/node';
import { fromHex, PerigeeError, type StoredFile } from '@perigee/wire';
import { readBlobId } from '../blob-id.ts';
import { defineCommand } from '../cli/command.ts';
import type { Output } from '../cli/output.ts';
import { readSecretKey } from '../keys.ts';
import { sizeText } from '../sizes.ts';
import { getFile } from '../transfers/get-file.ts';
import { getFromFolder } from '../transfers/get-folder.ts';
import { withFiles } from '../transfers/with-files.ts';
import { LIGHT_HOME, readTrust, TRUST_OPTIONS } from '../trust.ts';

export const get = defineCommand({
  name: 'get',
  usage: 'COMMITMENT|ROOT -o FILE',
  summary: 'fetch a blob from all its holders, or a stored file from its nodes, verify it, and write it to a file',
  options: {
    ...TRUST_OPTIONS,
    output: { kind: 'text', short: 'o', value: 'FILE', help: 'where it is written; - for standard output (required)' },
    force: { kind: 'flag', help: 'write over a file that is there' },
    range: {
      kind: 'text',
      value: 'A-B',
      help: 'only these bytes of a stored file, or of one file of a folder: 0-99, 100- or -100',
    },
    path: { kind: 'text', value: 'PATH', help: 'only this file of a stored folder' },
    tensor: { kind: 'text', value: 'NAME', help: 'only the bytes of this tensor of a stored folder; with --path of that file' },
    key: {
      kind: 'text',
      value: 'FILE',
      help: 'decrypt a stored file with the key in this file: 32 bytes, or a secret key of secp256k1 ("secp256k1:" before it)',
    },
    raw: { kind: 'flag', help: 'the list of a stored folder as it is, in place of its files' },
    'tx-seq': {
      kind: 'integer',
      value: 'N',
      range: [0, Number.MAX_SAFE_INTEGER],
      help: 'the stored file with this number on the chain; no root is named then',
    },
  },
  defaultHome: LIGHT_HOME,
  async run({ options, positionals }, { output, signal }) {
    const { output: target, force, range, 'tx-seq': txSeq, path: wanted, tensor, raw, key } = options;
    const blobId = txSeq === undefined ? readBlobId('perigee get COMMITMENT|ROOT -o FILE', positionals) : undefined;
    if (txSeq !== undefined && positionals.length > 0) {
      throw new PerigeeError('INVALID_ARGUMENT', 'name what to get by its number (--tx-seq) or by its root, not by both');
    }
    if (target === undefined || target === '') {
      throw new PerigeeError(
        'INVALID_ARGUMENT',
        `name a file for it: perigee get ${positionals[0] ?? `--tx-seq ${txSeq}`} -o FILE`,
      );
    }
    if (target === '-' && output.json) {
      throw new PerigeeError('INVALID_ARGUMENT', 'standard output cannot hold what is got and JSON: name a file with -o');
    }
    if (target !== '-') await checkTarget(target, force);
    const secret = key === undefined ? undefined : await readFileSecret(key);
    const trust = await readTrust(options);
    await withFiles(trust, signal, async (parts, node) => {
      const file = await storedFile(parts, positionals[0], txSeq, signal);
      const show = (path: string, write: (path: string) => Promise<readonly [object, string[]]>): Promise<void> =>
        target === '-' ? toStandardOutput(output, write) : write(path).then((result) => output.result(...result));
      const isPart = range !== undefined || wanted !== undefined || tensor !== undefined;
      if (file === undefined && isPart) throw new PerigeeError('NOT_FOUND', 'the chain knows no stored file of this root');
      const isInFolder = wanted !== undefined || tensor !== undefined;
      if (file !== undefined && !raw && secret === undefined && (isInFolder || (await isStoredFolder(parts, file, signal)))) {
        const common = { parts, file, force, range, wanted, tensor, signal, output };
        await show(target, (path) => getFromFolder({ ...common, target: path }));
      } else if (file !== undefined)
        await show(target, (path) => getFile({ parts, file, target: path, force, range, secret, signal, output }));
      else await show(target, (path) => getBlob(node, blobId ?? '', path, force, { output, signal }));
    });
  },
});

async function readFileSecret(path: string): Promise<FileSecret> {
  const { scheme, secret } = await readSecretKey(path);
  return scheme === 'secp256k1' ? { secret } : { shared: secret };
}

/** The stored file that is named, proved. A name of 66 digits is always a blob's. @throws NOT_FOUND for a number that the chain has not got to */
async function storedFile(
  { state }: FileParts,
  word: string | undefined,
  txSeq: number | undefined,
  signal: AbortSignal,
): Promise<StoredFile | undefined> {
  const submissions = new Submissions(state);
  if (txSeq === undefined) {
    const text = (word ?? '').replace(/^#|^0x/, '').toLowerCase();
    return text.length === 64 ? submissions.byRoot(fromHex(text, 32), signal) : undefined;
  }
  const file = await submissions.byTxSeq(txSeq, signal);
  if (file === undefined) throw new PerigeeError('NOT_FOUND', `the chain has no stored file with number ${txSeq}`);
  return file;
}

async function getBlob(
  node: LightNode,
  blobId: string,
  target: string,
  force: boolean,
  { output, signal }: { readonly output: Output; readonly signal: AbortSignal },
): Promise<readonly [object, string[]]> {
  const path = resolve(target);
  const sink: BlobSink = await fileSink(path, { overwrite: force });
  const got = await node.retrieve(blobId, { sink, signal, onProgress: (progress) => output.update(...progressText(progress)) });
  return [{ ...got, file: path }, linesOf(got, target)];
}

/** What is got is written to a file first: nothing of it is given out before all of it is verified. */
async function toStandardOutput(output: Output, write: (path: string) => Promise<readonly [object, string[]]>): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, 'got');
    const [, lines] = await write(path);
    await pipeline(createReadStream(path), process.stdout, { end: false });
    for (const line of lines.filter((line) => !line.includes(path))) output.progress(line);
  });
}

/** @throws INVALID_ARGUMENT when nothing can be written there */
async function checkTarget(target: string, force: boolean): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isFile()) throw new PerigeeError('INVALID_ARGUMENT', `${target} is no file: name one with -o`);
  if (!force) throw new PerigeeError('INVALID_ARGUMENT', `${target} is there already: name another file, or add --force`);
}

function progressText({ stage, rows, needed, bytesIn }: RetrieveProgress): [text: string, milestone: string] {
  if (stage !== 'rows' && stage !== 'segments') return [stage, stage];
  const share = needed === 0 ? 0 : Math.min(1, rows / needed); // more are asked for than are needed
  return [`${stage} ${rows} of ${needed}, ${sizeText(bytesIn)}`, `${stage} ${Math.floor(10 * share) * 10} %`];
}

function linesOf({ blobId, length, sha256, rows, originals, segments, bytesIn }: RetrievedBlob, target: string): string[] {
  const from =
    segments > 0
      ? `segments ${segments} verified, and all compared with the commitment, ${sizeText(bytesIn)} received`
      : `rows     ${rows} verified, ${originals} of them originals, ${sizeText(bytesIn)} received`;
  return [`blob     ${blobId}`, from, `sha256   ${sha256}`, `written  ${length} bytes to ${target}`];
}

/** Runs `use` with a folder that is gone afterwards. */
async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'perigee-get-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
