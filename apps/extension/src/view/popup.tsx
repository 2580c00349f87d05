import { signal } from '@preact/signals';
import { render } from 'preact';
import { VIEW_PORT, type ViewMessage } from '../messages.ts';
import { SiteBook } from '../site-book.ts';
import { readSnapshot, type Snapshot } from '../snapshot.ts';
import { popup as words } from '../strings.ts';
import { Check } from './Check.tsx';
import { ask, listen } from './client.ts';
import { Blobs, Facts } from './Facts.tsx';
import { Lead } from './Lead.tsx';
import { Sites } from './Sites.tsx';

const TICK_MS = 1_000;

// what was kept is here before anything is asked: the first paint shows it, with its age
const snapshot = signal<Snapshot | undefined>(readSnapshot(() => localStorage));
const sites = signal(new SiteBook(() => localStorage, Date.now).list());
const nowMs = signal(Date.now());
/** Whether the snapshot came from the node since this popup was opened. */
const isLive = signal(false);

function Popup() {
  const shown = snapshot.value;
  return (
    <>
      <header>
        <h1>{words.title}</h1>
        {shown !== undefined && shown.chainId !== null && <span class="chip">{shown.chainId}</span>}
      </header>
      <main data-live={isLive.value}>
        <Lead snapshot={shown} isLive={isLive.value} nowMs={nowMs.value} />
        {shown?.development === true && <p class="notice">{words.development}</p>}
        {shown !== undefined && shown.chainId !== null && (
          <>
            <Check />
            <Facts snapshot={shown} />
            <Blobs blobs={shown.blobs} />
          </>
        )}
        <Sites sites={sites.value} />
      </main>
      <footer>
        {shown !== undefined && shown.chainId !== null && (
          <button type="button" class="control" onClick={() => void ask({ kind: 'pause', paused: !shown.paused })}>
            {shown.paused ? words.resume : words.pause}
          </button>
        )}
        <button type="button" class="control" onClick={() => void chrome.runtime.openOptionsPage()}>
          {words.options}
        </button>
      </footer>
    </>
  );
}

const app = document.getElementById('app');
if (app !== null) render(<Popup />, app);
requestAnimationFrame(() =>
  setTimeout(() => {
    performance.mark('perigee:popup');
    follow();
  }),
);

/** Begins when what was kept is drawn: to wake the service worker and to draw its first news would hold that up. */
function follow(): void {
  listen<ViewMessage>(VIEW_PORT, (message) => {
    snapshot.value = message.snapshot;
    sites.value = message.sites;
    isLive.value = true;
    nowMs.value = Date.now();
  });
}
setInterval(() => {
  nowMs.value = Date.now();
}, TICK_MS);
