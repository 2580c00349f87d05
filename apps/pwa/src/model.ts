import type { LightNodeState, RetrieveProgress } from '@perigee/sampler';
import type { AttestFinding } from '@perigee/sampler/attest';
import { DEFAULT_RETENTION_BLOCKS, type ErrorObject } from '@perigee/wire';
import { type Signal, signal } from '@preact/signals';

/** All that the view reads. */
export interface Model {
  /** Latest snapshot of the light node; `undefined` until it is loaded. */
  readonly state: Signal<LightNodeState | undefined>;
  /** What kept the light node from starting, before it could say so itself. */
  readonly failure: Signal<ErrorObject | undefined>;
  readonly paused: Signal<boolean>;
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
  readonly hasWebrtc: boolean;
  /** When the lower part of the page is fetched at the latest, milliseconds after the first paint. */
  readonly belowAfterMs: number;
}

/** What the view can ask for. None of these throws: what goes wrong is put into the model. */
export interface Actions {
  pause(): void;
  /** Starts anew: after a pause, and after a failure. */
  resume(): void;
  /** Makes a file available as a blob. A file whose upload was interrupted goes on where it was. */
  publish(file: File, policy: PublishPolicy): void;
  /** Fetches a blob, verifies it whole, and saves it as a file. @param blobId hexadecimal, 33 bytes */
  retrieve(blobId: string): void;
  /** Saves once more what a task has retrieved. */
  save(taskId: string): void;
  /** Does once more what has failed, with the same file. */
  retry(taskId: string): void;
  /** Ends a task that runs; takes one that has ended off the list. */
  cancel(taskId: string): void;
  /** Samples and shows a blob. @param text a commitment, a blob id, or a link with one */
  open(text: string): void;
  /** Shows a blob that is listed. @param blobId hexadecimal, 33 bytes; `undefined` follows the newest */
  choose(blobId: string | undefined): void;
  acceptTrust(): void;
  /** Stays with the page's own chain. */
  refuseTrust(): void;
  /** Goes back from a chain of a link to the page's own. */
  leaveTrust(): void;
  /** Lists wallets that announce themselves, from now on; shows the session that this browser's key has. */
  findWallets(): void;
  /** Asks a wallet to show this page an account. @param id of `WalletName` */
  connectWallet(id: string): void;
  leaveWallet(): void;
  /** Asks the faucet of a development chain for tokens for the wallet's account. */
  fundWallet(): void;
  /** Puts what the wallet is to sign into words, to be looked at before it opens. */
  prepare(order: WalletOrder): void;
  /** Has the wallet sign what was looked at, sends it, and waits until it is proved. */
  sign(): void;
  /** Takes back what is not sent yet. */
  cancelOrder(): void;
  /** Saves evidence as a file. @param id of `LightNodeState.evidence` */
  saveEvidence(id: string): void;
  /** Verifies evidence of hardware, in a worker. */
  attest(order: AttestOrder): void;
  /** Saves the last report as a file. */
  saveReport(): void;
  /** @param text to put on the clipboard @returns whether it is there */
  copy(text: string): Promise<boolean>;
}

/** A blob that is opened: `asked` until it is sampled, or cannot be. */
export interface Opening {
  /** Hexadecimal, 33 bytes. */
  readonly blobId: string;
  readonly status: 'asked' | 'opened' | 'refused';
}

export interface PublishPolicy {
  /** Text of 1 to 28 bytes in UTF-8. */
  readonly namespace: string;
  /** Rows in all over original rows. */
  readonly redundancy: 2 | 4 | 8;
  /** Blocks for which the rows are served. */
  readonly retentionBlocks: number;
  /** Basis points of the stake that must be exceeded; 0 asks for the floor. */
  readonly quorum: number;
  readonly persist: boolean;
}

export const DEFAULT_POLICY: PublishPolicy = {
  namespace: 'default',
  redundancy: 4,
  retentionBlocks: DEFAULT_RETENTION_BLOCKS,
  quorum: 0,
  persist: false,
};

export type Task = PublishTask | RetrieveTask;

interface TaskBase {
  readonly id: string;
  /** Name of the file, fit to be shown: no control characters, no changes of direction, bounded. */
  readonly name: string;
  /** `interrupted`: the page was closed while it published; the same file, chosen again, goes on where it was. */
  readonly status: 'running' | 'done' | 'failed' | 'interrupted';
  /** Share of all stages, 0 to 1; never falls. */
  readonly done: number;
  /** Size of the file; `undefined` until it is known. */
  readonly bytes: number | undefined;
  readonly startedAtMs: number;
  /** Why it failed. */
  readonly error: ErrorObject | undefined;
}

export interface PublishTask extends TaskBase {
  readonly kind: 'publish';
  readonly stage: PublishStage;
  /** Rows that members have taken, bytes, of all that are theirs. */
  readonly uploadedBytes: number;
  readonly totalBytes: number;
  readonly signed: number;
  readonly refused: number;
  readonly members: number;
  readonly result: PublishResult | undefined;
}

/** `fund`: the faucet of a development chain is asked for tokens; the other names are those of the publisher. */
export type PublishStage = 'read' | 'fund' | 'encode' | 'upload' | 'certify' | 'record' | 'done';

export interface PublishResult {
  /** Hexadecimal, 33 bytes. */
  readonly blobId: string;
  /** Address of this page that opens the blob. */
  readonly link: string;
  /** Height of the block that records it. */
  readonly height: number;
  readonly expiryHeight: number;
  /** The chain had it already, for at least as long: nothing was sent. */
  readonly wasThere: boolean;
  /** Namespace of the record, hexadecimal, where it is another than was asked for: the record was there. */
  readonly otherNamespace: string | undefined;
}

export interface RetrieveTask extends TaskBase {
  readonly kind: 'retrieve';
  /** Hexadecimal, 33 bytes. */
  readonly blobId: string;
  readonly stage: RetrieveProgress['stage'];
  /** Verified rows, of those that are needed. */
  readonly rows: number;
  readonly needed: number;
  readonly bytesIn: number;
  readonly result: RetrieveResult | undefined;
}

export interface RetrieveResult {
  readonly length: number;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
  /** Rows that were fetched, and how many of them were originals. */
  readonly rows: number;
  readonly originals: number;
}

/** Another chain, as a link names it: to be shown in full. */
export interface TrustRequest {
  readonly chainId: string;
  readonly height: number;
  /** Hexadecimal, 32 bytes. */
  readonly headerHash: string;
  /** Multiaddrs to dial. They add peers, never trust. */
  readonly peers: readonly string[];
}

export interface AccountView {
  /** Hexadecimal, 20 bytes. */
  readonly address: string;
  /** By the proved state; `undefined` until it was looked up. */
  readonly balance: bigint | undefined;
  /** `browser`: a key that no script can read; `stored`: this browser knows no such keys, so its bytes lie in the page's storage. */
  readonly key: 'browser' | 'stored';
  /** What the account has granted this browser's key, where it is another's: a wallet's. */
  readonly session: { readonly left: bigint; readonly expiryHeight: number } | undefined;
}

/** A wallet that announced itself; both are its own words. */
export interface WalletName {
  readonly id: string;
  /** Fit to be shown. */
  readonly name: string;
  /** An image as a data URI. */
  readonly icon: string | undefined;
}

/** What the page can ask a wallet to sign. */
export type WalletOrder =
  /** `to`: 0x and 40 digits; `amount`: smallest units. */
  | { readonly kind: 'transfer'; readonly to: string; readonly amount: bigint }
  /** Lets this browser's key publish in the wallet's name: for so many blocks, and so many smallest units. */
  | { readonly kind: 'grant'; readonly cap: bigint; readonly blocks: number }
  /** `key`: hexadecimal, 32 bytes. */
  | { readonly kind: 'revoke'; readonly key: string };

/** What is being done, in this order for an order: `prepare`, then `sign` (the wallet is open), `send`, `prove`. */
export type WalletStep = 'connect' | 'fund' | 'prepare' | 'sign' | 'send' | 'prove';

/** What is signed and sent cannot be taken back. */
export function isOnItsWay(step: WalletStep | undefined): boolean {
  return step === 'send' || step === 'prove';
}

/** Why a wallet did not do it; in errors as `data.wallet`. */
export type WalletObstacle = 'refused' | 'locked' | 'unsupported' | 'gone' | 'waiting' | 'account' | 'other';

export interface WalletView {
  /** In the order in which they came; `undefined` before anybody has listened. */
  readonly announced: readonly WalletName[] | undefined;
  readonly account: WalletAccount | undefined;
  readonly doing: WalletStep | undefined;
  /** What is to be looked at before the wallet opens. */
  readonly review: WalletReview | undefined;
  readonly done: WalletDone | undefined;
  readonly problem: ErrorObject | undefined;
}

export interface WalletAccount {
  readonly walletName: string;
  /** 0x and 40 digits, with checksum. */
  readonly address: string;
  /** By the proved state, smallest units; `undefined` until it was looked up. */
  readonly balance: bigint | undefined;
  readonly sessions: readonly SessionView[] | undefined;
  /** Whether a faucet may be asked. */
  readonly hasFaucet: boolean;
}

/** A key that may act for the wallet's account. */
export interface SessionView {
  /** Hexadecimal. */
  readonly key: string;
  /** It is the key of this browser. */
  readonly isOurs: boolean;
  /** Names of message kinds. */
  readonly kinds: readonly string[];
  readonly left: bigint;
  readonly expiryHeight: number;
}

/** The typed data that the wallet is going to show, in its own words and order. */
export interface WalletReview {
  readonly kind: WalletOrder['kind'];
  readonly rows: readonly TypedRow[];
  /** What binds it to this chain. */
  readonly domain: readonly TypedRow[];
}

export interface TypedRow {
  /** Name of the field, as the wallet shows it. */
  readonly name: string;
  readonly value: string;
}

export interface WalletDone {
  readonly kind: WalletOrder['kind'] | 'fund';
  /** Of the block that holds it. */
  readonly height: number;
  /** Hexadecimal; `undefined` for a gift. */
  readonly txId: string | undefined;
}

/** Evidence of hardware that is to be verified. */
export interface AttestOrder {
  /** A file, or pasted text. */
  readonly evidence: File | string;
  /** What vendors have signed about it, where somebody has it in a file. */
  readonly collateral: File | undefined;
  /** The time for which it is judged, milliseconds since 1970; `undefined` for now. */
  readonly timeMs: number | undefined;
}

/** Evidence of hardware that a person handed over, and what was found. */
export interface AttestationView {
  /** Name of the file, fit to be shown; `undefined` for pasted text. */
  readonly name: string | undefined;
  /** `collateral`: it was verified with what was handed over, and peers are asked for what is missing. */
  readonly doing: 'verify' | 'collateral' | undefined;
  /** May lack what is still asked for. */
  readonly finding: AttestFinding | undefined;
  /** The time for which it was judged, milliseconds since 1970. */
  readonly judgedAtMs: number | undefined;
  /** That time was given by hand. */
  readonly isGivenTime: boolean;
  /** What was handed over cannot be read at all. */
  readonly problem: ErrorObject | undefined;
}

export const NO_ATTESTATION: AttestationView = {
  name: undefined,
  doing: undefined,
  finding: undefined,
  judgedAtMs: undefined,
  isGivenTime: false,
  problem: undefined,
};

export const NO_WALLET: WalletView = {
  announced: undefined,
  account: undefined,
  doing: undefined,
  review: undefined,
  done: undefined,
  problem: undefined,
};

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
    state: signal(undefined),
    failure: signal(undefined),
    paused: signal(false),
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
    hasWebrtc,
    belowAfterMs,
  };
}
