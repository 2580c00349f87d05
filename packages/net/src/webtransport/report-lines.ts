import { MAX_SIDECAR_REPORT } from '@perigee/wire';

/** Lines of a text that comes in pieces. What is longer than MAX_SIDECAR_REPORT characters is dropped up to its end, and never held. */
export class ReportLines {
  #held = '';
  #isTooLong = false;

  /** @returns the lines that this piece ends */
  push(piece: string): string[] {
    const lines: string[] = [];
    for (let from = 0; ; ) {
      const end = piece.indexOf('\n', from);
      this.#hold(piece.slice(from, end < 0 ? undefined : end));
      if (end < 0) return lines;
      if (!this.#isTooLong) lines.push(this.#held);
      this.#held = '';
      this.#isTooLong = false;
      from = end + 1;
    }
  }

  #hold(text: string): void {
    this.#isTooLong ||= this.#held.length + text.length > MAX_SIDECAR_REPORT;
    this.#held = this.#isTooLong ? '' : this.#held + text;
  }
}
