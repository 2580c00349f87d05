import { AUTH_SCHEME, ed25519Address, equal, PerigeeError, toHex } from '@perigee/wire';
import type { VerifyEd25519 } from '../signature/index.ts';
import { bodyOf, type DecodedTx } from './decode.ts';
import { txChain, txSignBytes } from './sign.ts';

declare const authentic: unique symbol;

/** A transaction that its sender signed for this chain. Only `verifyTxAuth` gives one. */
export type AuthenticTx = DecodedTx & { readonly [authentic]: true };

/** Remembers transactions that were found authentic, by all of their bytes. */
export interface VerifiedTxs {
  get(tx: DecodedTx): AuthenticTx | undefined;
  add(tx: AuthenticTx): void;
}

/**
 * Check who sent a transaction: that it is of this chain, and signed by the key whose address is its sender.
 *
 * @throws TX_CHAIN for another chain; TX_SENDER when the key is not the sender's; TX_AUTH for a wrong signature or a scheme that this
 *   version does not know
 */
export async function verifyTxAuth(
  decoded: DecodedTx,
  {
    genesisHash,
    verifyEd25519,
    verified,
  }: { readonly genesisHash: Uint8Array; readonly verifyEd25519: VerifyEd25519; readonly verified?: VerifiedTxs },
): Promise<AuthenticTx> {
  const known = verified?.get(decoded);
  if (known !== undefined) return known;
  const { tx } = decoded;
  if (!equal(tx.chain, txChain(genesisHash))) {
    throw new PerigeeError('TX_CHAIN', `transaction is for chain ${toHex(tx.chain)}, not ${toHex(txChain(genesisHash))}`);
  }
  const { scheme, publicKey, signature } = tx.auth;
  if (scheme !== AUTH_SCHEME.ed25519) {
    throw new PerigeeError(
      'TX_AUTH',
      `authentication scheme ${scheme} is not known to this version; sign with scheme 1 (ed25519)`,
    );
  }
  if (publicKey.length !== 32 || signature.length !== 64) {
    throw new PerigeeError(
      'TX_AUTH',
      `an ed25519 key and signature have 32 and 64 bytes, not ${publicKey.length} and ${signature.length}`,
    );
  }
  if (!equal(ed25519Address(publicKey), tx.sender)) {
    throw new PerigeeError('TX_SENDER', `sender ${toHex(tx.sender)} is not the address of the key that signs`);
  }
  if (!(await verifyEd25519(publicKey, txSignBytes(bodyOf(tx), genesisHash), signature))) {
    throw new PerigeeError('TX_AUTH', `signature of ${toHex(tx.sender)} is not over this transaction`);
  }
  const authenticTx = decoded as AuthenticTx;
  verified?.add(authenticTx);
  return authenticTx;
}

/**
 * A bounded memory of authentic transactions, so that one seen in the mempool is not verified again in its block.
 *
 * @param size transactions remembered; the oldest are forgotten first
 */
export function createVerifiedTxs(size: number): VerifiedTxs {
  const byId = new Map<string, AuthenticTx>();
  return {
    // an id is the hash of all bytes, authentication included
    get: ({ id }) => byId.get(toHex(id)),
    add(tx) {
      if (byId.size >= size) {
        const [oldest] = byId.keys();
        if (oldest !== undefined) byId.delete(oldest);
      }
      byId.set(toHex(tx.id), tx);
    },
  };
}
