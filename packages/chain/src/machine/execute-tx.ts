import { FEE_POOL, isKeyless } from '@perigee/light-core/state';
import { kindOf } from '@perigee/light-core/tx';
import {
  type Certificate,
  type ComputeParams,
  type KvApply,
  type KvOutcome,
  keyText,
  MAX_BLOBS_PER_HEIGHT,
  MAX_KV_BLOCK_BYTES,
  MAX_REGISTRATIONS_PER_BLOCK,
  MAX_TX_LIFETIME_BLOCKS,
  MESSAGE_KIND,
  PerigeeError,
  type SettleOutcome,
  type SubmitResult,
  SubmitResults,
  type Transfer,
  type TxMessage,
} from '@perigee/wire';
import type { Event, TxResult } from '../application/index.ts';
import type { Genesis } from '../genesis/index.ts';
import type { StateKey, StateView } from '../state/index.ts';
import { moveTokens, payFee, readAccount, takeNonce } from './accounts.ts';
import type { ListedBlob } from './blob-lists.ts';
import { certify } from './certify.ts';
import { allowOrders, computeCost, runCompute } from './compute/index.ts';
import { feeOf } from './gas.ts';
import { applyStreamData, noteSubmission, setStreams } from './kv/index.ts';
import type { PreparedTx, ReadTx } from './prepare-tx.ts';
import { LAST_CHARGED, RESULT_CODE, resultCodeOf } from './result-codes.ts';
import { grantSession, revokeSession, sessionFor, spendSession } from './sessions.ts';
import { stake, unstake } from './stake.ts';
import { submitFile } from './storage/index.ts';

const NO_DATA = new Uint8Array(0);
/** What a mempool takes evidence for. It never is in a state that is kept. */
const ASSUMED_EVIDENCE = {
  evidenceId: new Uint8Array(32),
  collateralId: new Uint8Array(32),
  subject: '',
  expiryTime: Number.MAX_SAFE_INTEGER,
};

export interface Execution {
  /** Whether somebody paid: a transaction that cannot be charged does nothing, and a block that holds it is not accepted. */
  readonly charged: boolean;
  readonly result: TxResult;
  /** Of the certificates that it recorded, in order. */
  readonly blobs: readonly ListedBlob[];
  /** Bytes of stream data that it executed. */
  readonly streamBytes: number;
  /** Registrations of providers that it holds: each had its evidence checked. */
  readonly registrations: number;
}

export interface BlockContext {
  readonly genesis: Genesis;
  readonly height: number;
  /** Of the block, seconds since 1970. */
  readonly seconds: number;
  /** Certificates that the transactions before recorded in the same block. */
  readonly recorded: number;
  /** Bytes of stream data that they executed. */
  readonly streamBytes: number;
  /** Registrations of providers that they hold. */
  readonly registrations: number;
  /** A mempool takes evidence for good: it is checked in a block, where it is paid for. */
  readonly assumed?: boolean;
}

/**
 * Run a transaction. Nonce and fee of its gas are taken first; a message that fails undoes all messages, and nothing else.
 *
 * @param view of the block so far; takes what the transaction changes
 * @throws only when the node itself fails
 */
export function executeTx(view: StateView, prepared: PreparedTx, context: BlockContext): Execution {
  const { read } = prepared;
  if (read instanceof PerigeeError) {
    // reading and authenticating depends on the bytes alone, so every node finds the same; what is no refusal is a failure of this one
    return nothing(failed(read, [RESULT_CODE.TX_SIZE, RESULT_CODE.TX_MESSAGE], 0, 0));
  }
  const { gas } = read;
  const { tx } = read.authentic;
  const certificates: Certificate[] = [];
  let streamBytes = 0;
  let registrations = 0;
  let isChecked = true;
  let brings: KvApply | undefined;
  for (const [i, { certify, kvSet, kvApply, computeRegister }] of tx.messages.entries()) {
    if (certify !== undefined) certificates.push(certify.certificate);
    streamBytes += (kvSet ?? kvApply)?.data.length ?? 0;
    brings ??= kvApply;
    if (computeRegister === undefined) continue;
    registrations += 1;
    isChecked &&= (prepared.evidence[i] ?? prepared.refusals[i]) !== undefined;
  }
  if (context.recorded + certificates.length > MAX_BLOBS_PER_HEIGHT) {
    return noRoom(`a block records ${MAX_BLOBS_PER_HEIGHT} blobs at most`, tx.gasLimit);
  }
  if (context.streamBytes + streamBytes > MAX_KV_BLOCK_BYTES) {
    return noRoom(`a block executes ${MAX_KV_BLOCK_BYTES} bytes of stream data at most`, tx.gasLimit);
  }
  if (context.registrations + registrations > MAX_REGISTRATIONS_PER_BLOCK || !(isChecked || context.assumed)) {
    return noRoom(`a block registers ${MAX_REGISTRATIONS_PER_BLOCK} providers at most`, tx.gasLimit);
  }
  if (brings !== undefined) return bringStreamData(view, read, brings, context);
  let fee: bigint;
  try {
    fee = view.attempt(() => charge(view, read, context, () => feeOf(tx, gas, context.genesis.appState.gasPrice)));
  } catch (error) {
    return nothing(failed(error, [RESULT_CODE.TX_SENDER, RESULT_CODE.TX_FEE], tx.gasLimit, 0));
  }
  try {
    const { events, ...told } = view.attempt(() => runMessages(view, { ...prepared, read }, tx.bid.maxFee - fee, context));
    const isSilent = told.submits.length + told.writes.length + told.settlements.length === 0;
    const data = isSilent ? NO_DATA : SubmitResults.encode(told);
    return {
      charged: true,
      result: { code: 0, data, log: '', gasWanted: tx.gasLimit, gasUsed: gas, events },
      blobs: certificates,
      streamBytes,
      registrations,
    };
  } catch (error) {
    const result = failed(error, [RESULT_CODE.TX_MESSAGE, LAST_CHARGED], tx.gasLimit, gas);
    return { charged: true, result, blobs: [], streamBytes, registrations };
  }
}

function nothing(result: TxResult): Execution {
  return { charged: false, result, blobs: [], streamBytes: 0, registrations: 0 };
}

function noRoom(why: string, gasWanted: number): Execution {
  const log = `${why}, and this one has no room left; the next may have`;
  return nothing({ code: RESULT_CODE.BUSY, data: NO_DATA, log, gasWanted, gasUsed: 0, events: [] });
}

/**
 * A transaction that brings the data of a submission costs its sender nothing: the author of the submission pays. One that does not match, or
 * comes second, is charged to nobody, so no block that holds it is accepted.
 */
function bringStreamData(view: StateView, read: ReadTx, message: KvApply, context: BlockContext): Execution {
  const { gas, authentic } = read;
  const { tx } = authentic;
  const { kv, gasPrice } = context.genesis.appState;
  try {
    const { txSeq, result, event } = view.attempt(() => {
      if (tx.messages.length > 1) throw new PerigeeError('TX_MESSAGE', 'what brings the data of a write has no other message');
      charge(view, read, context, () => 0n);
      return applyStreamData(view, message, { kv, gasPrice, height: context.height });
    });
    const data = SubmitResults.encode({ submits: [], writes: [{ message: 0, txSeq, result }], settlements: [] });
    return {
      charged: true,
      result: { code: 0, data, log: '', gasWanted: tx.gasLimit, gasUsed: gas, events: [event] },
      blobs: [],
      streamBytes: message.data.length,
      registrations: 0,
    };
  } catch (error) {
    return nothing(failed(error, [RESULT_CODE.TX_SENDER, RESULT_CODE.TX_MESSAGE], tx.gasLimit, 0));
  }
}

/**
 * @param due the fee; throws where the transaction allows less
 * @returns the fee that was taken
 * @throws TX_EXPIRED, TX_SENDER, TX_AUTH, TX_NONCE, TX_FEE
 */
function charge(view: StateView, { authentic, sender: payer }: ReadTx, { height }: BlockContext, due: () => bigint): bigint {
  const { tx, sessionKey } = authentic;
  const last = height + MAX_TX_LIFETIME_BLOCKS;
  const { sender, expiryHeight } = tx;
  if (expiryHeight !== undefined && (expiryHeight < height || expiryHeight > last)) {
    throw new PerigeeError('TX_EXPIRED', `transaction expires at height ${expiryHeight}, not between ${height} and ${last}`);
  }
  const account = readAccount(view, payer);
  if (account === undefined)
    throw new PerigeeError('TX_SENDER', `account ${keyText(sender)} does not exist; it must be paid first`);
  if (sessionKey !== undefined) sessionFor(view, sender, sessionKey, tx.messages, height);
  const fee = due();
  if (account.balance < fee)
    throw new PerigeeError('TX_FEE', `account ${keyText(sender)} has ${account.balance}; the fee is ${fee}`);
  if (sessionKey !== undefined) spendSession(view, sender, sessionKey, fee, 'TX_AUTH');
  payFee(view, payer, takeNonce(account, tx.lane, tx.nonce), fee);
  return fee;
}

/** What the messages of a transaction did that its result tells. */
interface Outcome {
  readonly events: readonly Event[];
  readonly submits: readonly SubmitResult[];
  readonly writes: readonly KvOutcome[];
  readonly settlements: readonly SettleOutcome[];
}

/**
 * @param allowance what messages may cost in fees: the highest fee of the transaction less that of its gas
 */
function runMessages(
  view: StateView,
  { read, refusals, evidence }: PreparedTx & { readonly read: ReadTx },
  allowance: bigint,
  context: BlockContext,
): Outcome {
  const { authentic, sender, payees, judged } = read;
  const { tx, sessionKey } = authentic;
  const { compute } = context.genesis.appState;
  const events: Event[] = [];
  const submits: SubmitResult[] = [];
  const writes: KvOutcome[] = [];
  const settlements: SettleOutcome[] = [];
  let left = allowance;
  tx.messages.forEach((message, i) => {
    const refusal = refusals[i];
    if (refusal !== undefined) throw refusal;
    if (sessionKey !== undefined) spendSession(view, tx.sender, sessionKey, amountOf(message, compute), 'TX_MESSAGE');
    if (message.storageSubmit !== undefined) {
      const { storage, kv } = context.genesis.appState;
      const { height } = context;
      const { result, price, event } = submitFile(view, tx.sender, message.storageSubmit, { storage, height });
      if (sessionKey !== undefined) spendSession(view, tx.sender, sessionKey, price, 'TX_MESSAGE');
      submits.push({ message: i, ...result });
      if (event !== undefined) events.push(event);
      if (kv !== undefined)
        events.push(...noteSubmission(view, tx.sender, { ...message.storageSubmit, txSeq: result.txSeq, height }));
      return;
    }
    if (message.kvSet !== undefined) {
      const { kv } = context.genesis.appState;
      const done = setStreams(view, tx.sender, message.kvSet, { kv, height: context.height });
      if (sessionKey !== undefined) spendSession(view, tx.sender, sessionKey, done.deposit, 'TX_MESSAGE');
      writes.push({ message: i, txSeq: done.txSeq, result: done.result });
      events.push(done.event);
      return;
    }
    const payee = payees[i];
    if (message.transfer !== undefined && payee !== undefined) {
      sendTokens(view, sender, payee, message.transfer);
      return;
    }
    const found = { evidence: evidence[i] ?? (context.assumed ? ASSUMED_EVIDENCE : undefined), judged: judged[i] };
    const done = runCompute(view, tx.sender, message, found, { compute, height: context.height, seconds: context.seconds });
    if (done !== undefined) {
      if (done.settled !== undefined) settlements.push({ message: i, ...done.settled });
      if (done.event !== undefined) events.push(done.event);
      return;
    }
    if (message.certify === undefined) {
      runMessage(view, tx.sender, message, context);
      return;
    }
    const { event, fee } = certify(view, context.genesis, message.certify.certificate, context.height);
    if (sessionKey !== undefined) spendSession(view, tx.sender, sessionKey, fee, 'TX_MESSAGE');
    payForBlob(view, tx.sender, fee, left);
    left -= fee;
    events.push(event);
  });
  return { events, submits, writes, settlements };
}

function runMessage(view: StateView, sender: Uint8Array, message: TxMessage, { genesis, height, seconds }: BlockContext): void {
  const context = { staking: genesis.appState.staking, height, seconds };
  const { compute } = genesis.appState;
  if (message.grantSession !== undefined) {
    const { key, kinds, cap: left, expiryHeight } = message.grantSession;
    grantSession(view, sender, message.grantSession, height);
    const isForOrders = kinds.includes(MESSAGE_KIND.computeDeposit);
    allowOrders(view, sender, key, isForOrders ? { left, expiryHeight } : undefined, { compute, height });
  } else if (message.revokeSession !== undefined) {
    const { key } = message.revokeSession;
    revokeSession(view, sender, key);
    allowOrders(view, sender, key, undefined, { compute, height });
  } else if (message.stake !== undefined) stake(view, sender, message.stake, context);
  else if (message.unstake !== undefined) unstake(view, sender, message.unstake, context);
  else throw new PerigeeError('INTERNAL', `message "${kindOf(message)}" is not run here`);
}

/** @throws TX_MESSAGE */
function sendTokens(view: StateView, sender: StateKey, payee: StateKey, { to, amount }: Transfer): void {
  // above all not to the pool of stakes, whose balance must be what is staked
  if (isKeyless(to))
    throw new PerigeeError('TX_MESSAGE', `address ${keyText(to)} is the chain's own: nobody could send the tokens on`);
  moveTokens(view, sender, payee, amount);
}

/** What a message takes out of its sender's balance besides fees. */
function amountOf(message: TxMessage, compute: ComputeParams | undefined): bigint {
  return message.transfer?.amount ?? message.stake?.amount ?? computeCost(message, compute);
}

/** @throws TX_MESSAGE */
function payForBlob(view: StateView, sender: Uint8Array, fee: bigint, left: bigint): void {
  if (fee > left) {
    throw new PerigeeError(
      'TX_MESSAGE',
      `serving the blob costs ${fee}; the transaction allows ${left} besides its gas: sign it with a higher maxFee, or an earlier expiry`,
    );
  }
  const balance = readAccount(view, sender)?.balance ?? 0n;
  if (fee > balance) {
    throw new PerigeeError(
      'TX_MESSAGE',
      `serving the blob costs ${fee}; account ${keyText(sender)} has ${balance} left: pay it first`,
    );
  }
  moveTokens(view, sender, FEE_POOL, fee);
}

/** The result of a refusal whose number lies in `range`; anything else is a failure of the node, and is thrown on. */
function failed(error: unknown, [from, to]: readonly [number, number], gasWanted: number, gasUsed: number): TxResult {
  const code = error instanceof PerigeeError ? resultCodeOf(error) : undefined;
  if (!(error instanceof PerigeeError) || code === undefined || code < from || code > to) throw error;
  return { code, data: NO_DATA, log: error.message, gasWanted, gasUsed, events: [] };
}
