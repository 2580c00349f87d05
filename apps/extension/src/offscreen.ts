/** The document that nobody sees: it runs the light node, keeps what was decided, and answers sites and the extension's own pages. */
import { cryptoRandomBytes, systemClock } from '@perigee/net';
import { SNAPSHOT_EVERY_MS } from '@perigee/wire';
import { badgeOf } from './badge.ts';
import { checkText } from './check.ts';
import { CODE, failureOf } from './failure.ts';
import {
  type Badge,
  type Command,
  type CommandReply,
  FOR_NODE,
  FOR_ROUTER,
  PROMPT_PORT,
  type PromptMessage,
  type PromptSeen,
  type RouterMessage,
  SITE_PORT,
  type SiteReply,
  VIEW_PORT,
  type ViewMessage,
} from './messages.ts';
import {
  attestorHere,
  connectionOf,
  createAttest,
  createVerifyReceipt,
  NodeRunner,
  readSettings,
  ShownState,
  writeSettings,
} from './node/index.ts';
import { Connections, Provider, Subscriptions } from './provider/index.ts';
import { isOwnSender } from './sender.ts';
import { originOf, SiteBook } from './site-book.ts';
import { nameOf, SiteDesk, SiteLimits } from './sites/index.ts';
import { keepSnapshot, type Snapshot, snapshotOf } from './snapshot.ts';

const storage = (): Storage => localStorage;
const now = (): number => systemClock.now();
/** Ends with the document. */
const { signal } = new AbortController();

const views = new Set<chrome.runtime.Port>();
/** Each window of questions, with the sites that it has shown. */
const prompts = new Map<chrome.runtime.Port, Set<string>>();
let settings = readSettings(storage);
let shownBadge = '';
let drawing: ReturnType<typeof setTimeout> | undefined;

async function route(message: RouterMessage): Promise<unknown> {
  const reply = (await chrome.runtime.sendMessage(message)) as { readonly done?: unknown; readonly error?: string } | undefined;
  if (reply?.done === undefined) throw new Error(reply?.error ?? 'the service worker does not answer');
  return reply.done;
}

const subscriptions = new Subscriptions({
  deliver: async (delivery) => (await route({ to: FOR_ROUTER, deliver: delivery })) === true,
  random: cryptoRandomBytes,
  now,
});
const shown = new ShownState(crypto.randomUUID());
const runner = new NodeRunner((state) => {
  if (state !== undefined) subscriptions.show(state);
  shown.show(state);
  connections.show(connectionOf(runner));
  drawSoon();
});
const book = new SiteBook(storage, now);
const connections = new Connections({ isAllowed: (origin) => book.decisionOf(origin) === 'allowed' });
const desk = new SiteDesk({
  book,
  open: async () => void (await route({ to: FOR_ROUTER, prompt: true })),
  onChange: () => {
    for (const port of prompts.keys()) showPrompt(port);
    drawSoon();
  },
  now,
});
const attestor = attestorHere(() => runner.current());
const provider = new Provider({
  desk,
  limits: new SiteLimits(systemClock),
  subscriptions,
  signal,
  now,
  node: (until) => runner.ready(until),
  attest: createAttest(() => runner.current(), attestor),
  verifyReceipt: createVerifyReceipt(() => runner.current(), attestor),
  shown: (after) => shown.since(after, connectionOf(runner)),
});

/** Draws once for a burst of changes; the popup's snapshot and the badge need no more. */
function drawSoon(): void {
  if (drawing !== undefined) return;
  drawing = setTimeout(() => {
    drawing = undefined;
    draw();
  }, SNAPSHOT_EVERY_MS);
}

function draw(): void {
  const snapshot = takeSnapshot();
  connections.show(connectionOf(runner));
  keepSnapshot(storage, snapshot);
  for (const port of views) showView(port, snapshot);
  void showBadge(badgeOf(snapshot));
}

function takeSnapshot(): Snapshot {
  const { chain, state, paused, problem } = runner;
  return snapshotOf({ chain, state, paused, problem: problem?.toObject(), nowMs: now() });
}

/** The service worker is woken only when the badge says something else. */
async function showBadge(badge: Badge): Promise<void> {
  const text = JSON.stringify(badge);
  if (text === shownBadge) return;
  shownBadge = text;
  await route({ to: FOR_ROUTER, badge }).catch(() => {
    shownBadge = ''; // the next change tries again
  });
}

function showView(port: chrome.runtime.Port, snapshot: Snapshot): void {
  port.postMessage({ snapshot, sites: book.list() } satisfies ViewMessage);
}

function showPrompt(port: chrome.runtime.Port): void {
  port.postMessage({ waiting: desk.waiting() } satisfies PromptMessage);
}

/** Another site's document wants to hear of the connection; without an origin of its own it is nobody, and nobody may. */
function watch(port: chrome.runtime.Port): void {
  const origin = originOf(port.sender?.origin);
  const end = origin && connections.add({ origin, tell: (connection) => port.postMessage(connection) });
  if (end) port.onDisconnect.addListener(end);
  else port.disconnect();
}

function keep(changed: typeof settings): void {
  writeSettings(storage, changed);
  settings = changed;
}

async function command(given: Command): Promise<unknown> {
  switch (given.kind) {
    case 'ping':
      return true;
    case 'pause':
      keep({ ...settings, paused: given.paused });
      await runner.pause(given.paused);
      break;
    case 'follow':
      keep({ paused: false, choice: given.choice });
      await runner.follow(given.choice, false);
      if (runner.problem !== undefined) throw runner.problem;
      break;
    case 'decide':
      desk.decide(given.origin, given.decision, given.access);
      if (book.decisionOf(given.origin) !== 'allowed') subscriptions.endAll(given.origin);
      break;
    case 'forget':
      book.forget(given.origin);
      subscriptions.endAll(given.origin);
      break;
    case 'check':
      return checkText(await runner.ready(signal), given.text, signal);
  }
  draw();
  return true;
}

chrome.runtime.onMessage.addListener((message, sender, reply) => {
  const given = message as { readonly to?: unknown; readonly request?: unknown; readonly command?: Command } | null;
  if (given?.to !== FOR_NODE || sender.id !== chrome.runtime.id) return undefined;
  if (given.command !== undefined) {
    if (!isOwnSender(sender)) return undefined;
    command(given.command).then(
      (done) => reply({ done: done ?? true } satisfies CommandReply),
      (thrown) => reply({ error: failureOf(thrown) } satisfies CommandReply),
    );
    return true;
  }
  const origin = originOf(sender.origin);
  const tabId = sender.tab?.id;
  const { documentId } = sender;
  // sandboxed pages, files and whatever has no origin of its own cannot be told apart, so nobody can allow them
  if (origin === undefined || tabId === undefined || documentId === undefined) {
    const message = 'this page has no origin of its own, so nobody can allow it';
    reply({ error: { code: CODE.unauthorized, message } } satisfies SiteReply);
    return undefined;
  }
  void provider.answer({ origin, tabId, documentId }, given.request).then(reply);
  return true;
});

chrome.runtime.onConnect.addListener((port) => {
  if (port.name === SITE_PORT && port.sender?.id === chrome.runtime.id) watch(port);
  if (port.sender === undefined || !isOwnSender(port.sender)) return;
  if (port.name === VIEW_PORT) {
    views.add(port);
    port.onDisconnect.addListener(() => views.delete(port));
    showView(port, takeSnapshot());
  } else if (port.name === PROMPT_PORT) {
    const seen = new Set<string>();
    prompts.set(port, seen);
    desk.opened();
    port.onMessage.addListener((message) => {
      for (const question of (message as PromptSeen).seen) seen.add(nameOf(question));
    });
    port.onDisconnect.addListener(() => {
      prompts.delete(port);
      desk.close(seen);
    });
    showPrompt(port);
  }
});

void runner.follow(settings.choice, settings.paused);
