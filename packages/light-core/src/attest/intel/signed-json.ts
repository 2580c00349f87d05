import { depends, refuse, unchecked } from '../code.ts';
import type { Context } from '../context.ts';
import { type Crl, checkNotRevoked } from '../crl.ts';
import { hexIn } from '../json-read.ts';
import { readJsonMembers } from '../json-slice.ts';
import { commonNameOf } from '../name.ts';
import { verifyIntelChain } from './chain.ts';

const SIGNER = 'Intel SGX TCB Signing';
const MEMBERS = 2;
const CHAIN_LENGTH = 2;

/**
 * Verifies the signature over the exact bytes of a member of an answer of Intel's service, and its signer: a certificate of that name right below the
 * root, not revoked.
 *
 * @param chain PEM, of the signer
 * @param rootCrl verified; `undefined` where it was not
 * @returns the member's value, authentic
 * @throws ATTESTATION (JSON, SIGNATURE, REVOKED, CHAIN_NAME and what `verifyChain` throws); `notChecked` (COLLATERAL_MISSING, DEPENDS)
 */
export async function verifySignedJson(
  body: Uint8Array | undefined,
  chain: Uint8Array | undefined,
  member: string,
  rootCrl: Crl | undefined,
  context: Context<unknown>,
): Promise<unknown> {
  if (body === undefined || chain === undefined)
    throw unchecked('COLLATERAL_MISSING', 'it is missing, or the chain of its signer');
  const members = readJsonMembers(body);
  const inner = members.get(member);
  if (inner === undefined || members.size !== MEMBERS) throw refuse('JSON', `it is not "${member}" and a signature`);
  const signature = hexIn({ signature: members.get('signature')?.value }, 'signature', 64);
  const [{ key, ...signer }] = await verifyIntelChain(chain, CHAIN_LENGTH, context);
  if (commonNameOf(signer.subject) !== SIGNER) throw refuse('CHAIN_NAME', `its signer is not named "${SIGNER}"`);
  if (key.type !== 'P-256') throw refuse('KEY', `its signer has a key of ${key.type}`);
  if (!(await context.crypto.verifyEcdsa(key, inner.bytes, signature))) throw refuse('SIGNATURE', 'its signature is wrong');
  if (rootCrl === undefined) throw depends('rootCrl');
  checkNotRevoked(rootCrl, signer);
  return inner.value;
}
