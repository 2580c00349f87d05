/** Who answers, as the chain proves it. */
import {
  computeProviderKey,
  isCurrent,
  REGISTRATION_LIST_KEY,
  registrationKey,
  registrationOf,
  registrationPlaceKey,
  reportSumsKey,
  reportSumsOf,
} from '@perigee/light-core/registration';
import type { RandomBytes, VerifiedState } from '@perigee/light-core/roles';
import { STORE } from '@perigee/light-core/state';
import {
  ComputeProvider,
  equal,
  MAX_LISTED_REGISTRATIONS,
  PerigeeError,
  type ProviderRegistration,
  RegistrationList,
  type ReportSums,
  SignerKey,
} from '@perigee/wire';

/** A registration that the state proved, and what its provider has at stake. */
export interface RegisteredProvider {
  readonly registration: ProviderRegistration;
  /** Smallest units. */
  readonly stake: bigint;
  /** What auditors have said of its key: claims of accounts that left a deposit, which anybody may check, and nobody has judged. */
  readonly reports: ReportSums;
}

export interface ListProvidersOptions {
  readonly state: VerifiedState;
  readonly random: RandomBytes;
  readonly signal: AbortSignal;
}

/**
 * Providers whose registration holds at the time of the head, the highest stake first. Of a list that is longer than MAX_LISTED_REGISTRATIONS a part is
 * read that begins anywhere, so that nobody who came first has all clients.
 *
 * @throws BUSY before a head is verified; UNPROVEN, PROOF, ABORTED
 */
export async function listProviders({ state, random, signal }: ListProvidersOptions): Promise<RegisteredProvider[]> {
  const head = state.head();
  if (head === undefined) throw new PerigeeError('BUSY', 'no header is verified yet; try again in a moment');
  const raw = await state.get(STORE.compute, REGISTRATION_LIST_KEY, { signal });
  const count = raw === undefined ? 0 : RegistrationList.decodeCanonical(raw).count;
  const first = count > MAX_LISTED_REGISTRATIONS ? new DataView(random(4).buffer).getUint32(0) % count : 0;
  const places = Array.from({ length: Math.min(count, MAX_LISTED_REGISTRATIONS) }, (_, i) => (first + i) % count);
  const found = await Promise.all(
    places.map(async (place) => {
      const key = await state.get(STORE.compute, registrationPlaceKey(place), { signal });
      // the list may have become shorter between two heads
      return key && findProvider(SignerKey.decodeCanonical(key), { state, signal });
    }),
  );
  return found
    .filter((one) => one !== undefined)
    .filter(({ registration }) => isCurrent(registration, head.timeMs))
    .sort((a, b) => (a.stake === b.stake ? 0 : a.stake > b.stake ? -1 : 1));
}

/**
 * The registration of a key that signs receipts.
 *
 * @returns `undefined` when it was proved that there is none
 * @throws UNPROVEN, PROOF, ABORTED
 */
export async function findProvider(
  signer: SignerKey,
  { state, signal }: Pick<ListProvidersOptions, 'state' | 'signal'>,
): Promise<RegisteredProvider | undefined> {
  const raw = await state.get(STORE.compute, registrationKey(signer), { signal });
  if (raw === undefined) return undefined;
  const registration = registrationOf(raw, signer);
  const [held, said] = await Promise.all([
    state.get(STORE.compute, computeProviderKey(registration.provider), { signal }),
    state.get(STORE.compute, reportSumsKey(signer), { signal }),
  ]);
  const { stake = 0n, signers = [] } = held === undefined ? {} : ComputeProvider.decodeCanonical(held);
  if (!signers.some((own) => own.scheme === signer.scheme && equal(own.key, signer.key))) return undefined;
  return { registration, stake, reports: reportSumsOf(said) };
}
