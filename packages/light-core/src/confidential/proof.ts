/** What an enclave signs of a sealed exchange (`zg-sig-v1`): both halves as they were on the wire, so who relayed them can check it without reading them. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concat, concatAll, equal, keyText, PerigeeError, toHex, u8, utf8 } from '@perigee/wire';
import { nobleRecover, type RecoverAddress } from '../signature/index.ts';
import { canonicalJson, type Json } from './json.ts';

export const PROOF_SCHEME = {
  sealed: 'zg-sig-v1/e2ee-ct',
  sealedStream: 'zg-sig-v1/e2ee-ct-stream',
  plain: 'zg-sig-v1/plain',
} as const;
export type ProofScheme = (typeof PROOF_SCHEME)[keyof typeof PROOF_SCHEME];

interface Half {
  readonly aad: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** H(aad, ct) = SHA-256(SHA-256(aad) ‖ SHA-256(ct)), 32 bytes. */
export function sealedHash({ aad, ciphertext }: Half): Uint8Array {
  return sha256(concat(sha256(aad), sha256(ciphertext)));
}

/** Of a streamed response: SHA-256 over the hashes of its frames, the final one last. */
export function sealedStreamHash(frames: readonly Half[]): Uint8Array {
  return sha256(concatAll(frames.map(sealedHash)));
}

/** Of half an exchange in the clear: SHA-256 of its canonical JSON. */
export function plainHash(value: Json): Uint8Array {
  return sha256(utf8(canonicalJson(value)));
}

/** What is signed: `<scheme>:<reqH>:<respH>`, hashes in hexadecimal. */
export function proofText(scheme: ProofScheme, requestHash: Uint8Array, responseHash: Uint8Array): string {
  return `${scheme}:${toHex(requestHash)}:${toHex(responseHash)}`;
}

/** Signs as `personal_sign` does (EIP-191). @returns `r ‖ s ‖ v`, 65 bytes */
export function signProof(text: string, secretKey: Uint8Array): Uint8Array {
  const signature = secp256k1.sign(personalDigest(text), secretKey, { prehash: false, format: 'recovered' });
  return concat(signature.subarray(1), u8(27 + (signature[0] ?? 0)));
}

/**
 * Checks a proof against what was sent and received: the text is made anew from that, and the one that came with the proof is not looked at.
 *
 * @param signer account that evidence binds, 20 bytes: never one that the proof names itself
 * @throws RECEIPT (`content` when it is not of this exchange or not signed by that account)
 */
export async function verifyProof(
  scheme: ProofScheme,
  hashes: { readonly request: Uint8Array; readonly response: Uint8Array },
  signature: Uint8Array,
  signer: Uint8Array,
  recoverAddress: RecoverAddress = nobleRecover,
): Promise<void> {
  const v = signature[64];
  const digest = personalDigest(proofText(scheme, hashes.request, hashes.response));
  const [r, s] = [signature.slice(0, 32), signature.slice(32, 64)];
  const isForm = signature.length === 65 && (v === 27 || v === 28);
  const found = isForm ? await recoverAddress(digest, { r, s, parity: v - 27 }) : undefined;
  if (found !== undefined && equal(found, signer)) return;
  const words = `account ${keyText(signer)} did not sign for this request and this response`;
  throw new PerigeeError('RECEIPT', words, { data: { check: 'content' } });
}

function personalDigest(text: string): Uint8Array {
  const message = utf8(text);
  return keccak_256(concat(utf8(`\x19Ethereum Signed Message:\n${message.length}`), message));
}
