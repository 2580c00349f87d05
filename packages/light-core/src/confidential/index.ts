export { canonicalJson, type Json, type JsonObject } from './json.ts';
export {
  PROOF_SCHEME,
  type ProofScheme,
  plainHash,
  proofText,
  sealedHash,
  sealedStreamHash,
  signProof,
  verifyProof,
} from './proof.ts';
export {
  isSealed,
  keyIdOf,
  type OpenedRequest,
  type OpenRequestOptions,
  openRequest,
  type SealedEnvelope,
  type SealRequestOptions,
  sealRequest,
} from './request.ts';
export { ResponseOpener, ResponseSealer } from './response.ts';
export { bestX25519, nobleX25519, type SubtleX25519, type X25519 } from './x25519.ts';
