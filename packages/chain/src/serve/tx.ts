import type { TxOutcome } from '@perigee/light-core/roles';
import { PerigeeError, type TxAnswer, type TxRequest } from '@perigee/wire';
import type { Chain } from '../chain.ts';
import type { ServeContext } from './context.ts';

/** The log of an answer has 1,024 bytes; UTF-8 takes at most three for one of these. */
const MAX_LOG_CHARACTERS = 320;

/**
 * Takes a transaction in, or tells what became of one. A refusal by the state machine is an answer, with its code and height 0.
 *
 * @throws BUSY when the mempool is full, NOT_FOUND for an unknown id, INVALID_ARGUMENT for a request of neither or both kinds
 */
export function serveTx(chain: Pick<Chain, 'add' | 'submit' | 'result' | 'settled'>) {
  return async function* ({ submit, result, wait }: TxRequest, { signal }: ServeContext): AsyncIterable<TxAnswer> {
    if (submit !== undefined && result === undefined) {
      yield answerOf(await (wait ? chain.submit(submit, { signal }) : chain.add(submit)));
    } else if (result !== undefined && submit === undefined) {
      const outcome = wait ? await chain.settled(result, { signal }) : await chain.result(result);
      if (outcome === undefined) throw new PerigeeError('NOT_FOUND', 'this transaction is not known here');
      yield answerOf(outcome);
    } else throw new PerigeeError('INVALID_ARGUMENT', 'ask either to submit a transaction or for the result of one');
  };
}

function answerOf(outcome: TxOutcome): TxAnswer {
  return { ...outcome, log: outcome.log.slice(0, MAX_LOG_CHARACTERS) };
}
