export {
  type AuthenticTx,
  authenticTx,
  type FeeBid,
  type TxAuthor,
  type TxOrder,
} from './authentic.ts';
export { bodyOf, type DecodedTx, decodeTx, kindOf } from './decode.ts';
export { type ChainName, hashTypedData, perigeeDomain, type TypedData, typedDataOf } from './eip712/index.ts';
export {
  type Call,
  decodeEthereumTx,
  type EthereumTx,
  ethereumTxHash,
  gasOfCall,
  isEthereumTx,
  messagesOfCall,
} from './ethereum/index.ts';
export { gasOf, kvWriteGas } from './gas.ts';
export { type Ed25519Signer, ed25519Signer, signTx, type TxDraft, txChain, txSignBytes } from './sign.ts';
export { type Eip1193Provider, secp256k1Signer, signTypedTx, type TypedDataSigner, walletSigner } from './sign-typed.ts';
export { type TxAuthContext, txAuthorOf, verifyTxAuth } from './verify.ts';
export { blockInWords, tokensInWords } from './words.ts';
