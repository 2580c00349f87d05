import type { FeeBid, TxOrder } from '@perigee/light-core/tx';
import { PerigeeError } from '@perigee/wire';

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
