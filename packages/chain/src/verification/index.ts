export { BlockVerifier, type BlockVerifierOptions } from './block-verifier.ts';
export { detectEd25519, type NativeEd25519, nodeEd25519 } from './native.ts';
