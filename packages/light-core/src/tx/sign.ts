import { ed25519 } from '@noble/curves/ed25519.js';
import { AUTH_SCHEME, Auth, concat, ed25519Address, TX_VERSION, Tx, TxBody, utf8, uvarint } from '@perigee/wire';

const DOMAIN = utf8('perigee/tx/v0');
/** Bytes of genesisHash that a transaction carries. */
const CHAIN_BYTES = 8;

/** Signs with an ed25519 key that it need not show: one in memory, in a browser's key store, in a device. */
export interface Ed25519Signer {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** @returns 64 bytes */
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** Everything of a transaction but what follows from the chain and the key. */
export type TxDraft = Omit<TxBody, 'version' | 'chain' | 'sender'>;

/** @param secretKey 32 bytes (the seed of RFC 8032) */
export function ed25519Signer(secretKey: Uint8Array): Ed25519Signer {
  return { publicKey: ed25519.getPublicKey(secretKey), sign: (message) => ed25519.sign(message, secretKey) };
}

/** The chain field of a transaction. */
export function txChain(genesisHash: Uint8Array): Uint8Array {
  return genesisHash.slice(0, CHAIN_BYTES);
}

/** The body of a draft, as `sender` sends it. */
export function txBody(draft: TxDraft, genesisHash: Uint8Array, sender: Uint8Array): TxBody {
  return { ...draft, version: TX_VERSION, chain: txChain(genesisHash), sender };
}

/** What scheme 1 signs: `'perigee/tx/v0' ‖ genesisHash ‖ canonical TxBody`. */
export function txSignBytes(body: Uint8Array, genesisHash: Uint8Array): Uint8Array {
  return concat(DOMAIN, genesisHash, body);
}

/** The canonical body of a canonical transaction: all but `auth`, which comes last. */
export function bodyBytesOf(raw: Uint8Array, auth: Auth): Uint8Array {
  const length = Auth.lengthOf(auth);
  return raw.subarray(0, raw.length - 1 - uvarint(length).length - length);
}

/**
 * Sign a transaction with an ed25519 key (scheme 1).
 *
 * @param account for which the key acts, if it is a session key; else the key's own
 * @returns the raw transaction
 */
export async function signTx(
  draft: TxDraft,
  genesisHash: Uint8Array,
  signer: Ed25519Signer,
  account = ed25519Address(signer.publicKey),
): Promise<Uint8Array> {
  const body = txBody(draft, genesisHash, account);
  const signature = await signer.sign(txSignBytes(TxBody.encode(body), genesisHash));
  return Tx.encode({ ...body, auth: { scheme: AUTH_SCHEME.ed25519, publicKey: signer.publicKey, signature } });
}
