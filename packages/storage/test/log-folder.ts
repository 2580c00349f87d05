import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Shard } from '@perigee/light-core/storage';
import { FILE_SEGMENT_BYTES, type PerigeeError, type StoredFile } from '@perigee/wire';
import { afterEach, beforeEach } from 'vitest';
import { FileLog } from '../src/log/file-log.ts';
import type { SegmentFileHeader } from '../src/log/segment-file-format.ts';
import { FileLedger, fileHash, type Sample, sampleOf, segmentsOf } from './files.ts';

export const ALL: Shard = { shardId: 0, numShard: 1 };
export const SIZES = [1, 600, FILE_SEGMENT_BYTES, FILE_SEGMENT_BYTES + 1, 3 * FILE_SEGMENT_BYTES + 700];
/** Four segments, the last short. */
export const FOUR = sampleOf(SIZES[4] ?? 0);

/** A folder of logs for each test, and a chain that gives files their place. */
export class LogFolder {
  dir = '';
  ledger = new FileLedger();
  faults: PerigeeError[] = [];
  readonly #logs: FileLog[] = [];

  constructor() {
    beforeEach(async () => {
      this.dir = await mkdtemp(join(tmpdir(), 'perigee-log-'));
      this.ledger = new FileLedger();
      this.faults = [];
    });
    afterEach(async () => {
      await this.closeAll();
      await rm(this.dir, { recursive: true });
    });
  }

  readonly openLog = async (shard = ALL, budgetBytes = 2 ** 30): Promise<FileLog> => {
    const onFault = (error: PerigeeError): void => void this.faults.push(error);
    const log = await FileLog.open({ dir: this.dir, shard, budgetBytes, hash: fileHash, onFault });
    this.#logs.push(log);
    return log;
  };

  readonly closeAll = async (): Promise<void> => {
    for (const log of this.#logs.splice(0)) await log.close();
  };

  readonly reopen = async (shard = ALL): Promise<FileLog> => {
    await this.closeAll();
    return this.openLog(shard);
  };

  readonly pathOf = (txSeq: number): string => join(this.dir, 'files', `${txSeq.toString(16).padStart(16, '0')}.segments`);
}

export async function fill(log: FileLog, sample: Sample, file: StoredFile): Promise<void> {
  await log.add(file);
  await log.write(
    file.txSeq,
    segmentsOf(sample).filter(({ index }) => log.wants(file, index)),
  );
}

export function headerOf({ txSeq, root, length, startSector }: StoredFile, shard = ALL): SegmentFileHeader {
  return { txSeq, root, length, startSector, ...shard };
}

/** Changes one bit of a file. */
export async function flip(path: string, offset: number): Promise<void> {
  const file = await open(path, 'r+');
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, offset);
  await file.write(Buffer.of((buffer[0] ?? 0) ^ 1), 0, 1, offset);
  await file.close();
}
