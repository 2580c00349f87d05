import type { TxOutcome, TxSubmit } from '@perigee/light-core/roles';
import { PerigeeError, txIdOf } from '@perigee/wire';
import type { Peer } from '../peers/peer.ts';

/** A block comes every second or so; who waits this long for one waits for nothing, milliseconds. */
const INCLUSION_TIMEOUT_MS = 60_000;

/** Hands transactions to peers that serve the chain. What they answer is a hint: whoever needs certainty proves the state afterwards. */
export class TxSubmitter implements TxSubmit {
  readonly #peers: () => readonly Peer[];
  readonly #signal: AbortSignal;

  constructor(peers: () => readonly Peer[], signal: AbortSignal) {
    this.#peers = peers;
    this.#signal = signal;
  }

  /** @throws UNREACHABLE when no peer takes it, TIMEOUT when no block does; the codes of PROTOCOL §7 when it is refused */
  async submit(raw: Uint8Array, { signal = this.#signal }: { signal?: AbortSignal } = {}): Promise<TxOutcome> {
    let cause: unknown;
    for (const peer of this.#peers()) {
      try {
        const answer = await peer.submit(raw, { signal, timeoutMs: INCLUSION_TIMEOUT_MS });
        return { ...answer, txId: txIdOf(raw) };
      } catch (thrown) {
        const error = PerigeeError.from(thrown);
        // a refusal of the transaction itself would come from every other peer too
        if (signal.aborted || error.code.startsWith('TX_')) throw error;
        cause = error;
      }
    }
    throw new PerigeeError('UNREACHABLE', 'no connected peer takes transactions; connect to one that serves the chain', {
      cause,
    });
  }
}
