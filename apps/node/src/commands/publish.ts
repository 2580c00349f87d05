import { stat } from 'node:fs/promises';
import type { PublishProgress } from '@perigee/da';
import { MAX_BLOB_BYTES, MAX_NAMESPACE_BYTES, PerigeeError, REDUNDANCIES, toHex, utf8 } from '@perigee/wire';
import { defineCommand } from '../cli/command.ts';
import { readFileOf } from '../files.ts';
import { readKey } from '../keys.ts';
import { CHAIN_OPTION, DEVNET_HOME, readTrustRootFile } from '../light.ts';
import { withPublisher } from '../publishing.ts';

/** About a day at a block a second. */
const DEFAULT_RETENTION = 86_400;

export const publish = defineCommand({
  name: 'publish',
  usage: 'FILE',
  summary: 'make a file available: encode it, hand it to the committee, and have the chain record it',
  options: {
    chain: CHAIN_OPTION,
    key: { kind: 'text', value: 'FILE', help: `key of the account that pays (default ${DEVNET_HOME}/account.key)` },
    namespace: { kind: 'text', help: 'namespace, 1 to 28 bytes of text (default "default")' },
    redundancy: { kind: 'number', help: `rows in all over original rows: ${REDUNDANCIES.join(', ')} (default 4)` },
    retention: {
      kind: 'number',
      value: 'BLOCKS',
      range: [1, 0xffffffff],
      help: `blocks for which the rows are served (default ${DEFAULT_RETENTION})`,
    },
    persist: { kind: 'flag', help: 'ask the storage role to keep the data after that' },
  },
  async run({ options, positionals }, { output, signal }) {
    const [file] = positionals;
    if (file === undefined || positionals.length > 1)
      throw new PerigeeError('INVALID_ARGUMENT', 'name one file: perigee publish FILE');
    const redundancy = REDUNDANCIES.find((known) => known === (options.redundancy ?? 4));
    if (redundancy === undefined) {
      throw new PerigeeError(
        'INVALID_ARGUMENT',
        `--redundancy is ${options.redundancy}; it must be one of ${REDUNDANCIES.join(', ')}`,
      );
    }
    const namespace = utf8(options.namespace ?? 'default');
    if (namespace.length < 1 || namespace.length > MAX_NAMESPACE_BYTES) {
      throw new PerigeeError(
        'INVALID_ARGUMENT',
        `--namespace has ${namespace.length} bytes; it must have 1 to ${MAX_NAMESPACE_BYTES}`,
      );
    }
    const data = await readBlob(file);
    const signer = await readKey(options.key ?? `${DEVNET_HOME}/account.key`);
    const trustRoot = await readTrustRootFile(options.chain);
    await withPublisher({ trustRoot, signer }, signal, async (publisher) => {
      const published = await publisher.publish({
        data,
        namespace,
        redundancy,
        retentionBlocks: options.retention ?? DEFAULT_RETENTION,
        persist: options.persist,
        signal,
        onProgress: progressLine((line) => output.progress(line)),
      });
      const { record, refusals } = published;
      const blobId = toHex(published.blobId);
      const result = {
        blobId,
        height: record.height,
        expiryHeight: record.expiryHeight,
        k: record.k,
        n: record.n,
        rowSize: record.rowSize,
      };
      output.result(
        { ...result, refusals: refusals.map(({ address, error }) => ({ member: toHex(address), ...error.toObject() })) },
        [
          `blob     ${blobId}`,
          `recorded at height ${record.height}, served until height ${record.expiryHeight}`,
          `coding   ${record.k} + ${record.n} rows of ${record.rowSize} bytes`,
          ...refusals.map(({ address, error }) => `unsigned ${toHex(address)}: ${error.message}`),
        ],
      );
    });
  },
});

/** @throws INVALID_ARGUMENT before anything is read of a file that cannot be a blob */
async function readBlob(file: string): Promise<Uint8Array> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) throw new PerigeeError('NOT_FOUND', `${file} is not a file`);
  const { size } = found;
  if (size < 1 || size > MAX_BLOB_BYTES) {
    throw new PerigeeError('BLOB_LENGTH', `${file} has ${size} bytes; a blob has 1 to ${MAX_BLOB_BYTES}`, { data: { size } });
  }
  return new Uint8Array(await readFileOf(file, 'the file to publish'));
}

/** A line a stage, and one a tenth of the upload. */
function progressLine(write: (line: string) => void): (progress: PublishProgress) => void {
  let last = '';
  return ({ stage, uploadedBytes, totalBytes, signed, members }) => {
    const tenths = totalBytes === 0 ? 0 : Math.floor((10 * uploadedBytes) / totalBytes);
    const line = stage === 'upload' ? `upload ${tenths * 10} %, ${signed} of ${members} signed` : stage;
    if (line !== last) write(line);
    last = line;
  };
}
