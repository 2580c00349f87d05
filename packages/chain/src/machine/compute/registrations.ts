/** The registrations of the state, and the list of all. */
import { isSignerKey } from '@perigee/light-core/receipt';
import { REGISTRATION_LIST_KEY, registrationKey, registrationPlaceKey } from '@perigee/light-core/registration';
import { STORE } from '@perigee/light-core/state';
import { ProviderRegistration, RegistrationList, SignerKey } from '@perigee/wire';
import type { StateReader, StateView } from '../../state/index.ts';

/** What is no key that signs receipts is registered by nobody: anybody may name anything in a transaction. */
export function readRegistration(state: StateReader, signer: SignerKey): ProviderRegistration | undefined {
  if (!isSignerKey(signer)) return undefined;
  const raw = state.get(STORE.compute, registrationKey(signer));
  return raw && ProviderRegistration.decode(raw);
}

/** Writes a registration; a new one comes last in the list. */
export function writeRegistration(view: StateView, registration: Omit<ProviderRegistration, 'place'>): void {
  const { signer } = registration;
  let place = readRegistration(view, signer)?.place;
  if (place === undefined) {
    place = countOf(view);
    view.write(STORE.compute, registrationPlaceKey(place), SignerKey, signer);
    view.write(STORE.compute, REGISTRATION_LIST_KEY, RegistrationList, { count: place + 1 });
  }
  view.write(STORE.compute, registrationKey(signer), ProviderRegistration, { ...registration, place });
}

/** Forgets a registration; the last of the list takes its place. */
export function deleteRegistration(view: StateView, { signer, place }: ProviderRegistration): void {
  const last = countOf(view) - 1;
  const mover = view.read(STORE.compute, registrationPlaceKey(last), SignerKey);
  if (place !== last && mover !== undefined) {
    const moved = readRegistration(view, mover);
    if (moved !== undefined) view.write(STORE.compute, registrationKey(mover), ProviderRegistration, { ...moved, place });
    view.write(STORE.compute, registrationPlaceKey(place), SignerKey, mover);
  }
  view.delete(STORE.compute, registrationPlaceKey(last));
  view.delete(STORE.compute, registrationKey(signer));
  if (last === 0) view.delete(STORE.compute, REGISTRATION_LIST_KEY);
  else view.write(STORE.compute, REGISTRATION_LIST_KEY, RegistrationList, { count: last });
}

function countOf(view: StateView): number {
  return view.read(STORE.compute, REGISTRATION_LIST_KEY, RegistrationList)?.count ?? 0;
}
