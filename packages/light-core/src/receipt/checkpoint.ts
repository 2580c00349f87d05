import {
  type Checkpoint,
  type CheckpointBody,
  FINISH,
  INFERENCE_VERSION,
  keyText,
  type PaymentOrderBody,
  type SignerKey,
} from '@perigee/wire';
import { tokensInWords } from '../tx/index.ts';
import { refuse } from './check.ts';
import { checkpointSignBytes } from './sign-bytes.ts';
import { type InferenceSigner, isSigned, type SignatureContext } from './signer.ts';

export async function signCheckpoint(body: CheckpointBody, signer: InferenceSigner): Promise<Checkpoint> {
  return { body, signature: await signer.sign(checkpointSignBytes(body)) };
}

/**
 * Checks that a provider's key signed a checkpoint.
 *
 * @throws RECEIPT (`signature`)
 */
export async function verifyCheckpoint(
  { body, signature }: Checkpoint,
  key: SignerKey,
  context: SignatureContext,
): Promise<void> {
  if (body.version !== INFERENCE_VERSION) {
    throw refuse('signature', `the checkpoint has version ${body.version}; only ${INFERENCE_VERSION} is known`);
  }
  if (await isSigned(key, checkpointSignBytes(body), signature, context)) return;
  throw refuse('signature', `checkpoint ${body.sequence} is not signed with the provider's key ${keyText(key.key)}`);
}

/** Whether it says that the answer is whole. */
export function isFinal({ finish }: CheckpointBody): boolean {
  return finish !== FINISH.none;
}

/** @throws RECEIPT (`final`) when it ends in a way that there is not */
export function checkFinish({ finish }: CheckpointBody): void {
  if (finish > FINISH.length) throw refuse('final', `the answer ended in a way that is not known: ${finish}`);
}

/** That what is signed is no more than was allowed. @throws RECEIPT (`fee`) */
export function checkMaxFee({ fee }: CheckpointBody, { maxFee }: PaymentOrderBody): void {
  if (fee > maxFee)
    throw refuse('fee', `a fee of ${tokensInWords(fee)} is charged; at most ${tokensInWords(maxFee)} were allowed`);
}
