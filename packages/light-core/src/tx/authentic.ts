import type { TxMessage } from '@perigee/wire';
import type { DecodedTx } from './decode.ts';

declare const authentic: unique symbol;

/** What a transaction offers for its gas: a sum, or, as in Ethereum, a price. */
export type FeeBid =
  | { readonly maxFee: bigint; readonly tip: bigint }
  | { readonly maxFee: bigint; readonly maxPerGas: bigint; readonly tipPerGas: bigint };

/** What a transaction asks for, whichever scheme signed it. */
export interface TxOrder {
  readonly sender: Uint8Array;
  readonly lane: number;
  readonly nonce: number;
  /** Last height at which it may run; none for Ethereum transactions, which only their nonce ends. */
  readonly expiryHeight: number | undefined;
  readonly gasLimit: number;
  readonly bid: FeeBid;
  readonly messages: readonly TxMessage[];
}

/** Who signed a transaction. */
export interface TxAuthor {
  readonly sender: Uint8Array;
  /**
   * The ed25519 key that signed, where it is not the sender's own. Whether the sender has granted it this is for the state to say: without a grant the
   * transaction is not the sender's.
   */
  readonly sessionKey?: Uint8Array;
}

/** A transaction that the key it names signed for this chain. Only `verifyTxAuth` gives one. */
export interface AuthenticTx {
  readonly raw: Uint8Array;
  readonly tx: TxOrder;
  readonly sessionKey: Uint8Array | undefined;
  readonly [authentic]: true;
}

/**
 * The transaction with its author. For those only who verify: `verifyTxAuth`, and a thread that had another one do it.
 *
 * @param author what `txAuthorOf` gave for exactly this transaction
 */
export function authenticTx(decoded: DecodedTx, { sender, sessionKey }: TxAuthor): AuthenticTx {
  const tx = { raw: decoded.raw, tx: orderOf(decoded, sender), sessionKey };
  return tx as typeof tx & { readonly [authentic]: true };
}

/** Ethereum accounts count in lane 0. */
function orderOf(decoded: DecodedTx, sender: Uint8Array): TxOrder {
  if (decoded.ethereum === undefined) {
    const { lane, nonce, expiryHeight, gasLimit, maxFee, tip, messages } = decoded.tx;
    return { sender, lane, nonce, expiryHeight, gasLimit, bid: { maxFee, tip }, messages };
  }
  const { nonce, gasLimit, maxPerGas, tipPerGas, messages } = decoded.ethereum;
  const bid = { maxFee: BigInt(gasLimit) * maxPerGas, maxPerGas, tipPerGas };
  return { sender, lane: 0, nonce, expiryHeight: undefined, gasLimit, bid, messages };
}
