import {
  AnswerVerifier,
  decodeReceiptFile,
  type ReceiptCheck,
  type ReceiptExpectation,
  type ReceiptReport,
  verifyReceipt,
} from '@perigee/light-core/receipt';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import {
  type Checkpoint,
  type ErrorObject,
  type InferenceOpening,
  type InferenceReceipt,
  type InferenceRequest,
  MAX_OPEN_CHECKS,
  type OpenedReceipt,
  type PaymentOrder,
  PerigeeError,
} from '@perigee/wire';

/** What an answer is held against; its signatures are checked with what the worker has. */
export type AnswerExpectation = Omit<ReceiptExpectation, 'verifyEd25519' | 'recoverAddress'>;

export interface BeginInput {
  /** Tells answers apart that are checked at the same time. */
  readonly id: number;
  readonly opening: InferenceOpening;
  readonly request: InferenceRequest;
  /** The order that was sent. */
  readonly sent: PaymentOrder;
  readonly expected: AnswerExpectation;
}

export interface TakeInput {
  readonly id: number;
  /** Pieces that came since the last checkpoint. */
  readonly chunks: readonly Uint8Array[];
  /** What the provider signed after them; none where it has not, or will not. */
  readonly checkpoint?: Checkpoint;
  /** The stream is over. */
  readonly isEnd?: boolean;
}

/** How far an answer is checked. */
export interface AnswerStand {
  readonly verified: { readonly bytes: number; readonly chunks: number };
  readonly checks: readonly ReceiptCheck[];
  readonly isFinal: boolean;
  /** What holds so far. */
  readonly receipt?: InferenceReceipt;
  /** A check that failed: RECEIPT, with its name in `data.check`. */
  readonly failed?: ErrorObject;
}

/** A receipt that was read from a file, and what was found of it. */
export interface JudgedReceipt {
  readonly opened: OpenedReceipt;
  readonly report: ReceiptReport;
}

/** Jobs of the worker that checks answers while they come, and receipts from files. */
export function createAnswerJobs(verifyEd25519: VerifyEd25519) {
  const open = new Map<number, AnswerVerifier>();

  const stand = (verifier: AnswerVerifier | undefined, failed?: unknown): AnswerStand => ({
    verified: verifier?.verified ?? { bytes: 0, chunks: 0 },
    checks: verifier?.checks ?? [],
    isFinal: verifier?.isFinal ?? false,
    ...(verifier?.receipt && { receipt: verifier.receipt }),
    ...(failed === undefined ? {} : { failed: receiptError(failed).toObject() }),
  });

  return {
    /** @throws BUSY when too many answers are checked already */
    async begin({ id, opening, request, sent, expected }: BeginInput): Promise<AnswerStand> {
      if (open.size >= MAX_OPEN_CHECKS) throw new PerigeeError('BUSY', `${open.size} answers are being checked; let one end`);
      try {
        const verifier = await AnswerVerifier.begin({ ...opening, request, sent }, { ...expected, verifyEd25519 });
        open.set(id, verifier);
        return stand(verifier);
      } catch (thrown) {
        return stand(undefined, thrown);
      }
    },

    /** @throws INTERNAL when the worker that knew of the answer has died */
    async take({ id, chunks, checkpoint, isEnd = false }: TakeInput): Promise<AnswerStand> {
      const verifier = open.get(id);
      if (verifier === undefined) throw new PerigeeError('INTERNAL', 'the worker that checked this answer is gone');
      try {
        for (const chunk of chunks) verifier.push(chunk);
        if (checkpoint !== undefined) await verifier.checkpoint(checkpoint);
        if (isEnd) await verifier.end();
        return stand(verifier);
      } catch (thrown) {
        return stand(verifier, thrown);
      }
    },

    /** Forgets an answer. */
    leave({ id }: { readonly id: number }): void {
      open.delete(id);
    },

    /** Opens a file, so that what it is held against can be looked up. @throws PARSE, UNKNOWN_VERSION, NOT_CANONICAL */
    read({ file }: { readonly file: Uint8Array }): OpenedReceipt {
      return decodeReceiptFile(file);
    },

    /** @throws PARSE, UNKNOWN_VERSION, NOT_CANONICAL for a file that is no receipt; all else is in the report */
    async judge({ file, expected }: { readonly file: Uint8Array; readonly expected: AnswerExpectation }): Promise<JudgedReceipt> {
      const opened = decodeReceiptFile(file);
      return { opened, report: await verifyReceipt(opened, { ...expected, verifyEd25519 }) };
    },
  };
}

export type AnswerJobs = ReturnType<typeof createAnswerJobs>;

/** @throws what is no failed check */
function receiptError(thrown: unknown): PerigeeError {
  const error = PerigeeError.from(thrown);
  if (error.code !== 'RECEIPT') throw error;
  return error;
}
