import { AnswerVerifier, isFinal, type ReceiptCheck, type ReceiptVerdict } from '@perigee/light-core/receipt';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { type KnownPeer, open } from '@perigee/net';
import { inferenceProtocol } from '@perigee/net/inference';
import {
  equal,
  INFERENCE_QUEUE_MS,
  type InferenceOpening,
  type InferenceRequest,
  type OpenedReceipt,
  PaymentOrder,
  PerigeeError,
  type ProviderRegistration,
} from '@perigee/wire';
import type { ReachOptions } from './reach.ts';

export interface AskOptions extends ReachOptions {
  readonly chain: { readonly chainId: string; readonly genesisHash: Uint8Array };
  readonly verifyEd25519: VerifyEd25519;
}

export interface Asked {
  readonly registration: ProviderRegistration;
  readonly request: InferenceRequest;
  /** Signed by who pays. */
  readonly order: PaymentOrder;
}

/** A piece of an answer that came, which nobody vouches for yet; or how much of what came is signed for by now. */
export type AnswerNews =
  | { readonly chunk: Uint8Array }
  | { readonly verified: { readonly chunks: number; readonly bytes: number }; readonly checks: readonly ReceiptCheck[] };

/** An answer, and what was found when it had ended. */
export interface Answered {
  readonly verdict: ReceiptVerdict;
  readonly checks: readonly ReceiptCheck[];
  /** What holds of it, with what opens its hashes; none where nothing was signed that holds. */
  readonly opened: OpenedReceipt | undefined;
  /** Why it ended before its end. */
  readonly error?: PerigeeError;
}

/**
 * Sends a request with its order, and verifies every piece of the answer over exactly the bytes that come. It ends with the first check that fails.
 *
 * @returns at its end all checks; it throws what the provider refused with before it began (`data.remote`), UNREACHABLE, TIMEOUT, ABORTED
 */
export async function* askProvider(
  peer: KnownPeer,
  asked: Asked,
  options: AskOptions,
): AsyncGenerator<AnswerNews, Answered, void> {
  const { registration, request, order } = asked;
  const { host, signal, chain, verifyEd25519 } = options;
  const expected = {
    ...chain,
    verifyEd25519,
    provider: { account: registration.provider, signer: registration.signer },
    modelRoot: registration.modelRoot,
    evidenceId: registration.evidenceId,
    price: registration.price,
  };
  const chunks: Uint8Array[] = [];
  let verifier: AnswerVerifier | undefined;
  let opening: InferenceOpening | undefined;
  let failed: PerigeeError | undefined;
  try {
    const frames = open(host, peer, inferenceProtocol).call({ request, order }, { signal, timeoutMs: INFERENCE_QUEUE_MS });
    for await (const frame of frames) {
      if (frame.opening !== undefined) {
        if (opening !== undefined) throw notAsAgreed('order', 'the answer begins twice');
        opening = frame.opening;
        // what is answered is what was paid for, and not an order of the provider's own
        if (!equal(PaymentOrder.encode(opening.order), PaymentOrder.encode(order))) {
          throw notAsAgreed('order', 'the provider answers another order than the one that was sent');
        }
        verifier = await AnswerVerifier.begin({ ...opening, request, sent: order }, expected);
      } else if (frame.chunk !== undefined) {
        if (verifier === undefined) throw notAsAgreed('order', 'the answer begins without saying what it is an answer to');
        verifier.push(frame.chunk);
        chunks.push(frame.chunk);
        yield { chunk: frame.chunk };
      } else if (frame.checkpoint !== undefined) {
        if (verifier === undefined) throw notAsAgreed('order', 'the answer begins without saying what it is an answer to');
        await verifier.checkpoint(frame.checkpoint);
        yield { verified: verifier.verified, checks: verifier.checks };
      } else throw new PerigeeError('PARSE', 'the provider sent a frame that holds no part of an answer');
    }
  } catch (thrown) {
    const error = PerigeeError.from(thrown);
    if (error.code === 'ABORTED' || (opening === undefined && error.code !== 'RECEIPT')) throw error;
    failed = error;
  }
  const receipt = verifier?.receipt;
  const held = verifier?.verified.chunks ?? 0;
  const opened = receipt && { receipt, request, answer: { chunks: chunks.slice(0, held) } };
  const checks = verifier?.checks ?? [];
  if (failed === undefined || (receipt !== undefined && isFinal(receipt.checkpoint.body) && failed.code !== 'RECEIPT')) {
    if (verifier === undefined) throw new PerigeeError('STREAM_CLOSED', 'the provider ended without an answer');
    const verdict = await verifier.end();
    return { verdict, checks: verifier.checks, opened };
  }
  if (failed.code !== 'RECEIPT') {
    // cut off: what was signed before that holds
    await verifier?.end();
    return { verdict: 'incomplete', checks: verifier?.checks ?? checks, opened, error: failed };
  }
  return { verdict: 'fail', checks: withFailure(checks, failed), opened, error: failed };
}

/** What failed beside the verifier's own list, in its place there. */
function withFailure(checks: readonly ReceiptCheck[], { data, message }: PerigeeError): readonly ReceiptCheck[] {
  const name = data?.check as ReceiptCheck['name'];
  const failure: ReceiptCheck = { name, verdict: 'fail', reason: message };
  if (!checks.some((check) => check.name === name)) return [...checks, failure];
  return checks.map((check) => (check.name === name && check.verdict !== 'fail' ? failure : check));
}

function notAsAgreed(check: ReceiptCheck['name'], words: string): PerigeeError {
  return new PerigeeError('RECEIPT', words, { data: { check } });
}
