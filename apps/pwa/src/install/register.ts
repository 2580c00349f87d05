/** A lazy chunk: keeps this page on the device, so that it starts without its server, and tells when a newer build waits. */
import { effect } from '@preact/signals';
import type { Model } from '../model/index.ts';
import { wasChanged } from './former.ts';
import { KeptChains } from './kept-chains.ts';
import { SKIP_WAITING } from './messages.ts';

/** A page that stays open asks for a newer build this often, milliseconds. */
const LOOK_EVERY_MS = 60 * 60_000;

/** Takes the newer build over; the page loads anew when it has. */
let takeOver: (() => void) | undefined;

/** Without service workers, or where the browser does not give this address one, only the names of chains are kept. */
export async function keepPage(model: Model): Promise<void> {
  rememberChain(model);
  if (!('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  let wasControlled = serviceWorker.controller !== null;
  const registration = await serviceWorker.register('./sw.js', { updateViaCache: 'none' });
  const offer = (waiting: ServiceWorker | null): void => {
    if (waiting === null || serviceWorker.controller === null) return; // the first one takes nobody's place
    takeOver = () => waiting.postMessage(SKIP_WAITING);
    model.update.value = 'ready';
  };
  offer(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const { installing } = registration;
    installing?.addEventListener('statechange', () => {
      if (installing.state === 'installed') offer(registration.waiting);
    });
  });
  // the files of this build are gone then: also when another tab agreed
  serviceWorker.addEventListener('controllerchange', () => {
    if (!wasControlled) wasControlled = true;
    else if (model.update.value === 'asked') location.reload();
    else model.update.value = 'taken';
  });
  if (await wasChanged()) model.update.value = 'changed';
  await serviceWorker.ready;
  model.isKept.value = true;
  setInterval(() => registration.update().catch(() => {}), LOOK_EVERY_MS); // without a network it is looked for the next time
}

/** Says so while something is kept of a chain that this address served before. */
function rememberChain(model: Model): void {
  const chains = new KeptChains(() => localStorage);
  effect(() => {
    const trustRoot = model.chainFile.value;
    if (trustRoot === undefined) return;
    chains.add(trustRoot);
    const earlier = chains.earlier();
    model.earlierChain.value = earlier === undefined ? undefined : { chainId: earlier.chainId, isOpen: false };
  });
}

/** Changes to the newer build. */
export function takeUpdate(model: Model): void {
  if (model.update.value === 'taken' || takeOver === undefined) {
    location.reload();
  } else {
    model.update.value = 'asked';
    takeOver();
  }
}
