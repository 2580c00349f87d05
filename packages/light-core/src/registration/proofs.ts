/** Who is a provider, as the state proves it under the app hash of a verified header: the one after the height of the proof. */
import { equal, PerigeeError, ProviderRegistration, RegistrationList, SignerKey, type StateProof } from '@perigee/wire';
import { isSignerKey } from '../receipt/index.ts';
import { STORE, verifyStateProof } from '../state/index.ts';
import { REGISTRATION_LIST_KEY, registrationKey, registrationPlaceKey } from './keys.ts';
import { reportDataOf } from './report-data.ts';

interface Expected {
  /** Of verified header `height + 1` of the proof. */
  readonly appHash: Uint8Array;
}

/**
 * That a signer belongs to a provider, with which model and until when.
 *
 * @returns the registration, or `undefined` when its absence was proved
 * @throws PROOF, PROOF_ROOT
 */
export function verifyRegistration(
  proof: StateProof,
  { appHash, signer }: Expected & { readonly signer: SignerKey },
): ProviderRegistration | undefined {
  const raw = verifyStateProof(proof, { appHash, store: STORE.compute, key: registrationKey(signer) });
  return raw && registrationOf(raw, signer);
}

/** @throws PROOF when the state holds something else under the key: a chain of other rules */
export function registrationOf(raw: Uint8Array, signer: SignerKey): ProviderRegistration {
  const registration = ProviderRegistration.decodeCanonical(raw);
  const { scheme, key } = registration.signer;
  if (scheme !== signer.scheme || !equal(key, signer.key) || !isSignerKey(signer)) {
    throw new PerigeeError('PROOF', 'the registration that was proved is of another key');
  }
  return registration;
}

/**
 * How many registrations there are.
 *
 * @throws PROOF, PROOF_ROOT
 */
export function verifyRegistrationCount(proof: StateProof, { appHash }: Expected): number {
  const raw = verifyStateProof(proof, { appHash, store: STORE.compute, key: REGISTRATION_LIST_KEY });
  return raw === undefined ? 0 : RegistrationList.decodeCanonical(raw).count;
}

/**
 * The key at a place of the list of all.
 *
 * @returns `undefined` when it was proved that the list is shorter
 * @throws PROOF, PROOF_ROOT
 */
export function verifyRegistrationPlace(
  proof: StateProof,
  { appHash, place }: Expected & { readonly place: number },
): SignerKey | undefined {
  const raw = verifyStateProof(proof, { appHash, store: STORE.compute, key: registrationPlaceKey(place) });
  return raw && SignerKey.decodeCanonical(raw);
}

/** Whether a registration is good at a time. @param timeMs of a verified header, milliseconds since 1970 */
export function isCurrent({ expiryTime }: Pick<ProviderRegistration, 'expiryTime'>, timeMs: number): boolean {
  return Math.floor(timeMs / 1_000) <= expiryTime;
}

/** The report data that the evidence of a registration must have. */
export function reportDataOfRegistration(registration: ProviderRegistration, genesisHash: Uint8Array): Uint8Array {
  return reportDataOf({ ...registration, genesisHash });
}
