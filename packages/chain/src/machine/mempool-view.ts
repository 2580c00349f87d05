import { MAX_MEMPOOL_TXS_PER_SENDER, PerigeeError, toHex } from '@perigee/wire';
import type { TxResult } from '../application/index.ts';
import type { StateView } from '../state/index.ts';
import { readAccount } from './accounts.ts';
import { type BlockContext, executeTx } from './execute-tx.ts';
import type { PreparedTx } from './prepare-tx.ts';
import { RESULT_CODE } from './result-codes.ts';

type MempoolContext = Omit<BlockContext, 'recorded' | 'streamBytes' | 'registrations' | 'assumed'>;

/** The next block as the mempool expects it: each waiting transaction sees those before it. Made anew at every commit. */
export class MempoolView {
  readonly #view: StateView;
  readonly #context: MempoolContext;
  readonly #waiting = new Map<string, number>();
  /** Certificates of those that wait. */
  #recorded = 0;
  /** Registrations of those that wait: their evidence is looked at in their block, where somebody has paid for it. */
  #registrations = 0;

  constructor(view: StateView, context: MempoolContext) {
    this.#view = view;
    this.#context = context;
  }

  /** Nonce that is due in lane 0 of an account after all that wait. */
  nextNonce(address: Uint8Array): number {
    return readAccount(this.#view, address)?.nonces.find(({ lane }) => lane === 0)?.next ?? 0;
  }

  /**
   * Takes a transaction in if it would succeed. One whose signatures nobody had time for may come again; in a block that stops the node.
   *
   * @returns as gas wanted what it takes, not its limit: engines fill blocks by it, and a limit costs nothing
   */
  check(prepared: PreparedTx): TxResult {
    const tooBusy = [prepared.read, ...prepared.refusals].find((one) => one instanceof PerigeeError && one.code === 'BUSY');
    if (tooBusy instanceof PerigeeError) return busy(tooBusy.message);
    const sender = prepared.read instanceof PerigeeError ? undefined : toHex(prepared.read.authentic.tx.sender);
    const waiting = sender === undefined ? 0 : (this.#waiting.get(sender) ?? 0);
    if (waiting >= MAX_MEMPOOL_TXS_PER_SENDER) {
      return busy(`account ${sender} already has ${waiting} transactions waiting; send more after the next block`);
    }
    const waitingContext = { recorded: this.#recorded, streamBytes: 0, registrations: this.#registrations, assumed: true };
    const { result, blobs, registrations } = this.#view.attempt(
      () => executeTx(this.#view, prepared, { ...this.#context, ...waitingContext }),
      (execution) => execution.result.code === 0,
    );
    if (result.code === 0) {
      this.#recorded += blobs.length;
      this.#registrations += registrations;
      if (sender !== undefined) this.#waiting.set(sender, waiting + 1);
    }
    return { ...result, gasWanted: result.gasUsed };
  }
}

function busy(log: string): TxResult {
  return { code: RESULT_CODE.BUSY, data: new Uint8Array(0), log, gasWanted: 0, gasUsed: 0, events: [] };
}
