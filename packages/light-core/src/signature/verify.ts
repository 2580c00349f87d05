/**
 * Checks one ed25519 signature under the rules of ZIP-215.
 *
 * @param publicKey 32 bytes
 * @param message any length
 * @param signature 64 bytes
 * @returns false for a wrong signature and for a key or signature of another length; it does not throw
 */
export type VerifyEd25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;
