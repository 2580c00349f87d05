import { type FeeBid, kindOf, type TxOrder } from '@perigee/light-core/tx';
import { PerigeeError, type TxMessage } from '@perigee/wire';

/**
 * Price list, gas: about one unit for a microsecond of one core of the reference machine (two cores, noble for signatures), and ten for
 * a byte that every node keeps. Part of consensus: final for a chain.
 */
const GAS = {
  /** Decoding, one signature, nonce and balance. */
  transaction: 2_000,
  byte: 10,
  transfer: 200,
  certify: 2_000,
  /** One signature of a certificate. */
  certifySignature: 1_000,
  /** The list of an account's sessions is read and written. */
  grantSession: 1_000,
  revokeSession: 1_000,
  /** Validator, list of validators, key index, pool; to take back besides the queue of its release, and the release. */
  stake: 3_000,
  unstake: 4_000,
} as const;

/** What a transaction costs; known before it runs, and the same whether it succeeds or fails. */
export function gasOf(tx: Pick<TxOrder, 'messages'>, bytes: number): number {
  return tx.messages.reduce((sum, message) => sum + gasOfMessage(message), GAS.transaction + GAS.byte * bytes);
}

function gasOfMessage(message: TxMessage): number {
  const signatures = message.certify?.certificate.signatures.length ?? 0;
  return GAS[kindOf(message)] + GAS.certifySignature * signatures;
}

/**
 * @returns the fee of a transaction: its gas at the price of the chain, and its tip, or its gas at the price that it offers
 * @throws TX_FEE when the transaction allows less gas or fee than that
 */
export function feeOf({ gasLimit, bid }: TxOrder, gas: number, gasPrice: bigint): bigint {
  if (gas > gasLimit) throw new PerigeeError('TX_FEE', `transaction takes ${gas} gas; its limit is ${gasLimit}`);
  const fee = BigInt(gas) * gasPrice + tipOf(bid, gas, gasPrice);
  if (fee > bid.maxFee) throw new PerigeeError('TX_FEE', `transaction costs ${fee}; it allows ${bid.maxFee}`);
  return fee;
}

function tipOf(bid: FeeBid, gas: number, gasPrice: bigint): bigint {
  if ('tip' in bid) return bid.tip;
  const above = bid.maxPerGas - gasPrice;
  if (above < 0n) throw new PerigeeError('TX_FEE', `a unit of gas costs ${gasPrice}; the transaction offers ${bid.maxPerGas}`);
  return BigInt(gas) * (above < bid.tipPerGas ? above : bid.tipPerGas);
}
