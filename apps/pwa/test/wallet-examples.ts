/** The wallet in the states that the view must show well. */

import { typedDataOf } from '@perigee/light-core/tx';
import { ed25519Address, fromHex } from '@perigee/wire';
import { NO_WALLET, type WalletView } from '../src/model/index.ts';
import { typedRows } from '../src/requests/wallet/typed-rows.ts';
import { SNAPSHOTS } from './snapshots.ts';

const ICON =
  'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"%3E%3Cpath fill="%23c60" d="M0 0h8v8H0z"/%3E%3C/svg%3E';
const { chainId = '', genesisHash = '' } = SNAPSHOTS.sampled.chain ?? {};
const sender = fromHex('5aaeb6053f3e94c9b9a09f33669435e7ef1beaed');

const found: WalletView = {
  ...NO_WALLET,
  announced: [
    { id: 'a', name: 'Fox Wallet', icon: ICON },
    { id: 'b', name: 'A wallet whose name is as long as is shown', icon: undefined },
  ],
};
const connected: WalletView = {
  ...found,
  account: {
    walletName: 'Fox Wallet',
    address: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    balance: 999_999_995_100_000n,
    hasFaucet: true,
    sessions: [
      { key: 'ab'.repeat(32), isOurs: true, kinds: ['certify'], left: 499_000_000_000n, expiryHeight: 16_000 },
      { key: 'cd'.repeat(32), isOurs: false, kinds: ['certify', 'transfer'], left: 0n, expiryHeight: 9_000 },
    ],
  },
};
const typed = typedDataOf(
  {
    version: 0,
    chain: fromHex(genesisHash).slice(0, 8),
    sender,
    lane: 0,
    nonce: 4,
    expiryHeight: 13_008,
    gasLimit: 10_000,
    maxFee: 10_000_000n,
    tip: 0n,
    messages: [{ transfer: { to: ed25519Address(fromHex('07'.repeat(32))), amount: 125n * 10n ** 16n } }],
  },
  { chainId, genesisHash: fromHex(genesisHash) },
);

/** By name, as the story page and the tests ask for them. */
export const WALLETS = {
  none: { ...NO_WALLET, announced: [] },
  found,
  connecting: { ...found, doing: 'connect' },
  connected,
  review: { ...connected, review: { kind: 'transfer', ...typedRows(typed) } },
  signing: { ...connected, review: { kind: 'transfer', ...typedRows(typed) }, doing: 'sign' },
  proving: { ...connected, doing: 'prove' },
  done: { ...connected, done: { kind: 'transfer', height: 12_409, txId: 'ef'.repeat(32) } },
  refused: {
    ...connected,
    problem: { code: 'REFUSED', message: 'the wallet says: User rejected the request. (4001)', data: { wallet: 'refused' } },
  },
} as const satisfies Record<string, WalletView>;
