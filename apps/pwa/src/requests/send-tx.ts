import type { LightNode, ProvenTx } from '@perigee/sampler';
import { type ErrorCode, PerigeeError, txIdOf } from '@perigee/wire';

/** Refusals of the state machine that a person can do something about, by its result codes (docs/protocol.md). */
const CODES: Readonly<Record<number, ErrorCode>> = { 8: 'TX_NONCE', 9: 'TX_EXPIRED', 10: 'TX_FEE' };
/** Heads after the one that should prove a transaction, by which some peer has a proof of it; and that the block may be ahead of us, as a peer says. */
const PATIENT_HEADS = 20;

/**
 * Hands in a signed transaction, and waits until verified headers say that a block holds it and what came of it.
 *
 * @param onTaken a block holds it, as a peer says
 * @throws what the chain refused it with; TIMEOUT when nobody proves it; what `TxSubmit` throws
 */
export async function sendTx(node: LightNode, raw: Uint8Array, onTaken: () => void, signal: AbortSignal): Promise<ProvenTx> {
  const { code, height, log } = await node.transactions.submit(raw, { signal });
  if (code !== 0) throw refusal(code, log);
  onTaken();
  const proven = await untilProven(node, txIdOf(raw), height, signal);
  // a peer said that it went well, and the headers have the last word
  if (proven.result.code !== 0) throw refusal(proven.result.code, `block ${proven.height} holds it, and took its fee only`);
  return proven;
}

function refusal(code: number, words: string): PerigeeError {
  return new PerigeeError(CODES[code] ?? 'TX_MESSAGE', `the chain refused it (result ${code}): ${words}`);
}

/** Asks at each new head: the header after a block covers its results. */
async function untilProven(node: LightNode, txId: Uint8Array, height: number, signal: AbortSignal): Promise<ProvenTx> {
  const here = node.chain.head()?.height ?? 0;
  const last = Math.min(Math.max(height, here), here + PATIENT_HEADS) + PATIENT_HEADS;
  for (let after = Math.min(height, here + PATIENT_HEADS); ; ) {
    const head = await headAfter(node, after, signal);
    try {
      return await node.proveTx(txId, { signal });
    } catch (cause) {
      if (signal.aborted) throw cause;
      if (head > last) {
        throw new PerigeeError('TIMEOUT', `no peer has proved by block ${head} that block ${height} holds it`, { cause });
      }
    }
    after = head;
  }
}

/** @returns the first head above a height */
function headAfter({ chain }: LightNode, after: number, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      unsubscribe();
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const look = (height = 0): void => {
      if (height > after) settle(() => resolve(height));
    };
    const onAbort = (): void => settle(() => reject(PerigeeError.from(signal.reason)));
    const unsubscribe = chain.onHead(({ height }) => look(height));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else look(chain.head()?.height);
  });
}
