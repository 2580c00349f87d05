import {
  type Ed25519Signer,
  secp256k1Signer,
  signTx,
  signTypedTx,
  type TxDraft,
  type TypedDataSigner,
} from '@perigee/light-core/tx';
import { ed25519Address, PerigeeError } from '@perigee/wire';
import type { SecretKey } from '../keys.ts';
import { nativeSigner } from '../native-signer.ts';
import type { ChainHead } from './chain-head.ts';

/** A key and the account that it acts for. */
export interface TxAccount {
  readonly address: Uint8Array;
  /** @returns the raw transaction */
  sign(draft: TxDraft, chain: ChainHead): Promise<Uint8Array>;
}

/**
 * @param account for which the key acts by a session; its own unless given
 * @throws INVALID_ARGUMENT when a key for Ethereum addresses is to act for another account
 */
export function txAccount({ scheme, secret }: SecretKey, account?: Uint8Array): TxAccount {
  if (scheme === 'ed25519') return ofEd25519(nativeSigner(secret), account);
  if (account !== undefined) {
    throw new PerigeeError('INVALID_ARGUMENT', 'a session is of an ed25519 key: name one with --key, or leave out --account');
  }
  return ofSecp256k1(secp256k1Signer(secret));
}

function ofEd25519(signer: Ed25519Signer, account = ed25519Address(signer.publicKey)): TxAccount {
  return { address: account, sign: (draft, { genesisHash }) => signTx(draft, genesisHash, signer, account) };
}

function ofSecp256k1(signer: TypedDataSigner): TxAccount {
  return { address: signer.address, sign: (draft, chain) => signTypedTx(draft, chain, signer) };
}
