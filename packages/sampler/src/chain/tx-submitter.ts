import type { TxOutcome, TxSubmit } from '@perigee/light-core/roles';
import { eitherSignal } from '@perigee/net';
import { PerigeeError, type TxAnswer, txIdOf } from '@perigee/wire';
import type { Peer } from '../peers/peer.ts';

/** A block comes every second or so; who waits this long for one waits for nothing, milliseconds. */
const INCLUSION_TIMEOUT_MS = 60_000;
/** Peers that a transaction is handed to at once: one that keeps silent, or says what is not so, must not decide alone. */
const PEERS_AT_ONCE = 3;

/** Hands transactions to peers that serve the chain. What they answer is a hint: whoever needs certainty proves the state afterwards. */
export class TxSubmitter implements TxSubmit {
  readonly #peers: () => readonly Peer[];
  readonly #signal: AbortSignal;

  constructor(peers: () => readonly Peer[], signal: AbortSignal) {
    this.#peers = peers;
    this.#signal = signal;
  }

  /**
   * @returns the first inclusion that a peer tells of; a refusal only when nobody tells of one
   * @throws UNREACHABLE when no peer takes it, TIMEOUT when no block does; ABORTED
   */
  async submit(raw: Uint8Array, { signal = this.#signal }: { signal?: AbortSignal } = {}): Promise<TxOutcome> {
    const txId = txIdOf(raw);
    const stop = new AbortController();
    const options = { signal: eitherSignal(signal, stop.signal), timeoutMs: INCLUSION_TIMEOUT_MS };
    const asked = this.#peers().slice(0, PEERS_AT_ONCE);
    const refusals: TxAnswer[] = [];
    const outcomes = asked.map(async (peer): Promise<TxOutcome> => {
      const answer = await peer.submit(raw, options);
      if (answer.code === 0 && answer.height > 0) return { ...answer, txId };
      if (answer.code === 0)
        throw new PerigeeError('REFUSED', 'the peer says that it waits still, and was to say when it does not');
      refusals.push(answer);
      throw new PerigeeError('REFUSED', answer.log);
    });
    try {
      return await Promise.any(outcomes);
    } catch (thrown) {
      const [refusal] = refusals;
      if (refusal !== undefined) return { ...refusal, txId };
      const [cause] = thrown instanceof AggregateError ? thrown.errors : [thrown];
      if (signal.aborted || (asked.length > 0 && PerigeeError.from(cause).code === 'TIMEOUT')) throw PerigeeError.from(cause);
      throw new PerigeeError('UNREACHABLE', 'no connected peer takes transactions; connect to one that serves the chain', {
        cause,
      });
    } finally {
      stop.abort();
    }
  }
}
