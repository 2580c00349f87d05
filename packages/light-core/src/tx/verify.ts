import { AUTH_SCHEME, ed25519Address, equal, keyText, PerigeeError, type Tx, toHex } from '@perigee/wire';
import { nobleRecover, type RecoverAddress, type VerifyEd25519 } from '../signature/index.ts';
import { type AuthenticTx, authenticTx, type TxAuthor } from './authentic.ts';
import { bodyOf, type DecodedTx } from './decode.ts';
import { type ChainName, hashTypedData, typedDataOf } from './eip712/index.ts';
import type { EthereumTx } from './ethereum/index.ts';
import { bodyBytesOf, txChain, txSignBytes } from './sign.ts';

/** For which chain, and by whom, signatures are checked. */
export interface TxAuthContext extends ChainName {
  /** Chain id by which Ethereum wallets know the chain; 0 where it takes no Ethereum transactions. */
  readonly ethereumChainId: number;
  readonly verifyEd25519: VerifyEd25519;
  readonly recoverAddress?: RecoverAddress;
}

/**
 * Check who sent a transaction: that it is of this chain, and signed by its sender's key, or by a session key.
 *
 * @returns `sessionKey` is set when a key signed that is not the sender's own: the state must be asked for its grant
 * @throws TX_CHAIN for another chain; TX_SENDER when an address signed that is not the sender; TX_AUTH for a wrong signature or a scheme that
 *   this version does not know
 */
export async function verifyTxAuth(decoded: DecodedTx, context: TxAuthContext): Promise<AuthenticTx> {
  return authenticTx(decoded, await txAuthorOf(decoded, context));
}

/** Who signed a transaction; throws as `verifyTxAuth` does. */
export async function txAuthorOf(decoded: DecodedTx, context: TxAuthContext): Promise<TxAuthor> {
  if (decoded.ethereum !== undefined) return ethereumAuthor(decoded.ethereum, context);
  const { tx, raw } = decoded;
  const chain = txChain(context.genesisHash);
  if (!equal(tx.chain, chain)) {
    throw new PerigeeError('TX_CHAIN', `transaction is for chain ${toHex(tx.chain)}, not ${toHex(chain)}`);
  }
  const { scheme } = tx.auth;
  if (scheme === AUTH_SCHEME.ed25519) return ed25519Author(tx, raw, context);
  if (scheme === AUTH_SCHEME.eip712) return eip712Author(tx, context);
  throw new PerigeeError('TX_AUTH', `authentication scheme ${scheme} is not known to this version; sign with scheme 1 or 2`);
}

async function ed25519Author(tx: Tx, raw: Uint8Array, { genesisHash, verifyEd25519 }: TxAuthContext): Promise<TxAuthor> {
  const { sender } = tx;
  const { publicKey, signature } = tx.auth;
  if (publicKey.length !== 32 || signature.length !== 64) {
    throw new PerigeeError(
      'TX_AUTH',
      `an ed25519 key and signature have 32 and 64 bytes, not ${publicKey.length} and ${signature.length}`,
    );
  }
  if (!(await verifyEd25519(publicKey, txSignBytes(bodyBytesOf(raw, tx.auth), genesisHash), signature))) {
    throw new PerigeeError('TX_AUTH', `signature of ${keyText(sender)} is not over this transaction`);
  }
  return equal(ed25519Address(publicKey), sender) ? { sender } : { sender, sessionKey: publicKey };
}

async function eip712Author(tx: Tx, context: TxAuthContext): Promise<TxAuthor> {
  const { publicKey, signature } = tx.auth;
  const v = signature[64];
  if (publicKey.length !== 0 || signature.length !== 65 || (v !== 27 && v !== 28)) {
    throw new PerigeeError('TX_AUTH', 'scheme 2 carries no key, and a signature of 65 bytes that ends in 27 or 28');
  }
  const digest = hashTypedData(typedDataOf(bodyOf(tx), context));
  const [r, s] = [signature.slice(0, 32), signature.slice(32, 64)];
  const recover = context.recoverAddress ?? nobleRecover;
  const signer = await recover(digest, { r, s, parity: v - 27 });
  if (signer === undefined) throw noSignature();
  if (!equal(signer, tx.sender)) {
    throw new PerigeeError('TX_SENDER', `transaction of ${keyText(tx.sender)} is signed by ${keyText(signer)}`);
  }
  return { sender: tx.sender };
}

async function ethereumAuthor(tx: EthereumTx, context: TxAuthContext): Promise<TxAuthor> {
  if (context.ethereumChainId === 0) throw new PerigeeError('TX_AUTH', 'this chain takes no Ethereum transactions');
  if (tx.ethereumChainId !== BigInt(context.ethereumChainId)) {
    throw new PerigeeError('TX_CHAIN', `transaction is for Ethereum chain ${tx.ethereumChainId}, not ${context.ethereumChainId}`);
  }
  const sender = await (context.recoverAddress ?? nobleRecover)(tx.digest, tx.signature);
  if (sender === undefined) throw noSignature();
  return { sender };
}

function noSignature(): PerigeeError {
  return new PerigeeError('TX_AUTH', 'the signature is none that a key can make, or its s is in the upper half');
}
