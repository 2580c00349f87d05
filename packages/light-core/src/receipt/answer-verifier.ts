import {
  type Checkpoint,
  type CheckpointBody,
  INFERENCE_VERSION,
  type InferenceReceipt,
  type InferenceRequest,
  MAX_UNSIGNED_CHUNKS,
  type PaymentOrder,
  PerigeeError,
} from '@perigee/wire';
import { AnswerHash } from './answer-hash.ts';
import { type ReceiptCheck, ReceiptChecks, type ReceiptVerdict, refuse, verdictOf } from './check.ts';
import { isFinal } from './checkpoint.ts';
import { checkSent, judgeCheckpoint, judgeOpening, type Opening, type ReceiptExpectation, WHY_NOT } from './judge.ts';
import { orderIdOf } from './sign-bytes.ts';

/**
 * Verifies an answer while it comes. What came after the last checkpoint that was checked nobody vouches for yet. Calls are made one after another.
 */
export class AnswerVerifier {
  readonly #expected: ReceiptExpectation;
  readonly #opening: Opening;
  readonly #hash: AnswerHash;
  readonly #checks = new ReceiptChecks();
  #last: Checkpoint | undefined;

  private constructor(opening: Opening & { readonly request: InferenceRequest }, expected: ReceiptExpectation) {
    this.#opening = opening;
    this.#expected = expected;
    this.#hash = new AnswerHash(orderIdOf(opening.order.body), opening.request.salt);
  }

  /**
   * Begins with what the provider says that it runs, before the first piece.
   *
   * @param opening `request` and `sent` are what was sent: `sent` is `undefined` only where no order was
   * @throws RECEIPT with the name of the check that failed in `data.check`, as all that follow
   */
  static async begin(
    { sent, ...opening }: Opening & { readonly request: InferenceRequest; readonly sent: PaymentOrder | undefined },
    expected: ReceiptExpectation,
  ): Promise<AnswerVerifier> {
    const verifier = new AnswerVerifier(opening, expected);
    await verifier.#checks.run('order', () => {
      checkSent(opening.order, sent);
      return undefined;
    });
    // what was sent is signed as whom one asks as: whether a session may, the provider has looked up
    const own = sent?.auth && { sessionKey: sent.auth.publicKey };
    await judgeOpening(verifier.#checks, opening, { ...expected, ...own });
    verifier.#throwIfFailed();
    return verifier;
  }

  /** Bytes and pieces that the last checked checkpoint covers. */
  get verified(): { readonly bytes: number; readonly chunks: number } {
    const { bytes = 0, chunks = 0 } = this.#last?.body ?? {};
    return { bytes, chunks };
  }

  /** All checks as they are now, in a fixed order. */
  get checks(): readonly ReceiptCheck[] {
    return this.#checks.all(WHY_NOT);
  }

  get isFinal(): boolean {
    return this.#last !== undefined && isFinal(this.#last.body);
  }

  /** What holds so far: none before the first checkpoint. */
  get receipt(): InferenceReceipt | undefined {
    const { order, execution, signer } = this.#opening;
    return this.#last && { version: INFERENCE_VERSION, order, execution, signer, checkpoint: this.#last };
  }

  /** Takes the next piece, which nobody vouches for before the next checkpoint. */
  push(chunk: Uint8Array): void {
    if (this.isFinal) throw refuse('content', 'the answer goes on after its end');
    if (this.#hash.place.chunks - this.verified.chunks >= MAX_UNSIGNED_CHUNKS) {
      throw refuse('sequence', `${MAX_UNSIGNED_CHUNKS} pieces came without a signature`);
    }
    this.#hash.push(chunk);
  }

  /** Checks the next checkpoint: all that came before it is verified then. */
  async checkpoint(checkpoint: Checkpoint): Promise<void> {
    if (this.isFinal) throw refuse('sequence', 'the provider signs once more after the end');
    const previous: CheckpointBody = this.#last?.body ?? { ...checkpoint.body, sequence: 0, chunks: 0, bytes: 0, finish: 0 };
    const standing = { place: this.#hash.place, previous };
    await judgeCheckpoint(this.#checks, checkpoint, this.#opening, standing, this.#expected);
    this.#throwIfFailed();
    this.#last = checkpoint;
  }

  /** The stream is over. @returns `incomplete` when the provider has not signed its end */
  async end(): Promise<ReceiptVerdict> {
    await this.#checks.run('final', () => {
      if (!this.isFinal) throw refuse('final', 'the stream ended before the provider signed that the answer is whole');
      return undefined;
    });
    return verdictOf(this.checks);
  }

  #throwIfFailed(): void {
    const failed = this.checks.find(({ verdict }) => verdict === 'fail');
    if (failed !== undefined) throw new PerigeeError('RECEIPT', failed.reason, { data: { check: failed.name } });
  }
}
