import type { ErrorObject } from '@perigee/wire';

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
  /** 0x and 40 digits. */
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

export const NO_WALLET: WalletView = {
  announced: undefined,
  account: undefined,
  doing: undefined,
  review: undefined,
  done: undefined,
  problem: undefined,
};
