import { PerigeeError, readUvarint } from '@perigee/wire';

/** A length of more bytes is above any bound. */
const MAX_PREFIX_BYTES = 5;
/** First room for a frame that comes in pieces, bytes. */
const FIRST_ROOM = 64 * 1024;

/**
 * Cuts a socket's bytes into frames: uvarint length, then that many bytes. What it holds of a frame takes at most twice the memory of the bytes
 * that have come, whatever the length says and however small the pieces are.
 */
export class FrameDecoder {
  readonly #maxFrameBytes: number;
  /** Came, and not looked at yet. */
  #rest: Uint8Array = new Uint8Array(0);
  #prefix: number[] = [];
  /** The frame that is being received, once its prefix is whole. */
  #frame: { readonly length: number; room: Uint8Array; held: number } | undefined;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** @param chunk handed over; frames may be views of it */
  push(chunk: Uint8Array): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
  }

  /**
   * @returns the next whole frame, `undefined` when its end is not here yet
   * @throws FRAME_TOO_LARGE, PARSE (length not minimal); nothing after it can be read
   */
  next(): Uint8Array | undefined {
    if (this.#frame === undefined) {
      const length = this.#readPrefix();
      if (length === undefined) return undefined;
      if (this.#rest.length >= length) return this.#take(length);
      this.#frame = { length, room: new Uint8Array(0), held: 0 };
    }
    const frame = this.#frame;
    const piece = this.#take(Math.min(this.#rest.length, frame.length - frame.held));
    frame.room = withRoom(frame, piece.length);
    frame.room.set(piece, frame.held);
    frame.held += piece.length;
    if (frame.held < frame.length) return undefined;
    this.#frame = undefined;
    return frame.room.subarray(0, frame.length);
  }

  /** @returns the length of the frame that begins, `undefined` while it is not whole */
  #readPrefix(): number | undefined {
    for (let at = 0; at < this.#rest.length; at++) {
      const byte = this.#rest[at] ?? 0;
      this.#prefix.push(byte);
      if (byte < 128) {
        this.#take(at + 1);
        const length = Number(readUvarint(Uint8Array.from(this.#prefix), 0).value);
        this.#prefix = [];
        if (length > this.#maxFrameBytes) throw tooLarge(`${length} bytes`, this.#maxFrameBytes);
        return length;
      }
      if (this.#prefix.length === MAX_PREFIX_BYTES) {
        throw tooLarge(`2^${7 * MAX_PREFIX_BYTES} bytes or more`, this.#maxFrameBytes);
      }
    }
    this.#take(this.#rest.length);
    return undefined;
  }

  #take(count: number): Uint8Array {
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }
}

/** The room of a frame, or one twice as large, when more bytes do not fit. */
function withRoom({ length, room, held }: { length: number; room: Uint8Array; held: number }, more: number): Uint8Array {
  if (held + more <= room.length) return room;
  const larger = new Uint8Array(Math.min(length, Math.max(FIRST_ROOM, 2 * (held + more))));
  larger.set(room.subarray(0, held));
  return larger;
}

function tooLarge(announced: string, most: number): PerigeeError {
  return new PerigeeError('FRAME_TOO_LARGE', `a frame announces ${announced}; at most ${most} are read`);
}
