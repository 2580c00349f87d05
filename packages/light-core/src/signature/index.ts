export { firstInvalid, type SignedMessage } from './batch.ts';
export { formatEthereumAddress, parseEthereumAddress } from './checksum.ts';
export { fastThenNoble } from './fast-then-noble.ts';
export { nobleEd25519 } from './noble.ts';
export { ethereumAddress, nobleRecover, type RecoverAddress, type RecoverableSignature } from './secp256k1.ts';
export type { VerifyEd25519 } from './verify.ts';
export { bestEd25519, type SubtleVerifier, webCryptoEd25519 } from './web-crypto.ts';
