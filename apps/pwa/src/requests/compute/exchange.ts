import type { ComputeAnswer, Reply } from '@perigee/sampler/compute';
import type { OpenedReceipt } from '@perigee/wire';
import type { Exchange } from '../../model/index.ts';

export interface ExchangeNews {
  /** What changed; pieces that came, and how many bytes of all are verified. */
  readonly change: Partial<Exchange>;
  readonly chunk?: Uint8Array;
  readonly verifiedBytes?: number;
  /** What holds so far. */
  readonly opened?: OpenedReceipt | undefined;
}

/** Follows a reply to its end. @throws what it throws */
export async function follow(reply: Reply, show: (news: ExchangeNews) => void): Promise<ComputeAnswer> {
  for (;;) {
    const next = await reply.next();
    if (next.done === true) {
      const { verdict, opened, refusal } = next.value;
      const fee = opened?.receipt.checkpoint.body.fee;
      show({ change: { doing: undefined, verdict, fee, hasReceipt: opened !== undefined, problem: refusal?.toObject() } });
      return next.value;
    }
    const news = next.value;
    if ('provider' in news) show({ change: { doing: 'pay', verdict: news.verdict, cost: news.cost } });
    else if ('prepaid' in news) show({ change: { doing: 'wait' } });
    else if ('waits' in news) show({ change: { doing: news.waits } });
    else if ('chunk' in news) show({ change: { doing: 'come' }, chunk: news.chunk });
    else {
      const { verdict, verifiedBytes, opened } = news;
      show({ change: { doing: 'come', verdict, hasReceipt: opened !== undefined }, verifiedBytes, opened });
    }
  }
}

/** Text that comes in pieces, of which a part is verified. */
export class GrowingText {
  readonly #pieces: Uint8Array[] = [];
  readonly #decoder = new TextDecoder();
  #taken = 0;
  #bytes = 0;
  verified = '';

  push(piece: Uint8Array): void {
    this.#pieces.push(piece);
  }

  /** @param bytes of all, from the beginning */
  verify(bytes: number): void {
    for (let piece = this.#pieces[this.#taken]; piece && this.#bytes + piece.length <= bytes; piece = this.#pieces[this.#taken]) {
      this.verified += this.#decoder.decode(piece, { stream: true });
      this.#bytes += piece.length;
      this.#taken++;
    }
  }

  get unverified(): string {
    const decoder = new TextDecoder();
    return this.#pieces
      .slice(this.#taken)
      .map((piece) => decoder.decode(piece, { stream: true }))
      .join('');
  }
}
