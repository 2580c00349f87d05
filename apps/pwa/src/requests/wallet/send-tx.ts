import type { ChainView } from '@perigee/light-core/da';
import type { LightNode } from '@perigee/sampler';
import { type ErrorCode, PerigeeError } from '@perigee/wire';

/** Refusals of the state machine that a person can do something about, by its result codes (docs/protocol.md). */
const CODES: Readonly<Record<number, ErrorCode>> = { 8: 'TX_NONCE', 9: 'TX_EXPIRED', 10: 'TX_FEE' };

/**
 * Hands in a signed transaction.
 *
 * @returns height of the block that holds it, as a peer says
 * @throws what the chain refused it with, and what `TxSubmit` throws
 */
export async function sendTx(node: LightNode, raw: Uint8Array, signal: AbortSignal): Promise<number> {
  const { code, height, log } = await node.transactions.submit(raw, { signal });
  if (code === 0) return height;
  throw new PerigeeError(CODES[code] ?? 'TX_MESSAGE', `the chain refused it (result ${code}): ${log}`, { data: { height } });
}

/** Looks at each new head until the state proves something. @throws TIMEOUT; what `signal` is aborted with */
export async function untilProved(
  node: LightNode,
  view: ChainView,
  {
    lastHeight,
    isProved,
    signal,
  }: { readonly lastHeight: number; readonly isProved: () => Promise<boolean>; readonly signal: AbortSignal },
): Promise<number> {
  for (;;) {
    const { height } = view.head();
    if (await isProved()) return height;
    if (height > lastHeight) throw new PerigeeError('TIMEOUT', `nothing of it is in the state of block ${height}`);
    await nextHead(node, height, signal);
  }
}

function nextHead({ chain }: LightNode, after: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      unsubscribe();
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onAbort = (): void => settle(() => reject(PerigeeError.from(signal.reason)));
    const unsubscribe = chain.onHead(({ height }) => {
      if (height > after) settle(resolve);
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else if ((chain.head()?.height ?? 0) > after) settle(resolve);
  });
}
