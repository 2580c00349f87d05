/**
 * Runs beside the page of a site, apart from its scripts, and hands on: requests to the node, answers and events to the page. It adds nothing; who asks
 * is what the browser says of this document.
 */
import { MAX_DOCUMENT_REQUESTS, MAX_SITE_REQUEST_CHARACTERS } from '@perigee/wire';
import { FOR_BRIDGE, FOR_NODE, FOR_ROUTER, FROM_PAGE, type SiteReply, type SiteRequest, TO_PAGE } from '../messages.ts';
import { Watch } from './watch.ts';

const LIMITED = -32005;
const DISCONNECTED = 4900;
const INVALID = -32602;
/** Who was just woken may need a moment more. */
const ATTEMPTS = 3;

let waiting = 0;
const watch = new Watch((connection) => window.postMessage({ to: TO_PAGE, connection }, '/'));

function failure(code: number, message: string): SiteReply {
  return { error: { code, message } };
}

/** A message that nobody took says that the node is not there; then the service worker is asked to make it. */
async function ask(request: string): Promise<SiteReply> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (chrome.runtime?.id === undefined) return failure(DISCONNECTED, 'the extension was updated or removed: reload this page');
    try {
      const reply = await chrome.runtime.sendMessage({ to: FOR_NODE, request } satisfies SiteRequest);
      if (reply !== undefined && reply !== null) return reply as SiteReply;
    } catch {
      // nobody listens, or who listened is gone
    }
    await chrome.runtime.sendMessage({ to: FOR_ROUTER, wake: true }).catch(() => {});
  }
  return failure(DISCONNECTED, 'the light node of the extension does not start; look at its popup');
}

function answer(id: number, reply: SiteReply): void {
  window.postMessage({ to: TO_PAGE, id, reply }, '/');
}

window.addEventListener('message', ({ source, data }) => {
  if (source !== window || typeof data !== 'object' || data === null || data.to !== FROM_PAGE) return;
  if (data.watch === true) watch.begin();
  const { id, request } = data as { readonly id: unknown; readonly request: unknown };
  if (typeof id !== 'number' || typeof request !== 'string') return;
  if (request.length > MAX_SITE_REQUEST_CHARACTERS) {
    answer(
      id,
      failure(INVALID, `a request has at most ${MAX_SITE_REQUEST_CHARACTERS} characters, and this has ${request.length}`),
    );
  } else if (waiting >= MAX_DOCUMENT_REQUESTS) {
    answer(id, failure(LIMITED, `${waiting} requests of this page wait for their answers; wait for one of them`));
  } else {
    waiting++;
    void ask(request).then((reply) => {
      waiting--;
      answer(id, reply);
    });
  }
});

chrome.runtime.onMessage.addListener((message, sender, reply) => {
  const given = message as { readonly to?: unknown; readonly event?: unknown } | null;
  if (given?.to !== FOR_BRIDGE || sender.id !== chrome.runtime.id) return undefined;
  window.postMessage({ to: TO_PAGE, event: given.event }, '/');
  reply(true);
  return undefined;
});
