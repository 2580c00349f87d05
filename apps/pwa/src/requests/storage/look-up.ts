import { fileGeometry, holdsSegment, Submissions } from '@perigee/light-core/storage';
import { limitedSignal } from '@perigee/net/abort';
import { askHolding, type FileParts, type Holding, isStoredFolder, StoredFolder } from '@perigee/sampler/files';
import { fromHex, MAX_TRANSFER_PEERS, PerigeeError, type StoredFile, toHex } from '@perigee/wire';
import { shownText } from '../../files/names.ts';
import type { FoundFile, FoundFolder, FoundHolder } from '../../model/index.ts';

/** Stretches of a file that are shown one by one. */
const MAX_CELLS = 64;
/** Files and tensors of a folder that are shown. */
const MAX_LISTED = 200;
/** How long nodes are asked what they have, milliseconds. */
const ASK_MS = 5_000;

export interface Found {
  readonly file: StoredFile;
  readonly folder: StoredFolder | undefined;
  readonly view: FoundFile;
}

/**
 * Finds a file on the chain, proved, and asks nodes what they have of it.
 *
 * @param text root or number
 * @throws INVALID_ARGUMENT, NOT_FOUND
 */
export async function lookUp(parts: FileParts, text: string, signal: AbortSignal): Promise<Found> {
  const file = await storedFile(parts, text, signal);
  const soon = limitedSignal(signal, ASK_MS);
  const peers = parts.storage.peers().slice(0, MAX_TRANSFER_PEERS);
  const holders = await Promise.all(
    peers.map(async (peer): Promise<FoundHolder | undefined> => {
      try {
        return holderOf(peer.id, file, await askHolding(peer, file, soon));
      } catch (thrown) {
        if (!soon.aborted) parts.storage.judge(peer, thrown);
        return undefined;
      }
    }),
  );
  const isFolder = await isStoredFolder(parts, file, signal).catch(() => false); // nobody has it now
  const folder = isFolder ? await StoredFolder.open(parts, file, signal) : undefined;
  const { root, txSeq, length, height, author } = file;
  const view: FoundFile = {
    root: toHex(root),
    txSeq,
    length,
    segments: fileGeometry(length).segments,
    height,
    author: toHex(author),
    holders: holders.filter((holder) => holder !== undefined),
    folder: folder && folderView(folder),
  };
  return { file, folder, view };
}

async function storedFile({ state }: FileParts, text: string, signal: AbortSignal): Promise<StoredFile> {
  const submissions = new Submissions(state);
  const word = text.trim().replace(/^0x/, '').toLowerCase();
  const isNumber = /^\d{1,15}$/.test(word);
  if (!isNumber && !/^[0-9a-f]{64}$/.test(word)) {
    throw new PerigeeError('INVALID_ARGUMENT', 'a stored file is named by its root, 64 hexadecimal digits, or by its number');
  }
  const file = isNumber ? await submissions.byTxSeq(Number(word), signal) : await submissions.byRoot(fromHex(word, 32), signal);
  if (file !== undefined) return file;
  throw new PerigeeError(
    'NOT_FOUND',
    isNumber ? `the chain has no file with number ${word}` : 'the chain has no file of this root',
  );
}

function holderOf(peerId: string, file: StoredFile, holding: Holding): FoundHolder {
  const { segments } = fileGeometry(file.length);
  const cells = new Array<number>(Math.min(MAX_CELLS, segments)).fill(0);
  const own = new Array<number>(cells.length).fill(0);
  let count = 0;
  for (let index = 0; index < segments; index++) {
    if (!holdsSegment(holding.shard, file.startSector, index)) continue;
    const cell = Math.floor((index * cells.length) / segments);
    own[cell] = (own[cell] ?? 0) + 1;
    if (!holding.has(index)) continue;
    count++;
    cells[cell] = (cells[cell] ?? 0) + 1;
  }
  const per = segments / cells.length;
  const { shardId, numShard } = holding.shard;
  return {
    peerId,
    shardId,
    numShard,
    finalized: holding.finalized,
    segments: count,
    cells: cells.map((has) => Math.min(1, has / per)),
  };
}

function folderView({ folder }: StoredFolder): FoundFolder {
  const { files, tensors } = folder;
  const shown = (text: string): string => shownText(text, MAX_LISTED);
  return {
    files: files.slice(0, MAX_LISTED).map(({ path, size }) => ({ path, size })),
    fileCount: files.length,
    tensors: tensors.slice(0, MAX_LISTED).map(({ name, dtype, shape, file, begin, end }) => ({
      name,
      path: files[file]?.path ?? '',
      dtype: shown(dtype),
      shape,
      bytes: end - begin,
    })),
    tensorCount: tensors.length,
  };
}
