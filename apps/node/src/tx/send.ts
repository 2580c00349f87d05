import { RESULT_CODE } from '@perigee/chain';
import type { TxOutcome } from '@perigee/light-core/roles';
import type { LightNode, ProvenTx } from '@perigee/sampler';
import { PerigeeError, txIdOf } from '@perigee/wire';
import { stateWhere } from '../light.ts';

/** Heads that a block may be ahead of what is verified here, when a peer tells of it. */
const MAX_HEADS_AHEAD = 20;

/**
 * Hands a transaction in and waits until verified headers say that a block holds it, and that it did what it says.
 *
 * @throws REFUSED when nobody took it, or it failed in its block, with the words of the chain; UNREACHABLE, TIMEOUT, PROOF; ABORTED
 */
export async function sendTx(node: LightNode, raw: Uint8Array, signal: AbortSignal): Promise<ProvenTx> {
  const outcome = await node.transactions.submit(raw, { signal });
  if (outcome.height === 0) throw refused(outcome, 'the chain refused the transaction, and nothing was charged');
  // where the block is, is a peer's word
  const said = Math.min(outcome.height, (node.state.head?.height ?? 0) + MAX_HEADS_AHEAD);
  await stateWhere(node, ({ head }) => (head?.height ?? 0) > said, signal);
  const proven = await node.proveTx(txIdOf(raw), { signal });
  if (proven.result.code !== 0) {
    const log = outcome.code === proven.result.code ? outcome.log : '';
    throw refused(
      { ...outcome, ...proven.result, log },
      `block ${proven.height} holds the transaction, and it failed: ${chargedInWords(proven.result)}`,
    );
  }
  return proven;
}

/** What a failed transaction cost. */
export function chargedInWords({ gasUsed }: ProvenTx['result']): string {
  return gasUsed === 0 ? 'nothing was charged, and nothing done' : 'the fee was charged, and nothing else done';
}

/** Name of a code of the state machine. */
export function resultName(code: number): string {
  if (code === 0) return 'success';
  return Object.entries(RESULT_CODE).find(([, number]) => number === code)?.[0] ?? `code ${code}`;
}

function refused({ code, height, log }: TxOutcome, what: string): PerigeeError {
  const words = log === '' ? resultName(code) : `${resultName(code)}: ${log}`;
  return new PerigeeError('REFUSED', `${what}. ${words}`, { data: { code, height } });
}
