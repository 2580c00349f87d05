import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BlobSink, RetrievedBlob, RetrieveProgress } from '@perigee/sampler';
import { fileSink } from '@perigee/sampler/node';
import { PerigeeError } from '@perigee/wire';
import { readBlobId } from '../blob-id.ts';
import { defineCommand } from '../cli/command.ts';
import { withLightNode } from '../light.ts';
import { sizeText } from '../sizes.ts';
import { LIGHT_HOME, readTrust, TRUST_OPTIONS } from '../trust.ts';

export const get = defineCommand({
  name: 'get',
  usage: 'COMMITMENT -o FILE',
  summary: 'fetch a blob from all its holders, compare it with its commitment, and write it to a file',
  options: {
    ...TRUST_OPTIONS,
    output: { kind: 'text', short: 'o', value: 'FILE', help: 'where it is written; - for standard output (required)' },
    force: { kind: 'flag', help: 'write over a file that is there' },
  },
  defaultHome: LIGHT_HOME,
  async run({ options, positionals }, { output, signal }) {
    const blobId = readBlobId('get', positionals);
    const { output: target } = options;
    if (target === undefined || target === '') {
      throw new PerigeeError('INVALID_ARGUMENT', `name a file for it: perigee get ${blobId} -o FILE`);
    }
    if (target === '-' && output.json) {
      throw new PerigeeError('INVALID_ARGUMENT', 'standard output cannot hold the blob and JSON: name a file with -o');
    }
    if (target !== '-') await checkTarget(target, options.force);
    const trust = await readTrust(options);
    const fetchTo = async (sink: BlobSink): Promise<RetrievedBlob> => {
      try {
        return await withLightNode({ ...trust, follow: false, workers: 1 }, signal, (node) =>
          node.retrieve(blobId, { sink, signal, onProgress: (progress) => output.update(...progressText(progress)) }),
        );
      } catch (error) {
        await sink.abort(); // also when no node could be started; twice does no harm
        throw error;
      }
    };
    if (target === '-') {
      await withFolder(async (folder) => {
        const path = join(folder, 'blob');
        const got = await fetchTo(await fileSink(path));
        await pipeline(createReadStream(path), process.stdout, { end: false });
        for (const line of linesOf(got, target)) output.progress(line);
      });
    } else {
      const got = await fetchTo(await fileSink(resolve(target), { overwrite: options.force }));
      output.result({ ...got, file: resolve(target) }, linesOf(got, target));
    }
  },
});

/** @throws INVALID_ARGUMENT when nothing can be written there */
async function checkTarget(target: string, force: boolean): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isFile()) throw new PerigeeError('INVALID_ARGUMENT', `${target} is no file: name one with -o`);
  if (!force) throw new PerigeeError('INVALID_ARGUMENT', `${target} is there already: name another file, or add --force`);
}

function progressText({ stage, rows, needed, bytesIn }: RetrieveProgress): [text: string, milestone: string] {
  if (stage !== 'rows') return [stage, stage];
  const share = needed === 0 ? 0 : Math.min(1, rows / needed); // more are asked for than are needed
  return [`rows ${rows} of ${needed}, ${sizeText(bytesIn)}`, `rows ${Math.floor(10 * share) * 10} %`];
}

function linesOf({ blobId, length, sha256, rows, originals, bytesIn }: RetrievedBlob, target: string): string[] {
  return [
    `blob     ${blobId}`,
    `rows     ${rows} verified, ${originals} of them originals, ${sizeText(bytesIn)} received`,
    `sha256   ${sha256}`,
    ...(target === '-' ? [] : [`written  ${length} bytes to ${target}`]),
  ];
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
