/** A lazy chunk: what other programs hand to the installed page. */
import { PerigeeError } from '@perigee/wire';
import type { Actions, Model } from '../model/index.ts';
import { takeUp } from './handed.ts';

/** What of the launch queue is used; the page's types do not describe it. */
interface LaunchQueue {
  setConsumer(take: (launch: { readonly files?: readonly FileSystemFileHandle[] }) => void): void;
}

const SCHEME = /^web\+perigee:(\/\/)?/i;

/** Takes what this start brings: a link, a file to publish, a file of evidence. */
export async function takeArrivals(model: Model, actions: Pick<Actions, 'go' | 'open' | 'attest'>): Promise<void> {
  const { launchQueue } = globalThis as { launchQueue?: LaunchQueue };
  launchQueue?.setConsumer(({ files = [] }) => void files[0]?.getFile().then((evidence) => attest(actions, evidence)));
  const query = new URLSearchParams(location.search);
  const text = query.get('open');
  const isHanded = query.has('handed');
  if (text === null && !isHanded) return;
  history.replaceState(null, '', `${location.pathname}${location.hash}`); // a reload must not do it again
  if (text !== null) actions.open(text.trim().replace(SCHEME, ''));
  if (!isHanded) return;
  const file = await takeUp();
  if (file !== undefined) {
    model.handed.value = file;
    actions.go('blobs');
  } else {
    model.refusal.value = new PerigeeError(
      'INVALID_ARGUMENT',
      'what was shared with this page is no file that it can take',
    ).toObject();
  }
}

function attest(actions: Pick<Actions, 'go' | 'attest'>, evidence: File): void {
  actions.go('evidence');
  actions.attest({ evidence, collateral: undefined, timeMs: undefined });
}
