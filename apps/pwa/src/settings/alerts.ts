/** A lazy chunk: tells a person who wants it what must not be missed, also while the page is not seen. */
import type { BlobView, NodeEvent } from '@perigee/sampler';
import { effect } from '@preact/signals';
import { shortHex } from '../format.ts';
import type { Model } from '../model/index.ts';
import { alerts as words } from '../strings/alerts/index.ts';

/** What was told is remembered up to this many. */
const MAX_TOLD = 256;

export interface Alert {
  /** The same thing has the same one, in every tab. */
  readonly tag: string;
  readonly title: string;
  readonly body: string;
}

/** What of a snapshot has to be told: data that is withheld, and headers that contradict each other. */
export function alertsOf(blobs: readonly BlobView[], events: readonly NodeEvent[]): readonly Alert[] {
  return [
    ...blobs
      .filter(({ outcome, earlier }) => !earlier && (outcome === 'unavailable' || outcome === 'badEncoding'))
      .map(({ blobId, outcome }) => ({
        tag: `perigee/${outcome}/${blobId}`,
        ...(outcome === 'unavailable' ? words.withheld(shortHex(blobId)) : words.badEncoding(shortHex(blobId))),
      })),
    ...events
      .filter(({ kind }) => kind === 'conflict')
      .map(({ about }) => ({ tag: `perigee/conflict/${about}`, ...words.conflict(shortHex(about)) })),
  ];
}

let isWatching = false;

/** Shows each alert once, in the tab whose node found it, while it is wanted and allowed. */
export function watchAlerts(model: Model): void {
  if (isWatching || typeof Notification === 'undefined') return;
  isWatching = true;
  const told = new Set<string>();
  effect(() => {
    const state = model.state.value;
    if (state === undefined || !model.isLeading.value || !model.settings.value.chosen.notify) return;
    for (const alert of alertsOf(state.blobs, state.events)) {
      if (told.has(alert.tag)) continue;
      told.add(alert.tag);
      const [oldest] = told;
      if (told.size > MAX_TOLD && oldest !== undefined) told.delete(oldest);
      if (Notification.permission === 'granted') void show(alert);
    }
  });
}

async function show({ tag, title, body }: Alert): Promise<void> {
  const options = { body, tag, icon: './icon.svg' };
  // on a phone only the service worker may
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  if (registration?.active) await registration.showNotification(title, options).catch(() => {});
  else new Notification(title, options);
}
