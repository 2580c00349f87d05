import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ByteBudget, openIndexedFiles, takeInFiles } from '@perigee/disk';
import { syncFolder } from '@perigee/disk/files';
import { checkShard, type FileHash, type Shard, verifySegment } from '@perigee/light-core/storage';
import { PerigeeError, type SegmentAnswer, Turn } from '@perigee/wire';
import { FILE_INDEX, type FileIndex } from './file-index.ts';
import { fileNameOf, isFileName, KeptFile, type LogFile, layoutFor } from './kept-file.ts';
import { KeptFiles } from './kept-files.ts';
import { OpenFiles } from './open-files.ts';
import { readSegmentFileHeader, SegmentFile } from './segment-file.ts';
import { layoutOf, placeOf, segmentOf, slotOf, totalBytes } from './segment-file-format.ts';
import { SlotSet } from './slot-set.ts';
import { isUnreadable, unreadableAsNothing } from './unreadable.ts';

export interface FileLogOptions {
  /** Folder of the log; made when it is not there. */
  readonly dir: string;
  /** Which segments of the flow are kept. A log is made for one shard. */
  readonly shard: Shard;
  /** Bytes that the files may take together. */
  readonly budgetBytes: number;
  readonly hash: FileHash;
  /** Told of every damage that is found: STORE_CORRUPT. The segments concerned are not served, and wanted again. */
  readonly onFault?: (error: PerigeeError) => void;
}

export interface FileStatus {
  /** Every segment of the shard was verified and is on disk, and none was found damaged since. */
  readonly finalized: boolean;
  /** Segments of the shard that are not there. */
  readonly missing: number;
}

/** The segments that a node of one shard keeps: a file for each submission, and an index of what is finalized. */
export class FileLog {
  readonly shard: Shard;
  readonly #budget: ByteBudget;
  readonly #filesDir: string;
  readonly #index: FileIndex;
  readonly #hash: FileHash;
  readonly #onFault: (error: PerigeeError) => void;
  readonly #kept = new KeptFiles();
  readonly #listeners = new Set<(file: LogFile) => void>();
  readonly #adding = new Turn();
  readonly #open = new OpenFiles();

  private constructor({ shard, budgetBytes, hash, onFault = () => {} }: FileLogOptions, filesDir: string, index: FileIndex) {
    this.shard = { shardId: shard.shardId, numShard: shard.numShard };
    this.#budget = new ByteBudget(budgetBytes, 'segments');
    this.#filesDir = filesDir;
    this.#index = index;
    this.#hash = hash;
    this.#onFault = onFault;
  }

  /**
   * Open a log and set right what a crash left: files without an entry are taken in again, and all that is not finalized is read through, which
   * takes as long as reading those files does.
   *
   * @throws STORE_LOCKED, STORE_CORRUPT, STORE_VERSION, STORE_FULL, INVALID_ARGUMENT (it was made for another shard), INTERNAL
   */
  static async open(options: FileLogOptions): Promise<FileLog> {
    checkShard(options.shard);
    const { dir, onFault = () => {} } = options;
    return openIndexedFiles({ dir, files: 'files', index: FILE_INDEX, onFault }, async (filesDir, index) => {
      const log = new FileLog(options, filesDir, index);
      await log.#reconcile();
      return log;
    });
  }

  get budgetBytes(): number {
    return this.#budget.bytes;
  }

  get usedBytes(): number {
    return this.#budget.used;
  }

  /** First submission that was not looked at yet; see `advance`. */
  get nextTxSeq(): number {
    return this.#index.state?.nextTxSeq ?? 0;
  }

  /** Remember that every submission below this number was given to `add`. @throws STORE_FULL, INTERNAL */
  async advance(nextTxSeq: number): Promise<void> {
    if (nextTxSeq > this.nextTxSeq) await this.#index.putState({ ...this.shard, nextTxSeq });
  }

  /**
   * Know a submission from now on. One of which no segment is of the shard is left out.
   *
   * @param file as the chain's state proves it: its root and length are what segments are verified by
   * @throws STORE_CORRUPT (there is another one of this number: the log is of another chain), STORE_FULL, INTERNAL
   */
  add(file: LogFile): Promise<void> {
    return this.#adding.take(async () => {
      const known = this.#kept.get(file.txSeq);
      if (known !== undefined) return known.checkSame(file);
      const kept = new KeptFile(file, this.shard, false);
      if (kept.layout.slots === 0) return;
      await this.#index.put(kept.name, kept.entry);
      this.#kept.add(kept);
    });
  }

  /** @throws STORE_CORRUPT when there is another file of this number */
  status(file: LogFile): FileStatus {
    const kept = this.#kept.get(file.txSeq);
    if (kept === undefined) {
      const { slots } = layoutFor(file, this.shard);
      return { finalized: slots === 0, missing: slots };
    }
    kept.checkSame(file);
    return { finalized: kept.finalized, missing: kept.missing };
  }

  get(txSeq: number): LogFile | undefined {
    return this.#kept.get(txSeq)?.file;
  }

  /** Submissions with this data root, ascending. They may differ in length. */
  ofRoot(root: Uint8Array): readonly LogFile[] {
    return this.#kept.ofRoot(root).flatMap((txSeq) => this.get(txSeq) ?? []);
  }

  /** Submissions of which segments are missing, of this number or a later one, up to `count`; in no order. */
  unfinished(count: number, from = 0): LogFile[] {
    return this.#kept.unfinished(count, from).map(({ file }) => file);
  }

  /** Calls back when the last segment of a file is on disk and the index says so, until the returned function is called. */
  onFinalized(listener: (file: LogFile) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The first segment from an index on that is of the shard, and not there; `undefined` when there is none, or no such file. */
  nextMissing(txSeq: number, from: number): number | undefined {
    return this.#kept.get(txSeq)?.nextMissing(from);
  }

  /** Whether a segment is of the shard, and not there. */
  wants(file: LogFile, index: number): boolean {
    const kept = this.#kept.get(file.txSeq);
    const layout = kept?.layout ?? layoutFor(file, this.shard);
    const slot = slotOf(layout, index);
    return slot !== undefined && (kept === undefined || !kept.has(slot));
  }

  /**
   * Verify segments by the root and the length of the submission, and keep them. Returns when they survive a power cut. Of a list that is refused
   * nothing is kept; repeating it is harmless.
   *
   * @throws NOT_FOUND (give it to `add` first), REFUSED (of another shard), SEGMENT_INDEX, SEGMENT_SIZE, FILE_PROOF, STORE_FULL, INTERNAL
   */
  async write(txSeq: number, answers: readonly SegmentAnswer[]): Promise<void> {
    const kept = this.#kept.get(txSeq);
    if (kept === undefined) throw new PerigeeError('NOT_FOUND', `submission ${txSeq} is not known here`);
    for (const answer of answers) {
      verifySegment(kept.file, answer, this.#hash);
      if (slotOf(kept.layout, answer.index) === undefined) {
        const { shardId, numShard } = this.shard;
        throw new PerigeeError(
          'REFUSED',
          `segment ${answer.index} is not of shard ${shardId} of ${numShard}, which is kept here`,
        );
      }
    }
    await kept.turn.take(async () => {
      if (answers.some(({ index }) => !kept.has(slotOf(kept.layout, index) ?? 0))) await this.#write(kept, answers);
      await this.#settle(kept);
    });
  }

  /**
   * `notHeld`: no such submission is known, or the segment is of another shard; `absent`: it is ours, but not there or damaged.
   *
   * @throws INTERNAL
   */
  async read(txSeq: number, index: number): Promise<SegmentAnswer | 'notHeld' | 'absent'> {
    const kept = this.#kept.get(txSeq);
    const slot = kept && slotOf(kept.layout, index);
    if (kept === undefined || slot === undefined) return 'notHeld';
    if (!kept.has(slot)) return 'absent';
    const answer = await this.#readSlot(kept, slot).catch(unreadableAsNothing);
    return answer ?? kept.turn.take(() => this.#lookAgain(kept, slot));
  }

  async close(): Promise<void> {
    await this.#adding.idle();
    for (const { turn } of this.#kept.values()) await turn.idle();
    await this.#open.close();
    await this.#index.close();
  }

  async #write(kept: KeptFile, answers: readonly SegmentAnswer[]): Promise<void> {
    const { layout } = kept;
    const { file, isNew } = await this.#openOrCreate(kept);
    try {
      const fresh = new Map<number, SegmentAnswer>();
      for (const answer of answers) {
        const slot = slotOf(layout, answer.index) ?? 0;
        if (!kept.has(slot)) fresh.set(slot, answer);
      }
      const bytes = [...fresh.keys()].reduce((sum, slot) => sum + placeOf(layout, slot).bytes, 0);
      this.#budget.take(bytes);
      try {
        await file.write([...fresh.values()]);
        if (isNew) await syncFolder(this.#filesDir);
      } catch (error) {
        this.#budget.give(bytes);
        throw error;
      }
      for (const slot of fresh.keys()) kept.held?.add(slot);
    } finally {
      await file.close();
    }
  }

  /** Finalized is what all is there of, flushed, and only once the index says so. */
  async #settle(kept: KeptFile): Promise<void> {
    if (kept.finalized || kept.missing > 0) return;
    await this.#index.put(kept.name, { ...kept.entry, finalized: true });
    this.#kept.setFinalized(kept, true);
    kept.held = undefined;
    for (const listener of this.#listeners) listener(kept.file);
  }

  /** A file that is gone, or that cannot be read or is another one, is begun anew: its segments are wanted again. */
  async #openOrCreate(kept: KeptFile): Promise<{ file: SegmentFile; isNew: boolean }> {
    const path = this.#pathOf(kept);
    if (kept.hasFile) {
      try {
        return { file: await SegmentFile.open(path, kept.layout, 'r+'), isNew: !kept.held?.count };
      } catch (error) {
        if (!(error instanceof PerigeeError) || error.code !== 'STORE_CORRUPT') throw error;
        await this.#loseAll(kept, error);
      }
    }
    this.#budget.take(kept.layout.head.length);
    try {
      const file = await SegmentFile.create(path, kept.layout);
      kept.hasFile = true;
      return { file, isNew: true };
    } catch (error) {
      this.#budget.give(kept.layout.head.length);
      throw error;
    }
  }

  #readSlot(kept: KeptFile, slot: number): Promise<SegmentAnswer | undefined> {
    const path = this.#pathOf(kept);
    return this.#open.read(
      path,
      () => SegmentFile.open(path, kept.layout, 'r'),
      (file) => file.read(slot),
    );
  }

  /** What was not read may have been begun anew meanwhile; else it is damaged. */
  async #lookAgain(kept: KeptFile, slot: number): Promise<SegmentAnswer | 'absent'> {
    if (!kept.has(slot)) return 'absent';
    this.#open.drop(this.#pathOf(kept));
    let answer: SegmentAnswer | undefined;
    try {
      answer = await this.#readSlot(kept, slot);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      await this.#loseAll(kept, error);
      return 'absent';
    }
    if (answer !== undefined) return answer;
    this.#tell(kept, `segment ${segmentOf(kept.layout, slot)} fails its checksum`);
    const held = kept.held ?? SlotSet.full(kept.layout.slots);
    held.delete(slot);
    this.#budget.give(placeOf(kept.layout, slot).bytes);
    await this.#lose(kept, held);
    return 'absent';
  }

  /** What another version wrote stays where it is, and is not written to. */
  async #loseAll(kept: KeptFile, cause: PerigeeError): Promise<void> {
    this.#tell(kept, 'it cannot be read', cause);
    this.#budget.give(kept.bytes);
    kept.hasFile = cause.code === 'STORE_VERSION';
    if (kept.hasFile) this.#budget.add(kept.layout.head.length);
    await this.#lose(kept, new SlotSet(kept.layout.slots));
  }

  /** From now on the file counts as unfinished, whatever becomes of the index: after a restart the damage would be found again. */
  async #lose(kept: KeptFile, held: SlotSet): Promise<void> {
    const wasFinalized = kept.finalized;
    kept.held = held;
    this.#kept.setFinalized(kept, false);
    if (wasFinalized)
      await this.#index.put(kept.name, kept.entry).catch((error: unknown) => this.#onFault(PerigeeError.from(error)));
  }

  async #reconcile(): Promise<void> {
    const { state } = this.#index;
    const { shardId, numShard } = this.shard;
    if (state !== undefined && (state.shardId !== shardId || state.numShard !== numShard)) {
      throw new PerigeeError(
        'INVALID_ARGUMENT',
        `${this.#filesDir} was made for shard ${state.shardId} of ${state.numShard}, not ${shardId} of ${numShard}: name another folder`,
      );
    }
    const names = await takeInFiles(this.#filesDir, this.#index, {
      isName: isFileName,
      isLost: state === undefined,
      takeIn: (name) => this.#takeIn(name),
      onFault: this.#onFault,
    });
    if (state === undefined) await this.#index.putState({ ...this.shard, nextTxSeq: 0 });
    for (const entry of [...this.#index.entries.values()].sort((a, b) => a.txSeq - b.txSeq)) {
      const kept = new KeptFile(entry, this.shard, names.has(fileNameOf(entry.txSeq)));
      this.#kept.add(kept);
      if (entry.finalized) await this.#checkFinalized(kept);
      else if (kept.hasFile) await this.#scan(kept);
      this.#budget.add(kept.bytes);
    }
  }

  /** A file that the index does not know. What cannot be told of it is left as it is: when its submission is written to, it is begun anew. */
  async #takeIn(name: string): Promise<void> {
    const path = join(this.#filesDir, name);
    try {
      const header = await readSegmentFileHeader(path);
      const { shardId, numShard } = layoutOf(header).header;
      if (fileNameOf(header.txSeq) !== name) throw new PerigeeError('STORE_CORRUPT', `it is of submission ${header.txSeq}`);
      if (shardId !== this.shard.shardId || numShard !== this.shard.numShard) {
        throw new PerigeeError('STORE_CORRUPT', `it is of shard ${shardId} of ${numShard}`);
      }
      const { txSeq, root, length, startSector } = header;
      await this.#index.put(name, { txSeq, root, length, startSector, finalized: false });
    } catch (error) {
      const { code } = PerigeeError.from(error);
      if (code === 'STORE_VERSION' || code === 'STORE_FULL' || code === 'INTERNAL') throw error;
      this.#onFault(new PerigeeError('STORE_CORRUPT', `segments in ${path} cannot be taken in`, { cause: error }));
    }
  }

  /** What was flushed once is only looked at from outside: each segment has its checksum. */
  async #checkFinalized(kept: KeptFile): Promise<void> {
    this.#kept.setFinalized(kept, true);
    kept.held = undefined;
    const size = kept.hasFile ? (await stat(this.#pathOf(kept))).size : 0;
    if (size === totalBytes(kept.layout)) return;
    this.#tell(kept, `it has ${size} bytes, not ${totalBytes(kept.layout)}`);
    await this.#lose(kept, new SlotSet(kept.layout.slots));
    if (kept.hasFile) await this.#scan(kept);
  }

  async #scan(kept: KeptFile): Promise<void> {
    try {
      const file = await SegmentFile.open(this.#pathOf(kept), kept.layout, 'r+');
      try {
        const held = await file.scan();
        // what is only in the memory of the system was not acknowledged, and may be now
        await file.sync();
        kept.held = held;
      } finally {
        await file.close();
      }
      await syncFolder(this.#filesDir);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      // a torn header: nothing in the file was acknowledged, or it was told already
      kept.hasFile = error.code === 'STORE_VERSION';
      if (kept.hasFile) this.#tell(kept, 'it cannot be read', error);
      return;
    }
    await this.#settle(kept);
  }

  #pathOf({ name }: KeptFile): string {
    return join(this.#filesDir, name);
  }

  #tell(kept: KeptFile, what: string, cause?: unknown): void {
    this.#onFault(new PerigeeError('STORE_CORRUPT', `segments in ${this.#pathOf(kept)}: ${what}`, { cause }));
  }
}
