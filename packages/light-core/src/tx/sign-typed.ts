/** Scheme 2: transactions that an Ethereum key signs as typed data in plain words. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { AUTH_SCHEME, concat, fromHex, keyText, PerigeeError, Tx, u8 } from '@perigee/wire';
import { ethereumAddress } from '../signature/index.ts';
import { type ChainName, hashTypedData, type TypedData, typedDataOf } from './eip712/index.ts';
import { type TxDraft, txBody } from './sign.ts';

/** Signs typed data with a key that it need not show: a wallet's, or one in memory. */
export interface TypedDataSigner {
  /** Ethereum address, 20 bytes: the account. */
  readonly address: Uint8Array;
  /** @returns `r ‖ s ‖ v`, 65 bytes */
  signTypedData(data: TypedData): Promise<Uint8Array>;
}

/** What is needed of a wallet (EIP-1193). */
export interface Eip1193Provider {
  request(call: { readonly method: string; readonly params: readonly unknown[] }): Promise<unknown>;
}

/**
 * A wallet that shows the typed data and has its user sign it (`eth_signTypedData_v4`).
 *
 * @param address one of the wallet's accounts, as `eth_requestAccounts` gave it
 * @throws PARSE when the address is none, or, when it signs, the wallet answers with something else than a signature
 */
export function walletSigner(provider: Eip1193Provider, address: string): TypedDataSigner {
  const account = fromHex(address, 20);
  return {
    address: account,
    async signTypedData(data) {
      const answer = await provider.request({
        method: 'eth_signTypedData_v4',
        params: [keyText(account), JSON.stringify(data)],
      });
      if (typeof answer !== 'string') throw new PerigeeError('PARSE', 'the wallet answered with something else than a signature');
      return fromHex(answer, 65);
    },
  };
}

/** @param secretKey 32 bytes */
export function secp256k1Signer(secretKey: Uint8Array): TypedDataSigner & { readonly publicKey: Uint8Array } {
  return {
    /** Compressed, 33 bytes. */
    publicKey: secp256k1.getPublicKey(secretKey),
    address: ethereumAddress(secp256k1.getPublicKey(secretKey, false)),
    async signTypedData(data) {
      const signature = secp256k1.sign(hashTypedData(data), secretKey, { prehash: false, format: 'recovered' });
      return concat(signature.subarray(1), u8(27 + (signature[0] ?? 0)));
    },
  };
}

/**
 * Sign a transaction as the account of an Ethereum key.
 *
 * @returns the raw transaction
 * @throws TX_AUTH when the signer gives a v that is none of 0, 1, 27, 28
 */
export async function signTypedTx(draft: TxDraft, chain: ChainName, signer: TypedDataSigner): Promise<Uint8Array> {
  const body = txBody(draft, chain.genesisHash, signer.address);
  const signature = await signer.signTypedData(typedDataOf(body, chain));
  return Tx.encode({
    ...body,
    auth: { scheme: AUTH_SCHEME.eip712, publicKey: new Uint8Array(0), signature: normalised(signature) },
  });
}

/** Wallets write v as 0 and 1 or as 27 and 28; a transaction has the latter, so that one signature has one form. */
function normalised(signature: Uint8Array): Uint8Array {
  const v = signature[64] ?? -1;
  if (signature.length !== 65 || ![0, 1, 27, 28].includes(v)) {
    throw new PerigeeError('TX_AUTH', `a signature of ${signature.length} bytes that ends in ${v} is not r, s and v`);
  }
  return concat(signature.subarray(0, 64), u8(v < 27 ? v + 27 : v));
}
