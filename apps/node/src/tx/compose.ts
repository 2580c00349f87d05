import { gasOf, type TxDraft, tokensInWords, txChain } from '@perigee/light-core/tx';
import { AUDIT_VERDICT, keyText, PerigeeError, TX_VERSION, TxBody, type TxMessage } from '@perigee/wire';
import type { ChainHead } from './chain-head.ts';

/** Scheme, key and signature of ed25519; those of EIP-712 are shorter, and cost no more for it than they are estimated. */
const AUTH_BYTES = 104;

export interface TxTerms {
  readonly lane: number;
  /** Smallest units, besides the fee. */
  readonly tip: bigint;
  /** Blocks in which it may be included. */
  readonly withinBlocks: number;
}

/** A transaction that can be signed, and what it will cost. */
export interface ComposedTx {
  readonly draft: TxDraft;
  /** Smallest units. */
  readonly fee: bigint;
}

/**
 * Completes a message to a transaction: the next nonce of the lane, the gas that it takes, and the fee for that.
 *
 * @throws TX_FEE when the account cannot pay
 */
export function composeTx(message: TxMessage, sender: Uint8Array, chain: ChainHead, terms: TxTerms): ComposedTx {
  const { lane, tip, withinBlocks } = terms;
  const nonce = chain.account.nonces.find((entry) => entry.lane === lane)?.next ?? 0;
  const common = { lane, nonce, expiryHeight: chain.height + withinBlocks, tip, messages: [message] };
  // gas depends on the length, and the length on the gas: with the widest numbers it is as long as it can be
  const widest = { ...common, gasLimit: Number.MAX_SAFE_INTEGER, maxFee: (1n << 128n) - 1n };
  const body = { ...widest, version: TX_VERSION, chain: txChain(chain.genesisHash), sender };
  const gasLimit = gasOf(common, TxBody.encode(body).length + AUTH_BYTES);
  const fee = BigInt(gasLimit) * chain.appState.gasPrice + tip;
  const { transfer, stake, computeDeposit, computeRegister, computeReport } = message;
  const isDeposit = computeReport !== undefined && computeReport.verdict !== AUDIT_VERDICT.withdrawn;
  const deposit = isDeposit ? chain.appState.compute?.reportDeposit : undefined;
  const amount = (transfer ?? stake ?? computeDeposit)?.amount ?? computeRegister?.stake ?? deposit ?? 0n;
  checkBalance(sender, chain.account.balance, fee, amount);
  return { draft: { ...common, gasLimit, maxFee: fee }, fee };
}

function checkBalance(address: Uint8Array, balance: bigint, fee: bigint, amount: bigint): void {
  if (balance >= fee + amount) return;
  throw new PerigeeError(
    'TX_FEE',
    `account ${keyText(address)} has ${tokensInWords(balance)}; ${tokensInWords(amount)} and a fee of ${tokensInWords(fee)} are needed: pay it first`,
    { data: { balance: String(balance), amount: String(amount), fee: String(fee) } },
  );
}
