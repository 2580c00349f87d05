import { type InferenceUsage, utf8 } from '@perigee/wire';

/** What a model gave at once. */
export interface Generated {
  /** UTF-8 that may be cut within a character. */
  readonly bytes: Uint8Array;
  readonly usage: InferenceUsage;
  /** Set in the last. */
  readonly finish?: 'stop' | 'length';
}

/** The next thing of an answer, or its end. */
export interface AnswerPiece {
  /** What is signed for: whole characters, or one vector; none where it was less than a character. */
  readonly chunk?: Uint8Array;
  readonly usage: InferenceUsage;
  readonly finish?: 'stop' | 'length';
}

/**
 * Makes pieces of whole characters of bytes that may be cut anywhere, so that each piece of an answer is text wherever it goes. What is no UTF-8 becomes U+FFFD.
 * Who executes an answer again must get the same pieces: their hash has their lengths.
 */
export class AnswerPieces {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  /** @returns in their order, the end last */
  push({ bytes, usage, finish }: Generated): AnswerPiece[] {
    const chunk = pieceOf(this.#decoder.decode(bytes, { stream: true }));
    const piece = chunk === undefined ? { usage } : { chunk, usage };
    if (finish === undefined) return [piece];
    const rest = pieceOf(this.#decoder.decode());
    const end = rest === undefined ? { usage, finish } : { chunk: rest, usage, finish };
    return chunk === undefined ? [end] : [piece, end];
  }
}

function pieceOf(text: string): Uint8Array | undefined {
  return text === '' ? undefined : utf8(text);
}
