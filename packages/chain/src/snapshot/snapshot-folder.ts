import { hash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { equal, PerigeeError } from '@perigee/wire';
import type { Snapshot } from '../application/index.ts';
import { syncFolder } from '../db/index.ts';
import { SNAPSHOT_FORMAT, SnapshotMetadata, SnapshotRecord } from './records.ts';

const RECORD = 'snapshot';
const PARTIAL = '.partial';

/** Snapshots on disk: a folder each, which has its name only when it is whole. */
export class SnapshotFolder {
  readonly #dir: string;
  /** Newest first. */
  #snapshots: Snapshot[];

  private constructor(dir: string, snapshots: Snapshot[]) {
    this.#dir = dir;
    this.#snapshots = snapshots;
  }

  /**
   * Finds the snapshots that are whole, and deletes what is not.
   *
   * @param latest height of the state: a later snapshot is of another one, that was here before
   */
  static async open(dir: string, latest: number): Promise<SnapshotFolder> {
    await mkdir(dir, { recursive: true });
    const snapshots: Snapshot[] = [];
    for (const name of await readdir(dir)) {
      const snapshot = /^\d+$/.test(name) ? await readSnapshot(join(dir, name)) : undefined;
      if (snapshot !== undefined && String(snapshot.height) === name && snapshot.height <= latest) snapshots.push(snapshot);
      else await rm(join(dir, name), { recursive: true, force: true });
    }
    return new SnapshotFolder(
      dir,
      snapshots.toSorted((a, b) => b.height - a.height),
    );
  }

  get snapshots(): readonly Snapshot[] {
    return this.#snapshots;
  }

  /**
   * Write a snapshot, and delete all but the newest `keep`.
   *
   * @param genesis canonical `InitChain`
   * @throws ABORTED when `signal` fires, or what reading a chunk throws; nothing is left then
   */
  async add(height: number, genesis: Uint8Array, chunks: Iterable<Uint8Array>, keep: number, signal: AbortSignal): Promise<void> {
    const partial = join(this.#dir, `${height}${PARTIAL}`);
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial);
    try {
      const chunkHashes: Uint8Array[] = [];
      for (const chunk of chunks) {
        if (signal.aborted) throw new PerigeeError('ABORTED', `the snapshot of height ${height} is given up`);
        await writeDurably(join(partial, String(chunkHashes.length)), chunk);
        chunkHashes.push(sha256(chunk));
      }
      const metadata = SnapshotMetadata.encode({ genesis, chunkHashes });
      await writeDurably(join(partial, RECORD), SnapshotRecord.encode({ height, format: SNAPSHOT_FORMAT, metadata }));
      // its name must not last longer than what it names
      await syncFolder(partial);
      await rename(partial, join(this.#dir, String(height)));
      await syncFolder(this.#dir);
      this.#snapshots = [snapshotOf(height, metadata, chunkHashes.length), ...this.#snapshots];
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      throw error;
    }
    for (const old of this.#snapshots.splice(keep)) {
      await rm(join(this.#dir, String(old.height)), { recursive: true, force: true });
    }
  }

  /** @returns the chunk, `undefined` when it is not here or not as it was written */
  async chunk(height: number, format: number, index: number): Promise<Uint8Array | undefined> {
    const snapshot = this.#snapshots.find((candidate) => candidate.height === height && candidate.format === format);
    if (snapshot === undefined) return undefined;
    const due = SnapshotMetadata.decode(snapshot.metadata).chunkHashes[index];
    if (due === undefined) return undefined;
    const chunk = await readFile(join(this.#dir, String(height), String(index))).catch(() => undefined);
    return chunk !== undefined && equal(sha256(chunk), due) ? chunk : undefined;
  }
}

export function sha256(data: Uint8Array): Uint8Array {
  return Uint8Array.from(hash('sha256', data, 'buffer'));
}

function snapshotOf(height: number, metadata: Uint8Array, chunks: number): Snapshot {
  return { height, format: SNAPSHOT_FORMAT, chunks, hash: sha256(metadata), metadata };
}

async function readSnapshot(dir: string): Promise<Snapshot | undefined> {
  try {
    const { height, format, metadata } = SnapshotRecord.decodeCanonical(await readFile(join(dir, RECORD)));
    if (format !== SNAPSHOT_FORMAT) return undefined;
    return snapshotOf(height, metadata, SnapshotMetadata.decodeCanonical(metadata).chunkHashes.length);
  } catch {
    return undefined; // can be made again
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
