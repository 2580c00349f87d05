import { AUTH_SCHEME, MAX_TX_BYTES, PerigeeError, TX_VERSION, Tx, type TxBody, type TxMessage } from '@perigee/wire';
import { decodeEthereumTx, type EthereumTx, isEthereumTx } from './ethereum/index.ts';

interface RawTx {
  /** All bytes, authentication included: `txIdOf` makes the id of them. */
  readonly raw: Uint8Array;
}

/** A transaction in canonical form; its authentication is not looked at. */
export type DecodedTx = RawTx &
  ({ readonly tx: Tx; readonly ethereum?: undefined } | { readonly tx?: undefined; readonly ethereum: EthereumTx });

/**
 * Read a transaction; only the bytes that `Tx.encode` would write are one, or a signed Ethereum transaction in strict RLP, so nobody can change
 * its id. Which of the two it is, the first byte tells.
 *
 * @throws TX_SIZE, PARSE, NOT_CANONICAL, TX_VERSION, TX_MESSAGE, TX_AUTH
 */
export function decodeTx(raw: Uint8Array): DecodedTx {
  if (raw.length === 0 || raw.length > MAX_TX_BYTES) {
    throw new PerigeeError('TX_SIZE', `a transaction has 1 to ${MAX_TX_BYTES} bytes, not ${raw.length}`);
  }
  if (isEthereumTx(raw)) {
    return { raw, ethereum: decodeEthereumTx(raw) };
  }
  const tx = Tx.decodeCanonical(raw);
  if (tx.version !== TX_VERSION) throw new PerigeeError('TX_VERSION', `transaction version ${tx.version} is not ${TX_VERSION}`);
  if (tx.messages.length === 0) throw new PerigeeError('TX_MESSAGE', 'transaction has no message');
  for (const message of tx.messages) kindOf(message);
  if (tx.auth.scheme === AUTH_SCHEME.ethRlp) {
    throw new PerigeeError('TX_AUTH', 'a transaction of scheme 3 is its Ethereum bytes, without an envelope');
  }
  return { raw, tx };
}

/** The transaction without its authentication. */
export function bodyOf({ auth: _auth, ...body }: Tx): TxBody {
  return body;
}

/** @throws TX_MESSAGE unless exactly one kind of message is there */
export function kindOf(message: TxMessage): keyof TxMessage {
  let kind: keyof TxMessage | undefined;
  let kinds = 0;
  for (const name in message) {
    if (message[name as keyof TxMessage] === undefined) continue;
    kind = name as keyof TxMessage;
    kinds += 1;
  }
  if (kind === undefined || kinds > 1) throw new PerigeeError('TX_MESSAGE', `a message is of one kind, not ${kinds}`);
  return kind;
}
