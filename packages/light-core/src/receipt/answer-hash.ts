import { sha256 } from '@noble/hashes/sha2.js';
import { concat, MAX_ANSWER_BYTES, MAX_ANSWER_CHUNKS, MAX_CHUNK_BYTES, PerigeeError, u32be, utf8 } from '@perigee/wire';

const ANSWER = /* @__PURE__ */ utf8('perigee/inference/answer/v0');

/** Where an answer is: what a checkpoint says of it. */
export interface AnswerPlace {
  readonly chunks: number;
  readonly bytes: number;
  /** 32 bytes. */
  readonly runningHash: Uint8Array;
}

/**
 * The running hash over the pieces of an answer: h₀ = SHA-256(`'perigee/inference/answer/v0'` ‖ orderId ‖ salt), hᵢ = SHA-256(hᵢ₋₁ ‖ u32be(length) ‖
 * pieceᵢ). With the salt in front, nobody who knows only a settled receipt can try answers.
 */
export class AnswerHash {
  #place: AnswerPlace;

  /** @param salt of the request, which may be empty */
  constructor(orderId: Uint8Array, salt: Uint8Array) {
    this.#place = { chunks: 0, bytes: 0, runningHash: sha256(concat(ANSWER, orderId, salt)) };
  }

  get place(): AnswerPlace {
    return this.#place;
  }

  /** @throws RECEIPT when the piece is empty or too long, or the answer would be */
  push(chunk: Uint8Array): void {
    const { chunks, bytes, runningHash } = this.#place;
    if (chunk.length === 0 || chunk.length > MAX_CHUNK_BYTES) {
      throw tooLong(`a piece of an answer has 1 to ${MAX_CHUNK_BYTES} bytes, not ${chunk.length}`);
    }
    if (chunks >= MAX_ANSWER_CHUNKS || bytes + chunk.length > MAX_ANSWER_BYTES) {
      throw tooLong(`an answer has at most ${MAX_ANSWER_CHUNKS} pieces and ${MAX_ANSWER_BYTES} bytes`);
    }
    this.#place = {
      chunks: chunks + 1,
      bytes: bytes + chunk.length,
      runningHash: sha256(concat(runningHash, u32be(chunk.length), chunk)),
    };
  }
}

function tooLong(words: string): PerigeeError {
  return new PerigeeError('RECEIPT', words, { data: { check: 'content' } });
}
