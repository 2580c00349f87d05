import { kindOf } from '@perigee/light-core/tx';
import { PerigeeError, type Tx, type TxMessage } from '@perigee/wire';

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
} as const;

/** What a transaction costs; known before it runs, and the same whether it succeeds or fails. */
export function gasOf(tx: Tx, bytes: number): number {
  return tx.messages.reduce((sum, message) => sum + gasOfMessage(message), GAS.transaction + GAS.byte * bytes);
}

function gasOfMessage(message: TxMessage): number {
  switch (kindOf(message)) {
    case 'certify':
      return GAS.certify + GAS.certifySignature * (message.certify?.certificate.signatures.length ?? 0);
    case 'transfer':
      return GAS.transfer;
  }
}

/**
 * @returns the fee of a transaction: its gas at the price of the chain, and its tip
 * @throws TX_FEE when the transaction allows less gas or fee than that
 */
export function feeOf(tx: Tx, gas: number, gasPrice: bigint): bigint {
  if (gas > tx.gasLimit) throw new PerigeeError('TX_FEE', `transaction takes ${gas} gas; its limit is ${tx.gasLimit}`);
  const fee = BigInt(gas) * gasPrice + tx.tip;
  if (fee > tx.maxFee) throw new PerigeeError('TX_FEE', `transaction costs ${fee}; it allows ${tx.maxFee}`);
  return fee;
}
