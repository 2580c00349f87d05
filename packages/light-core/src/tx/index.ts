export { bodyOf, type DecodedTx, decodeTx, kindOf } from './decode.ts';
export { type Ed25519Signer, ed25519Signer, signTx, txChain, txSignBytes } from './sign.ts';
export { type AuthenticTx, createVerifiedTxs, type VerifiedTxs, verifyTxAuth } from './verify.ts';
