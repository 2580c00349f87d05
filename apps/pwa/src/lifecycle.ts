import { effect } from '@preact/signals';
import { IS_AT_WORK } from './install/messages.ts';
import type { Model } from './model/index.ts';
import type { NodeKeeper } from './node-keeper.ts';
import { isAtWork } from './tabs/at-work.ts';

export interface LifecycleParts {
  readonly model: Model;
  readonly keeper: NodeKeeper;
  /** The page is being left, or shut away by the browser. */
  readonly onLeave: () => void;
  /** The page is shown again after that, with all that it had. */
  readonly onReturn: () => void;
}

/** Follows what happens to the page: it loses and finds the network, is hidden and shown, left and come back to. */
export function watchPage({ model, keeper, onLeave, onReturn }: LifecycleParts): void {
  const setOffline = (): void => {
    model.offline.value = !navigator.onLine;
    if (navigator.onLine) keeper.redial();
  };
  model.offline.value = !navigator.onLine;
  addEventListener('online', setOffline);
  addEventListener('offline', setOffline);
  // timers of a hidden page hardly run, so what was lost meanwhile is looked at when it is shown
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') keeper.redial();
  });
  addEventListener('pagehide', onLeave);
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) onReturn();
  });
  // a newer release may be about to load this page anew; it asks no later than this page can begin to work
  navigator.serviceWorker?.addEventListener('message', ({ data, ports }) => {
    if (data === IS_AT_WORK) ports[0]?.postMessage(isAtWork(model));
  });
  // a file that misses its place is not to be opened in place of the page
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => event.preventDefault());
  // a listener that is always there would keep the page out of the back and forward cache
  const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
  effect(() => {
    if (model.tasks.value.some(({ status }) => status === 'running')) addEventListener('beforeunload', warn);
    else removeEventListener('beforeunload', warn);
  });
}
