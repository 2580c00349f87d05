import { MAX_BLOB_BYTES } from '@perigee/wire';
import type { PublishPolicy } from '../model/index.ts';

/** An upload that has begun: a file is never kept, but known again by name, size and time of its last change. */
export interface Upload {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly lastModified: number;
  readonly policy: PublishPolicy;
  readonly startedAtMs: number;
}

const KEY = 'perigee/uploads';
const MAX_UPLOADS = 16;
/** Members drop rows that are not certified much sooner; after this nobody remembers what it was, milliseconds. */
const FORGOTTEN_AFTER_MS = 24 * 3_600_000;

/** What was begun and has not ended, over reloads. Without storage (blocked, full) nothing is remembered, and nothing else fails. */
export class Uploads {
  readonly #storage: () => Pick<Storage, 'getItem' | 'setItem'>;

  /** @param storage may throw, where a browser blocks it */
  constructor(storage: () => Pick<Storage, 'getItem' | 'setItem'>) {
    this.#storage = storage;
  }

  /** Newest first. */
  list(nowMs: number): Upload[] {
    try {
      const all: unknown = JSON.parse(this.#storage().getItem(KEY) ?? '[]');
      if (!Array.isArray(all)) return [];
      return all.filter(isUpload).filter(({ startedAtMs }) => Math.abs(nowMs - startedAtMs) < FORGOTTEN_AFTER_MS);
    } catch {
      return []; // blocked, or not what we wrote
    }
  }

  add(upload: Upload): void {
    this.#write([upload, ...this.list(upload.startedAtMs).filter(({ id }) => id !== upload.id)]);
  }

  remove(id: string, nowMs: number): void {
    this.#write(this.list(nowMs).filter((upload) => upload.id !== id));
  }

  #write(uploads: readonly Upload[]): void {
    try {
      this.#storage().setItem(KEY, JSON.stringify(uploads.slice(0, MAX_UPLOADS)));
    } catch {
      // an upload that is not remembered starts anew after a reload
    }
  }
}

export function isSameFile(upload: Upload, file: Pick<File, 'name' | 'size' | 'lastModified'>): boolean {
  return upload.name === file.name && upload.size === file.size && upload.lastModified === file.lastModified;
}

function isUpload(value: unknown): value is Upload {
  if (typeof value !== 'object' || value === null) return false;
  const { id, name, size, lastModified, policy, startedAtMs } = value as Record<string, unknown>;
  return (
    typeof id === 'string' &&
    typeof name === 'string' &&
    isCount(size) &&
    size <= MAX_BLOB_BYTES &&
    isCount(startedAtMs) &&
    Number.isFinite(lastModified) &&
    isPolicy(policy)
  );
}

function isPolicy(value: unknown): value is PublishPolicy {
  if (typeof value !== 'object' || value === null) return false;
  const { namespace, redundancy, retentionBlocks, quorum, persist } = value as Record<string, unknown>;
  return (
    typeof namespace === 'string' &&
    (redundancy === 2 || redundancy === 4 || redundancy === 8) &&
    isCount(retentionBlocks) &&
    isCount(quorum) &&
    typeof persist === 'boolean'
  );
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
