import { kindOf } from '@perigee/light-core/tx';
import { MAX_TX_LIFETIME_BLOCKS, PerigeeError, type Tx, type TxMessage, toHex } from '@perigee/wire';
import type { Genesis } from '../genesis/index.ts';
import type { StateView } from '../state/index.ts';
import type { Event, TxResult } from './abci.ts';
import { FEE_POOL, moveTokens, readAccount, takeNonce, writeAccount } from './accounts.ts';
import { certify } from './certify.ts';
import { feeOf, gasOf } from './gas.ts';
import type { PreparedTx } from './prepare-tx.ts';
import { RESULT_CODE, resultCodeOf } from './result-codes.ts';

const NO_DATA = new Uint8Array(0);

export interface Execution {
  /** Whether somebody paid: a transaction that cannot be charged does nothing, and a block that holds it is not accepted. */
  readonly charged: boolean;
  readonly result: TxResult;
}

export interface BlockContext {
  readonly genesis: Genesis;
  readonly height: number;
}

/**
 * Run a transaction. Nonce and fee are taken first; a message that fails undoes all messages, and nothing else.
 *
 * @param view of the block so far; takes what the transaction changes
 * @throws only when the node itself fails
 */
export function executeTx(view: StateView, { authentic, refusals }: PreparedTx, context: BlockContext): Execution {
  if (authentic instanceof PerigeeError) {
    // reading and authenticating depends on the bytes alone, so whatever was wrong, every node finds the same
    const code = resultCodeOf(authentic.code) ?? RESULT_CODE.PARSE;
    return { charged: false, result: { code, data: NO_DATA, log: authentic.message, gasWanted: 0, gasUsed: 0, events: [] } };
  }
  const { tx, raw } = authentic;
  const gas = gasOf(tx, raw.length);
  try {
    atomically(view, (inner) => charge(inner, tx, gas, context));
  } catch (error) {
    return { charged: false, result: failed(error, [RESULT_CODE.TX_SENDER, RESULT_CODE.TX_FEE], tx.gasLimit, 0) };
  }
  try {
    const events = atomically(view, (inner) =>
      tx.messages.map((message, i) => {
        const refusal = refusals[i];
        if (refusal !== undefined) throw refusal;
        return run(inner, tx, message, context);
      }),
    );
    return {
      charged: true,
      result: { code: 0, data: NO_DATA, log: '', gasWanted: tx.gasLimit, gasUsed: gas, events: events.flat() },
    };
  } catch (error) {
    return { charged: true, result: failed(error, [RESULT_CODE.TX_MESSAGE, RESULT_CODE.BLOB_GEOMETRY], tx.gasLimit, gas) };
  }
}

function atomically<T>(view: StateView, change: (inner: StateView) => T): T {
  const inner = view.child();
  const result = change(inner);
  inner.applyTo(view);
  return result;
}

/** @throws TX_EXPIRED, TX_SENDER, TX_NONCE, TX_FEE */
function charge(view: StateView, tx: Tx, gas: number, { genesis, height }: BlockContext): void {
  const last = height + MAX_TX_LIFETIME_BLOCKS;
  if (tx.expiryHeight < height || tx.expiryHeight > last) {
    throw new PerigeeError('TX_EXPIRED', `transaction expires at height ${tx.expiryHeight}, not between ${height} and ${last}`);
  }
  const account = readAccount(view, tx.sender);
  if (account === undefined)
    throw new PerigeeError('TX_SENDER', `account ${toHex(tx.sender)} does not exist; it must be paid first`);
  const fee = feeOf(tx, gas, genesis.appState.gasPrice);
  if (account.balance < fee)
    throw new PerigeeError('TX_FEE', `account ${toHex(tx.sender)} has ${account.balance}; the fee is ${fee}`);
  writeAccount(view, tx.sender, takeNonce(account, tx.lane, tx.nonce));
  moveTokens(view, tx.sender, FEE_POOL, fee);
}

function run(view: StateView, tx: Tx, message: TxMessage, { genesis, height }: BlockContext): Event[] {
  switch (kindOf(message)) {
    case 'certify':
      return message.certify === undefined ? [] : [certify(view, genesis, message.certify.certificate, height)];
    case 'transfer':
      if (message.transfer !== undefined) moveTokens(view, tx.sender, message.transfer.to, message.transfer.amount);
      return [];
  }
}

/** The result of a refusal whose number lies in `range`; anything else is a failure of the node, and is thrown on. */
function failed(error: unknown, [from, to]: readonly [number, number], gasWanted: number, gasUsed: number): TxResult {
  const code = error instanceof PerigeeError ? resultCodeOf(error.code) : undefined;
  if (!(error instanceof PerigeeError) || code === undefined || code < from || code > to) throw error;
  return { code, data: NO_DATA, log: error.message, gasWanted, gasUsed, events: [] };
}
