import type { LightNodeState } from '@perigee/sampler';
import type { ErrorObject } from '@perigee/wire';
import { type Signal, signal } from '@preact/signals';
import type { ViewName } from '../navigation/views.ts';
import type { Circumstance } from '../settings/thrift.ts';
import type { Actions } from './actions.ts';
import { type AttestationView, NO_ATTESTATION } from './attestation.ts';
import type { Opening, Task } from './blobs.ts';
import type { ComputeView } from './compute.ts';
import type { ExtensionView } from './extension.ts';
import { type SettingsView, UNREAD_SETTINGS } from './settings.ts';
import { NO_STORAGE, type StorageRoomView } from './storage.ts';
import { NO_STREAM, type StreamsView } from './streams.ts';
import type { EarlierChain, TrustRequest } from './trust.ts';
import { type AccountView, NO_WALLET, type WalletView } from './wallet.ts';

/** All that the view reads. */
export interface Model {
  /** What of the page is shown. */
  readonly view: Signal<ViewName>;
  /** Where a view is scrolled to when it is shown next, pixels. */
  readonly scrollTo: Signal<number>;
  /** Latest snapshot of the light node; `undefined` until it is loaded. */
  readonly state: Signal<LightNodeState | undefined>;
  /** What kept the light node from starting, before it could say so itself. */
  readonly failure: Signal<ErrorObject | undefined>;
  readonly paused: Signal<boolean>;
  /** Why the node rests by itself, by what a person decided; what is asked for by hand wakes it. */
  readonly resting: Signal<Circumstance | undefined>;
  readonly settings: Signal<SettingsView>;
  /** The light node runs in this tab; else it shows what another tab's node says. */
  readonly isLeading: Signal<boolean>;
  /** `undefined` where it is not in this browser, or nobody has looked yet. */
  readonly extension: Signal<ExtensionView | undefined>;
  /** Whether the browser says that it has no network; it is wrong at times. */
  readonly offline: Signal<boolean>;
  /** Local clock, milliseconds since 1970, once a second. */
  readonly now: Signal<number>;
  /** When the light node was started last, milliseconds since 1970. */
  readonly startedAt: Signal<number>;
  /** Blob that the person chose, by id; `undefined` follows the newest. */
  readonly chosen: Signal<string | undefined>;
  /** What a link or a text opened last; `undefined` when a listed blob was chosen since. */
  readonly opening: Signal<Opening | undefined>;
  /** What was asked for by hand, newest first. */
  readonly tasks: Signal<readonly Task[]>;
  /** A link asks to believe another chain. Nothing of it is believed, dialled or kept before the person has agreed. */
  readonly trustRequest: Signal<TrustRequest | undefined>;
  /** What is believed in place of the page's own chain, since the person agreed to it. */
  readonly trusted: Signal<TrustRequest | undefined>;
  /** What was wrong with the last text or link that was to be opened, or evidence to be saved; the next request takes it back. */
  readonly refusal: Signal<ErrorObject | undefined>;
  /** The account that publishes from this page; `undefined` until it is first needed. */
  readonly account: Signal<AccountView | undefined>;
  readonly wallet: Signal<WalletView>;
  readonly attestation: Signal<AttestationView>;
  readonly storage: Signal<StorageRoomView>;
  readonly streams: Signal<StreamsView>;
  /** `undefined` until somebody has looked. */
  readonly compute: Signal<ComputeView | undefined>;
  /** A newer build of this page: `ready` to take over, `asked` to, or `taken` over for another tab or while this one was at work. `changed`: this page is it, and nobody was asked. */
  readonly update: Signal<'ready' | 'asked' | 'taken' | 'changed' | undefined>;
  /** The page lies on this device, and starts without its server. */
  readonly isKept: Signal<boolean>;
  /** Text of the chain file that this visit follows; `undefined` until it is fetched, or where a link named the chain. */
  readonly chainFile: Signal<string | undefined>;
  /** This address served another chain before, of which something is kept here. */
  readonly earlierChain: Signal<EarlierChain | undefined>;
  /** A file that another program handed over to be published, if the person wants it. */
  readonly handed: Signal<File | undefined>;
  readonly hasWebrtc: boolean;
  /** When the lower part of the page is fetched at the latest, milliseconds after the first paint. */
  readonly belowAfterMs: number;
}

export interface ViewProps {
  readonly model: Model;
  readonly actions: Actions;
}

export interface ModelOptions {
  readonly hasWebrtc: boolean;
  readonly nowMs: number;
  readonly belowAfterMs?: number;
}

export function createModel({ hasWebrtc, nowMs, belowAfterMs = 1_500 }: ModelOptions): Model {
  return {
    view: signal('live'),
    scrollTo: signal(0),
    state: signal(undefined),
    failure: signal(undefined),
    paused: signal(false),
    resting: signal(undefined),
    settings: signal(UNREAD_SETTINGS),
    isLeading: signal(false),
    extension: signal(undefined),
    offline: signal(false),
    now: signal(nowMs),
    startedAt: signal(nowMs),
    chosen: signal(undefined),
    opening: signal(undefined),
    tasks: signal([]),
    trustRequest: signal(undefined),
    trusted: signal(undefined),
    refusal: signal(undefined),
    account: signal(undefined),
    wallet: signal(NO_WALLET),
    attestation: signal(NO_ATTESTATION),
    storage: signal(NO_STORAGE),
    streams: signal(NO_STREAM),
    compute: signal(undefined),
    update: signal(undefined),
    isKept: signal(false),
    chainFile: signal(undefined),
    earlierChain: signal(undefined),
    handed: signal(undefined),
    hasWebrtc,
    belowAfterMs,
  };
}
