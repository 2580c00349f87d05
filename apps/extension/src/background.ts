/** The service worker. It keeps nothing: the browser stops it after half a minute, and starts it for the next message. */
import { type Badge, type Delivery, FOR_BRIDGE, FOR_NODE, FOR_ROUTER } from './messages.ts';
import { isOwnSender } from './sender.ts';

const OFFSCREEN_PAGE = 'offscreen.html';
/** The document is listed before its script listens; it is asked so often, and so many times, until it does. */
const LOOK_AGAIN_MS = 20;
const LOOKS = 250;
const PROMPT_SIZE = { width: 400, height: 480 };

/** While the document is being made: there can be one only, and making a second is an error. */
let making: Promise<void> | undefined;

function ensureNode(): Promise<void> {
  making ??= makeNode().finally(() => {
    making = undefined;
  });
  return making;
}

async function makeNode(): Promise<void> {
  const contexts = await chrome.runtime.getContexts({ contextTypes: ['OFFSCREEN_DOCUMENT'] });
  if (contexts.length === 0) {
    await chrome.offscreen.createDocument({
      url: OFFSCREEN_PAGE,
      reasons: ['WORKERS', 'WEB_RTC'],
      justification: 'Runs the light node: connections over WebRTC, and workers that verify what comes.',
    });
  }
  for (let look = 0; look < LOOKS; look++) {
    if (await isNodeThere()) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  throw new Error('the document with the light node did not start');
}

async function isNodeThere(): Promise<boolean> {
  try {
    return (await chrome.runtime.sendMessage({ to: FOR_NODE, command: { kind: 'ping' } })) !== undefined;
  } catch {
    return false; // nobody listens yet
  }
}

async function showBadge({ text, color, title }: Badge): Promise<void> {
  await Promise.all([
    chrome.action.setBadgeText({ text }),
    chrome.action.setBadgeBackgroundColor({ color }),
    chrome.action.setTitle({ title }),
  ]);
}

/** @returns whether the document is still there */
async function deliver({ tabId, documentId, event }: Delivery): Promise<boolean> {
  try {
    return (await chrome.tabs.sendMessage(tabId, { to: FOR_BRIDGE, event }, { documentId })) === true;
  } catch {
    return false;
  }
}

async function route(message: Readonly<Record<string, unknown>>, isOwn: boolean): Promise<unknown> {
  if (message.wake === true) return ensureNode();
  if (!isOwn) throw new Error('only the extension itself may ask this');
  if (message.prompt === true) return chrome.windows.create({ url: 'prompt.html', type: 'popup', focused: true, ...PROMPT_SIZE });
  if (message.badge !== undefined) return showBadge(message.badge as Badge);
  if (message.deliver !== undefined) return deliver(message.deliver as Delivery);
  throw new Error('there is no such message');
}

const startQuietly = (): void => void ensureNode().catch((thrown) => console.error(thrown));

chrome.runtime.onInstalled.addListener(startQuietly);
chrome.runtime.onStartup.addListener(startQuietly);
chrome.runtime.onMessage.addListener((message, sender, reply) => {
  const given = message as Readonly<Record<string, unknown>> | null;
  if (given?.to !== FOR_ROUTER || sender.id !== chrome.runtime.id) return undefined;
  route(given, isOwnSender(sender)).then(
    (done) => reply({ done: done ?? true }),
    (thrown) => reply({ error: String(thrown) }),
  );
  return true;
});
