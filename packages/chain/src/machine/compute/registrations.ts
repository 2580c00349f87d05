/** The registrations of the state, and the list of all. */
import { isSignerKey } from '@perigee/light-core/receipt';
import {
  REGISTRATION_LIST_KEY,
  registrationKey,
  registrationPlaceKey,
  retiredRegistrationKey,
} from '@perigee/light-core/registration';
import { STORE } from '@perigee/light-core/state';
import { ProviderRegistration, RegistrationList, RetiredRegistration, SignerKey } from '@perigee/wire';
import type { StateReader, StateView } from '../../state/index.ts';

/** What is no key that signs receipts is registered by nobody: anybody may name anything in a transaction. */
export function readRegistration(state: StateReader, signer: SignerKey): ProviderRegistration | undefined {
  if (!isSignerKey(signer)) return undefined;
  const raw = state.get(STORE.compute, registrationKey(signer));
  return raw && ProviderRegistration.decode(raw);
}

/** What a key stands for for good, whether its registration still holds or was ended. */
export function whatStandsFor(state: StateReader, signer: SignerKey): Omit<RetiredRegistration, 'height'> | undefined {
  const registration = readRegistration(state, signer);
  if (registration !== undefined || !isSignerKey(signer)) return registration;
  const raw = state.get(STORE.compute, retiredRegistrationKey(signer));
  return raw && RetiredRegistration.decode(raw);
}

/** Writes a registration; a new one comes last in the list. */
export function writeRegistration(view: StateView, registration: Omit<ProviderRegistration, 'place'>): void {
  const { signer } = registration;
  let place = readRegistration(view, signer)?.place;
  if (place === undefined) {
    place = countOf(view);
    view.write(STORE.compute, registrationPlaceKey(place), SignerKey, signer);
    view.write(STORE.compute, REGISTRATION_LIST_KEY, RegistrationList, { count: place + 1 });
    view.delete(STORE.compute, retiredRegistrationKey(signer));
  }
  view.write(STORE.compute, registrationKey(signer), ProviderRegistration, { ...registration, place });
}

/** Ends a registration, and keeps what its key stood for; the last of the list takes its place. */
export function endRegistration(view: StateView, registration: ProviderRegistration, height: number): void {
  const { signer, place, provider, encryptionKey, modelRoot } = registration;
  const last = countOf(view) - 1;
  const mover = view.read(STORE.compute, registrationPlaceKey(last), SignerKey);
  if (place !== last && mover !== undefined) {
    const moved = readRegistration(view, mover);
    if (moved !== undefined) view.write(STORE.compute, registrationKey(mover), ProviderRegistration, { ...moved, place });
    view.write(STORE.compute, registrationPlaceKey(place), SignerKey, mover);
  }
  view.delete(STORE.compute, registrationPlaceKey(last));
  view.delete(STORE.compute, registrationKey(signer));
  const retired = { provider, encryptionKey, modelRoot, height };
  view.write(STORE.compute, retiredRegistrationKey(signer), RetiredRegistration, retired);
  if (last === 0) view.delete(STORE.compute, REGISTRATION_LIST_KEY);
  else view.write(STORE.compute, REGISTRATION_LIST_KEY, RegistrationList, { count: last });
}

function countOf(view: StateView): number {
  return view.read(STORE.compute, REGISTRATION_LIST_KEY, RegistrationList)?.count ?? 0;
}
