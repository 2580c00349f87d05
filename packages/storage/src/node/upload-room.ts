import type { Clock } from '@perigee/light-core/roles';
import {
  FILE_UPLOAD_AHEAD_BYTES,
  FILE_UPLOAD_IDLE_MS,
  MAX_OPEN_FILE_UPLOADS,
  MAX_OPEN_FILE_UPLOADS_PER_PEER,
  PerigeeError,
} from '@perigee/wire';

/** What the log has. */
interface Disk {
  readonly usedBytes: number;
  readonly budgetBytes: number;
}

interface Upload {
  readonly peerId: string;
  readonly bytes: number;
  readonly touchedMs: number;
}

/**
 * Room on the disk for uploads that are under way, so that one which was begun can be finished. An upload holds what it still has to bring,
 * FILE_UPLOAD_AHEAD_BYTES at most, until it is over or idle.
 */
export class UploadRoom {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #uploads = new Map<string, Upload>();

  constructor(disk: Disk, clock: Clock) {
    this.#disk = disk;
    this.#clock = clock;
  }

  get openUploads(): number {
    return this.#uploads.size;
  }

  /**
   * Hold room for what is still to come of a submission, in place of what was held for it before.
   *
   * @param missingBytes that it still has to bring
   * @throws BUSY (this peer, or all together, have too many uploads open), STORE_FULL
   */
  hold(peerId: string, txSeq: number, missingBytes: number): void {
    const now = this.#clock.now();
    for (const [key, { touchedMs }] of this.#uploads) if (now - touchedMs > FILE_UPLOAD_IDLE_MS) this.#uploads.delete(key);
    const mine = keyOf(peerId, txSeq);
    const others = [...this.#uploads].filter(([key]) => key !== mine).map(([, upload]) => upload);
    const ofPeer = others.filter((upload) => upload.peerId === peerId).length;
    if (others.length >= MAX_OPEN_FILE_UPLOADS || ofPeer >= MAX_OPEN_FILE_UPLOADS_PER_PEER) {
      throw new PerigeeError('BUSY', 'too many uploads of files are open; finish one, or try again later', {
        data: { open: others.length, ofPeer },
      });
    }
    const bytes = Math.min(missingBytes, FILE_UPLOAD_AHEAD_BYTES);
    const held = others.reduce((sum, upload) => sum + upload.bytes, 0);
    const { usedBytes, budgetBytes } = this.#disk;
    if (usedBytes + held + bytes > budgetBytes) {
      throw new PerigeeError(
        'STORE_FULL',
        `${bytes} bytes of segments do not fit: ${usedBytes} of ${budgetBytes} bytes are in use, and ${held} promised to other uploads`,
        { data: { bytes, used: usedBytes, held, budget: budgetBytes, fitsWithoutPromises: usedBytes + bytes <= budgetBytes } },
      );
    }
    this.#uploads.set(mine, { peerId, bytes, touchedMs: now });
  }

  /** Give it back: nothing more is wanted of this upload. */
  release(peerId: string, txSeq: number): void {
    this.#uploads.delete(keyOf(peerId, txSeq));
  }
}

function keyOf(peerId: string, txSeq: number): string {
  return `${txSeq} ${peerId}`;
}
