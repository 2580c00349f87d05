import { MAX_LOGGED_HEADERS, toHex } from '@perigee/wire';
import type { HeaderView } from '../state.ts';
import type { HeadResult } from '../verify/verifier.ts';

/** The headers that were verified last, newest first; past MAX_LOGGED_HEADERS the oldest are forgotten. Each change gives a new list. */
export class HeaderLog {
  #headers: readonly HeaderView[] = [];

  add({ head, validators, proposer, way, signatures, verifyMs }: HeadResult): readonly HeaderView[] {
    const { height, headerHash, timeMs } = head;
    const header: HeaderView = {
      height,
      headerHash: toHex(headerHash),
      timeMs,
      proposer: toHex(proposer),
      validators,
      way: way.kind,
      from: 'from' in way ? way.from : undefined,
      signatures,
      signedPower: undefined,
      verifyMs,
    };
    this.#headers = [header, ...this.#headers].slice(0, MAX_LOGGED_HEADERS);
    return this.#headers;
  }

  /** @param share of the voting power whose signatures for the header are right, 0 to 1 */
  signed(height: number, share: number): readonly HeaderView[] {
    this.#headers = this.#headers.map((header) => (header.height === height ? { ...header, signedPower: share } : header));
    return this.#headers;
  }
}
