import { ed25519 } from '@noble/curves/ed25519.js';
import { AUTH_SCHEME, concat, ed25519Address, TX_VERSION, Tx, TxBody, utf8 } from '@perigee/wire';

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

/** @param secretKey 32 bytes (the seed of RFC 8032) */
export function ed25519Signer(secretKey: Uint8Array): Ed25519Signer {
  return { publicKey: ed25519.getPublicKey(secretKey), sign: (message) => ed25519.sign(message, secretKey) };
}

/** The chain field of a transaction. */
export function txChain(genesisHash: Uint8Array): Uint8Array {
  return genesisHash.slice(0, CHAIN_BYTES);
}

/** What scheme 1 signs: `'perigee/tx/v0' ‖ genesisHash ‖ canonical TxBody`. */
export function txSignBytes(body: TxBody, genesisHash: Uint8Array): Uint8Array {
  return concat(DOMAIN, genesisHash, TxBody.encode(body));
}

/**
 * Sign a transaction as the account of the signer's key.
 *
 * @param draft everything but what follows from the chain and the key
 * @returns the raw transaction
 */
export async function signTx(
  draft: Omit<TxBody, 'version' | 'chain' | 'sender'>,
  genesisHash: Uint8Array,
  signer: Ed25519Signer,
): Promise<Uint8Array> {
  const { publicKey } = signer;
  const body: TxBody = { ...draft, version: TX_VERSION, chain: txChain(genesisHash), sender: ed25519Address(publicKey) };
  const signature = await signer.sign(txSignBytes(body, genesisHash));
  return Tx.encode({ ...body, auth: { scheme: AUTH_SCHEME.ed25519, publicKey, signature } });
}
