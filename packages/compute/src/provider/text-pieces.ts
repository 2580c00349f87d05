import { utf8 } from '@perigee/wire';

/**
 * Makes whole characters of bytes that may be cut anywhere, so that each piece of an answer is text wherever it goes. What is no UTF-8 becomes U+FFFD: the same
 * text for the same bytes, however they are cut.
 */
export class TextPieces {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  /** @returns the next whole characters, in UTF-8; `undefined` when there are none yet */
  push(bytes: Uint8Array): Uint8Array | undefined {
    return pieceOf(this.#decoder.decode(bytes, { stream: true }));
  }

  /** What was left over. */
  end(): Uint8Array | undefined {
    return pieceOf(this.#decoder.decode());
  }
}

function pieceOf(text: string): Uint8Array | undefined {
  return text === '' ? undefined : utf8(text);
}
