import { MAX_TX_BYTES, PerigeeError, TX_VERSION, Tx, type TxBody, type TxMessage, txIdOf } from '@perigee/wire';

/** A transaction in canonical form; its authentication is not looked at. */
export interface DecodedTx {
  readonly raw: Uint8Array;
  readonly id: Uint8Array;
  readonly tx: Tx;
}

/**
 * Read a transaction; only the bytes that `Tx.encode` would write are one, so nobody can change its id.
 *
 * @throws TX_SIZE, PARSE, NOT_CANONICAL, TX_VERSION, TX_MESSAGE
 */
export function decodeTx(raw: Uint8Array): DecodedTx {
  if (raw.length === 0 || raw.length > MAX_TX_BYTES) {
    throw new PerigeeError('TX_SIZE', `a transaction has 1 to ${MAX_TX_BYTES} bytes, not ${raw.length}`);
  }
  const tx = Tx.decodeCanonical(raw);
  if (tx.version !== TX_VERSION) throw new PerigeeError('TX_VERSION', `transaction version ${tx.version} is not ${TX_VERSION}`);
  if (tx.messages.length === 0) throw new PerigeeError('TX_MESSAGE', 'transaction has no message');
  for (const message of tx.messages) kindOf(message);
  return { raw, id: txIdOf(raw), tx };
}

/** The transaction without its authentication. */
export function bodyOf({ auth: _auth, ...body }: Tx): TxBody {
  return body;
}

/** @throws TX_MESSAGE unless exactly one kind of message is there */
export function kindOf(message: TxMessage): keyof TxMessage {
  const kinds = (Object.keys(message) as (keyof TxMessage)[]).filter((kind) => message[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    throw new PerigeeError('TX_MESSAGE', `a message is of one kind, not ${kinds.length}`);
  return kind;
}
