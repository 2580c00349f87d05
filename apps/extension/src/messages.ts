/** What the parts of the extension say to each other. */

import type { ChainChoice } from './chain-choice.ts';
import type { FailureObject } from './failure.ts';
import type { Access, Decision, SiteEntry } from './site-book.ts';
import type { SiteQuestion } from './sites/index.ts';
import type { Snapshot } from './snapshot.ts';

/** Fields by which a message is told from others; each names who takes it. */
export const FOR_NODE = 'perigee/node';
export const FOR_ROUTER = 'perigee/router';
export const FOR_BRIDGE = 'perigee/bridge';
/** Between a site's page and the bridge in it. */
export const FROM_PAGE = 'perigee/from-page';
export const TO_PAGE = 'perigee/to-page';

/** Names of the ports of the extension's own pages. */
export const VIEW_PORT = 'perigee/view';
export const PROMPT_PORT = 'perigee/prompt';
/** Of the port by which the bridge of a site's page hears whether the node follows its chain. */
export const SITE_PORT = 'perigee/site';

/** Whether the node follows its chain, as an allowed document is told: its id, or what keeps the node from it. */
export type Connection = { readonly chainId: string } | { readonly error: FailureObject };

/** Of a site's page: who it is stands in the browser's word for the sender, never in here. */
export interface SiteRequest {
  readonly to: typeof FOR_NODE;
  /** `{ method, params }` as JSON. */
  readonly request: string;
}

/** What a site's page gets. */
export type SiteReply = { readonly result: string } | { readonly error: FailureObject };

/** Of the extension's own pages. */
export interface CommandMessage {
  readonly to: typeof FOR_NODE;
  readonly command: Command;
}

export type Command =
  | { readonly kind: 'ping' }
  | { readonly kind: 'pause'; readonly paused: boolean }
  | { readonly kind: 'decide'; readonly origin: string; readonly decision: Decision; readonly access?: Access }
  | { readonly kind: 'forget'; readonly origin: string }
  | { readonly kind: 'check'; readonly text: string }
  | { readonly kind: 'follow'; readonly choice: ChainChoice | undefined };

/** What a command came to. */
export type CommandReply = { readonly done: unknown } | { readonly error: FailureObject };

/** What the popup shows, sent whenever it changes. */
export interface ViewMessage {
  readonly snapshot: Snapshot;
  readonly sites: readonly SiteEntry[];
}

/** Sites that wait for a person's word, the one that is asked about first. */
export interface PromptMessage {
  readonly waiting: readonly SiteQuestion[];
}

/** What the window of questions has shown. */
export interface PromptSeen {
  readonly seen: readonly SiteQuestion[];
}

export type RouterMessage =
  | { readonly to: typeof FOR_ROUTER; readonly wake: true }
  | { readonly to: typeof FOR_ROUTER; readonly prompt: true }
  | { readonly to: typeof FOR_ROUTER; readonly badge: Badge }
  | { readonly to: typeof FOR_ROUTER; readonly deliver: Delivery };

export interface Badge {
  readonly text: string;
  readonly color: string;
  readonly title: string;
}

/** Something that a document subscribed to. The browser gives it to that document only, whatever stands in the tab by now. */
export interface Delivery {
  readonly tabId: number;
  readonly documentId: string;
  /** Nothing, to learn whether the document is still there. */
  readonly event?: SiteEvent;
}

/** EIP-1193's `message` event. */
export interface SiteEvent {
  readonly type: 'eth_subscription';
  readonly data: { readonly subscription: string; readonly result: unknown };
}
