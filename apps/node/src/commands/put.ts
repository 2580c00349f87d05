import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { tokensInWords } from '@perigee/light-core/tx';
import { cryptoRandomBytes } from '@perigee/net';
import {
  beginSealing,
  ed25519Payer,
  type FileSource,
  type FolderEntry,
  type PutFile,
  type PutFolder,
  type PutProgress,
  putFile,
  putFolder,
  type SealFor,
  sealSource,
} from '@perigee/sampler/files';
import { diskEntries, diskJournal, handleSource } from '@perigee/sampler/node';
import { MAX_REPLICAS, PerigeeError, toHex } from '@perigee/wire';
import type { OptionSpecs, Options } from '../cli/args.ts';
import { defineCommand } from '../cli/command.ts';
import { makeFolder, openRegularFile } from '../files.ts';
import { accountSigner, KEY_OPTION } from '../keyring.ts';
import { ensureSecret } from '../keys.ts';
import { sizeText } from '../sizes.ts';
import { fundBy } from '../transfers/fund-by.ts';
import { shareText } from '../transfers/get-file.ts';
import { withFiles } from '../transfers/with-files.ts';
import { LIGHT_HOME, readTrust, TRUST_OPTIONS } from '../trust.ts';
import { readHex } from '../tx/message.ts';

const OPTIONS = {
  ...TRUST_OPTIONS,
  key: KEY_OPTION,
  replicas: { kind: 'integer', value: 'N', range: [1, MAX_REPLICAS], help: 'nodes that shall have each part of it (default 1)' },
  encrypt: {
    kind: 'text',
    value: 'FILE',
    help: 'encrypt the file under the key of 32 bytes in this file, which is made if missing',
  },
  to: { kind: 'text', value: 'KEY', help: 'encrypt the file to this public key of secp256k1, 66 hexadecimal digits' },
  'encryption-version': {
    kind: 'integer',
    range: [1, 3],
    help: "1 (--encrypt) and 2 (--to) are what 0G's clients read; 3 also shows what was changed (default 3)",
  },
} as const satisfies OptionSpecs;

export const put = defineCommand({
  name: 'put',
  usage: 'FILE|FOLDER',
  summary: 'store a file or a folder: pay for it once, and hand it to storage nodes until they have all of it',
  options: OPTIONS,
  defaultHome: LIGHT_HOME,
  async run({ options, positionals }, { output, signal, home = LIGHT_HOME }) {
    const [path] = positionals;
    if (path === undefined || positionals.length > 1) {
      throw new PerigeeError('INVALID_ARGUMENT', 'name one file or folder: perigee put FILE|FOLDER');
    }
    const whom = await readSealFor(options);
    const content = await openContent(path);
    try {
      if (whom !== undefined && !('source' in content)) {
        throw new PerigeeError(
          'INVALID_ARGUMENT',
          'a folder is stored as it is: encrypt its files, or an archive of it, one by one',
        );
      }
      const signer = await accountSigner(home, options.key);
      const trust = await readTrust(options);
      await makeFolder(home);
      const journal = await diskJournal(join(home, 'transfers'));
      const payer = ed25519Payer(signer);
      await withFiles(trust, signal, async (parts, node) => {
        const onProgress = (progress: PutProgress): void => output.update(...progressText(progress, content.bytes));
        const fund = fundBy(node, output);
        const request = {
          ...parts,
          tx: node.transactions,
          ...fund,
          journal,
          payer,
          replicas: options.replicas ?? 1,
          signal,
          onProgress,
        };
        const store = async (): Promise<[object, string[]]> => {
          if (!('source' in content)) return folderResult(await putFolder({ ...request, entries: content.entries }));
          if (whom === undefined) return fileResult(await putFile({ ...request, source: content.source }));
          const { name, source } = content;
          const version = sealingVersion(options['encryption-version']);
          const { length } = source;
          const sealing = await beginSealing({ for: whom, version, source: name, length, journal, random: cryptoRandomBytes });
          const stored = await putFile({ ...request, source: sealSource(source, sealing.cipher) });
          await sealing.done();
          return fileResult(stored);
        };
        const stored = await store().catch((error: unknown) => {
          if (signal.aborted) output.progress('stopped; the same command goes on where this one ended');
          throw error;
        });
        output.result(...stored);
      });
    } finally {
      await content.close();
    }
  },
});

/** @throws INVALID_ARGUMENT, STORE_CORRUPT */
async function readSealFor({ encrypt, to }: Options<typeof OPTIONS>): Promise<SealFor | undefined> {
  if (encrypt !== undefined && to !== undefined) {
    throw new PerigeeError('INVALID_ARGUMENT', 'a file is encrypted under a key (--encrypt) or to a public key (--to), not both');
  }
  if (to !== undefined) return { recipient: readHex(to, 33, '--to') };
  return encrypt === undefined ? undefined : { shared: await ensureSecret(encrypt) };
}

function sealingVersion(given: number | undefined): 1 | 2 | 3 {
  return given === 1 || given === 2 ? given : 3;
}

type Content = ({ readonly name: string; readonly source: FileSource } | { readonly entries: readonly FolderEntry[] }) & {
  readonly bytes: number;
  close(): Promise<void>;
};

/** @throws NOT_FOUND, REFUSED, INVALID_ARGUMENT for what is neither a file nor a folder */
async function openContent(path: string): Promise<Content> {
  if ((await stat(path).catch(() => undefined))?.isDirectory()) {
    const entries = await diskEntries(path);
    return { entries, bytes: entries.reduce((sum, { size }) => sum + size, 0), close: async () => {} };
  }
  const handle = await openRegularFile(path);
  const source = await handleSource(handle, path);
  const { mtimeMs, ino } = await handle.stat();
  return { name: `${resolve(path)} ${ino} ${mtimeMs}`, source, bytes: source.length, close: () => handle.close() };
}

function progressText(progress: PutProgress, length: number): [text: string, milestone: string] {
  const { stage, hashedBytes, storedBytes, storeBytes } = progress;
  if (stage === 'hash') return shareText('hash', hashedBytes, length);
  if (stage === 'upload') return shareText('upload', storedBytes, storeBytes);
  return [stage, stage];
}

function fileResult({ file, paid, nodes, sentBytes }: PutFile): [object, string[]] {
  const { root, txSeq, length } = file;
  return [
    { root: toHex(root), txSeq, length, paid: String(paid), sentBytes, nodes },
    [
      `root     ${toHex(root)}`,
      `file     number ${txSeq} on the chain, ${length} bytes`,
      paid === 0n ? 'paid     nothing: it was on the chain already' : `paid     ${tokensInWords(paid)}`,
      `sent     ${sizeText(sentBytes)} of segments`,
      ...nodes.map(({ peerId, shardId, numShard }) => `stored   ${peerId}: all of shard ${shardId}/${numShard}`),
    ],
  ];
}

function folderResult({ file, folder, paidFiles, paid, sentBytes }: PutFolder): [object, string[]] {
  const { root, txSeq } = file;
  const { files, parts, tensors } = folder;
  return [
    {
      root: toHex(root),
      txSeq,
      files: files.length,
      storedFiles: parts.length + 1,
      tensors: tensors.length,
      paidFiles,
      paid: String(paid),
      sentBytes,
    },
    [
      `root     ${toHex(root)}`,
      `folder   ${files.length} files in ${parts.length + 1} stored files${tensors.length === 0 ? '' : `, ${tensors.length} tensors`}`,
      paidFiles === 0
        ? 'paid     nothing: all was on the chain already'
        : `paid     ${tokensInWords(paid)} for ${paidFiles} stored files`,
      `sent     ${sizeText(sentBytes)} of segments`,
    ],
  ];
}
