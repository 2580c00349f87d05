import type { PublishedBlob, PublishProgress, PublishRequest } from '@perigee/da';
import {
  DEFAULT_RETENTION_BLOCKS,
  ed25519Address,
  equal,
  keyText,
  MAX_NAMESPACE_BYTES,
  PerigeeError,
  REDUNDANCIES,
  toHex,
  utf8,
} from '@perigee/wire';
import type { OptionSpecs, Options } from '../cli/args.ts';
import { defineCommand } from '../cli/command.ts';
import type { Output } from '../cli/output.ts';
import { openFileSource } from '../file-source.ts';
import { accountSigner, KEY_OPTION } from '../keyring.ts';
import { withPublisher } from '../publishing.ts';
import { sizeText } from '../sizes.ts';
import { LIGHT_HOME, readTrust, TRUST_OPTIONS } from '../trust.ts';
import { funded } from '../tx/funded.ts';
import { namespaceText } from '../words.ts';

const OPTIONS = {
  ...TRUST_OPTIONS,
  key: KEY_OPTION,
  namespace: { kind: 'text', help: 'namespace, 1 to 28 bytes of text (default "default")' },
  redundancy: { kind: 'number', help: `rows in all over original rows: ${REDUNDANCIES.join(', ')} (default 4)` },
  retention: {
    kind: 'integer',
    value: 'BLOCKS',
    range: [1, 0xffffffff],
    help: `blocks for which the rows are served (default ${DEFAULT_RETENTION_BLOCKS}, about a day at a block a second)`,
  },
  quorum: {
    kind: 'number',
    value: 'PERCENT',
    range: [0, 99.99],
    help: 'share of the stake that must be exceeded by those who sign, where that is more than the rules ask for',
  },
  persist: { kind: 'flag', help: 'ask the storage role to keep the data after that' },
} as const satisfies OptionSpecs;

export const publish = defineCommand({
  name: 'publish',
  usage: 'FILE',
  summary: 'make a file available: encode it, hand it to the committee, and have the chain record it',
  options: OPTIONS,
  defaultHome: LIGHT_HOME,
  async run({ options, positionals }, { output, signal, home = LIGHT_HOME }) {
    const [path] = positionals;
    if (path === undefined || positionals.length > 1)
      throw new PerigeeError('INVALID_ARGUMENT', 'name one file: perigee publish FILE');
    const policy = readPolicy(options);
    const source = await openFileSource(path);
    try {
      const signer = await accountSigner(home, options.key);
      const trust = await readTrust(options);
      await withPublisher({ trust, signer }, signal, async (publisher, node) => {
        const progress = uploadReport(output);
        const request = { ...policy, data: source, signal, onProgress: progress.note };
        const address = ed25519Address(signer.publicKey);
        const published = await funded(() => publisher.publish(request), { node, address, output, signal }).catch(
          (error: unknown) => {
            if (signal.aborted) output.progress('stopped; the same command goes on where this one ended');
            throw error;
          },
        );
        output.result(...resultOf(published, request, progress.last, address));
      });
    } finally {
      await source.close();
    }
  },
});

/** @throws INVALID_ARGUMENT */
function readPolicy(options: Options<typeof OPTIONS>) {
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
  return {
    redundancy,
    namespace,
    retentionBlocks: options.retention ?? DEFAULT_RETENTION_BLOCKS,
    quorum: Math.round((options.quorum ?? 0) * 100),
    persist: options.persist,
  };
}

/** Shows how far the upload is: in place on a terminal, else a line a stage and one a tenth. */
function uploadReport(output: Output): {
  readonly note: (progress: PublishProgress) => void;
  readonly last: PublishProgress | undefined;
} {
  let last: PublishProgress | undefined;
  return {
    get last() {
      return last;
    },
    note(progress) {
      last = progress;
      const { stage, uploadedBytes, totalBytes, signed, members } = progress;
      const share = totalBytes === 0 ? 0 : uploadedBytes / totalBytes;
      const signatures = `${signed} of ${members} signed`;
      if (stage !== 'upload') output.update(stage, stage);
      else {
        const bytes = `${sizeText(uploadedBytes)} of ${sizeText(totalBytes)}`;
        output.update(
          `upload ${Math.floor(100 * share)} %, ${bytes}, ${signatures}`,
          `upload ${Math.floor(10 * share) * 10} %, ${signatures}`,
        );
      }
    },
  };
}

function resultOf(
  published: PublishedBlob,
  { namespace: wanted }: PublishRequest,
  progress: PublishProgress | undefined,
  address: Uint8Array,
): [object, string[]] {
  const { record, refusals } = published;
  const blobId = toHex(published.blobId);
  const { uploadedBytes = 0, sentBytes = 0, totalBytes = 0 } = progress ?? {};
  const heldBytes = Math.max(0, uploadedBytes - sentBytes);
  const { height, expiryHeight, k, n, rowSize, namespace } = record;
  const result = {
    blobId,
    namespace: toHex(namespace),
    height,
    expiryHeight,
    k,
    n,
    rowSize,
    length: record.length,
    sentBytes,
    heldBytes,
  };
  return [
    {
      ...result,
      account: toHex(address),
      refusals: refusals.map((refusal) => ({ member: toHex(refusal.address), ...refusal.error.toObject() })),
    },
    [
      `blob     ${blobId}`,
      `recorded at height ${height}, served until height ${expiryHeight}`,
      ...(equal(namespace, wanted)
        ? []
        : [`namespace ${namespaceText(namespace)}: the record was there, and is not listed under ${namespaceText(wanted)}`]),
      `coding   ${k} + ${n} rows of ${rowSize} bytes`,
      totalBytes === 0
        ? 'sent     nothing: it was recorded already, for at least as long'
        : `sent     ${sizeText(sentBytes)} of rows${heldBytes === 0 ? '' : `; ${sizeText(heldBytes)} were there already`}`,
      ...refusals.map((refusal) => `unsigned ${keyText(refusal.address)}: ${refusal.error.message}`),
    ],
  ];
}
