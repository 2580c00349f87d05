import { verifyChain } from '../chain.ts';
import { type AttestCode, refuse, unchecked } from '../code.ts';
import { type Crl, checkNotRevoked } from '../crl.ts';
import type { AttestCrypto } from '../crypto.ts';
import { hexIn } from '../json-read.ts';
import { readJsonMembers } from '../json-slice.ts';
import { commonNameOf } from '../name.ts';
import { readPem } from '../pem.ts';

/** An answer of Intel's service with the chain of its signer. */
export interface SignedJson {
  readonly body: Uint8Array | undefined;
  readonly chain: Uint8Array | undefined;
}

export interface SignerOptions {
  readonly primitives: AttestCrypto;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly roots: readonly Uint8Array[];
  /** Verified; `undefined` where it was not. */
  readonly rootCrl: Crl | undefined;
  /** For sentences. */
  readonly what: string;
}

const SIGNER = 'Intel SGX TCB Signing';
const MEMBERS = 2;

/**
 * Verifies the signature over the exact bytes of a member, and its signer: a certificate of that name right below the root, not revoked.
 *
 * @returns the member's value, authentic
 * @throws ATTESTATION (JSON, SIGNATURE, REVOKED, CHAIN_NAME and what `verifyChain` throws); `notChecked` (COLLATERAL_MISSING, DEPENDS)
 */
export async function verifySignedJson(
  { body, chain }: SignedJson,
  member: string,
  { primitives, time, roots, rootCrl, what }: SignerOptions,
): Promise<unknown> {
  if (body === undefined) throw missing(what);
  if (chain === undefined) throw missing(`the chain of the signer of ${what}`);
  const members = readJsonMembers(body);
  const inner = members.get(member);
  if (inner === undefined || members.size !== MEMBERS)
    throw refuse('JSON', `${what} does not have a member ${member} and a signature`);
  const signature = hexIn(members.get('signature')?.value, 64, 'signature');
  const [signer] = await verifyChain(readPem(chain), { crypto: primitives, time, roots, what: 'TCB signer', length: 2 });
  if (commonNameOf(signer.subject) !== SIGNER)
    throw refuse('CHAIN_NAME', `${what} is signed by a certificate that is not named ${SIGNER}`);
  if (signer.key.type !== 'P-256') throw refuse('KEY', `${what} is signed with a key of ${signer.key.type}`);
  if (!(await primitives.verifyEcdsa(signer.key, inner.bytes, signature)))
    throw refuse('SIGNATURE', `the signature of ${what} is wrong`);
  if (rootCrl === undefined)
    throw unchecked('DEPENDS', `whether the signer of ${what} is revoked is unknown without the root revocation list`);
  checkNotRevoked(rootCrl, signer, `the signer of ${what}`);
  return inner.value;
}

function missing(what: string) {
  const code: AttestCode = 'COLLATERAL_MISSING';
  return unchecked(code, `${what} is missing`);
}
