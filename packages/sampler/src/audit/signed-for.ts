import { registrationKey, registrationOf, retiredRegistrationKey } from '@perigee/light-core/registration';
import type { VerifiedState } from '@perigee/light-core/roles';
import { STORE } from '@perigee/light-core/state';
import { RetiredRegistration, type SignerKey } from '@perigee/wire';

/** Whose a key is, or was, and for which model it signs: that never changes. */
export interface SignedFor {
  readonly provider: Uint8Array;
  readonly modelRoot: Uint8Array;
}

/**
 * @returns `undefined` when it was proved that nobody has registered the key
 * @throws UNPROVEN, PROOF, ABORTED
 */
export async function signedFor(signer: SignerKey, state: VerifiedState, signal: AbortSignal): Promise<SignedFor | undefined> {
  const raw = await state.get(STORE.compute, registrationKey(signer), { signal });
  if (raw !== undefined) return registrationOf(raw, signer);
  const retired = await state.get(STORE.compute, retiredRegistrationKey(signer), { signal });
  return retired && RetiredRegistration.decodeCanonical(retired);
}
