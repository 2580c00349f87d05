import { INFERENCE_VERSION, type OpenedReceipt } from '@perigee/wire';
import { AnswerHash, type AnswerPlace } from './answer-hash.ts';
import { type ReceiptCheck, ReceiptChecks, type ReceiptVerdict, refuse, verdictOf } from './check.ts';
import { judgeCheckpoint, judgeOpening, type ReceiptExpectation, WHY_NOT } from './judge.ts';
import { orderIdOf } from './sign-bytes.ts';

export interface ReceiptReport {
  readonly verdict: ReceiptVerdict;
  /** All checks, in a fixed order. */
  readonly checks: readonly ReceiptCheck[];
}

/**
 * Verifies a receipt with what is passed in: no network, no clock. Whatever is in it, the answer is a report that names each check.
 *
 * @param opened with the request and the answer that open its hashes, or without them: then they are `notChecked`
 */
export async function verifyReceipt(opened: OpenedReceipt, expected: ReceiptExpectation): Promise<ReceiptReport> {
  const { receipt, request, answer } = opened;
  const { order, execution, signer, checkpoint } = receipt;
  const opening = { order, execution, signer, request };
  const checks = new ReceiptChecks();
  await checks.run('chain', () => {
    if (receipt.version !== INFERENCE_VERSION) throw refuse('chain', `a receipt of version ${receipt.version} is not known`);
    return undefined;
  });
  await judgeOpening(checks, opening, expected);
  let place: AnswerPlace | undefined;
  await checks.run('content', () => {
    // the salt is in front of the answer's hash, so without the request it says nothing
    if (request === undefined || answer === undefined) return undefined;
    const hash = new AnswerHash(orderIdOf(order.body), request.salt);
    for (const chunk of answer.chunks) hash.push(chunk);
    place = hash.place;
    return undefined;
  });
  await judgeCheckpoint(checks, checkpoint, opening, { place }, expected);
  await checks.run('final', () => {
    if (checkpoint.body.finish === 0) throw refuse('final', 'the provider has not signed that the answer is whole');
    return undefined;
  });
  const all = checks.all(WHY_NOT);
  return { verdict: verdictOf(all), checks: all };
}
