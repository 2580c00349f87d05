import type { ErrorObject } from '@perigee/wire';
import type { AmountProblem } from '../../amount.ts';
import type { WalletDone, WalletObstacle, WalletOrder, WalletStep } from '../../model/index.ts';
import { type Advice, adviceFor } from '../advice.ts';

export const wallet = {
  title: 'Wallet',
  explain:
    'A wallet is an account of your own whose key this page never sees. It shows you in words what it signs, and those words are all that it signs.',
  searching: 'Looking for wallets.',
  none: 'No wallet has announced itself to this page.',
  remedy:
    'Install a wallet extension that announces itself by EIP-6963, as current ones do, allow it on this address, and reload the page.',
  choose: 'Wallets that announced themselves, by their own names',
  connect: (name: string): string => `Connect ${name}`,
  connected: 'Connected to',
  leave: 'Disconnect',
  address: 'Account',
  balance: 'Balance',
  fund: 'Ask the faucet',
  faucet: 'The faucet of this development chain gives a little to an account that has less.',
  network: 'The wallet’s own network does not matter: the words that it signs name this chain, and are good for no other.',
  step: {
    connect: 'Waiting for the wallet: choose there which account it shows this page.',
    fund: 'The faucet is asked, and the balance proved.',
    prepare: 'Looking up the account and the fee in the proved state.',
    sign: 'Waiting for the wallet. Compare its words with these before you sign.',
    send: 'Sent. Waiting for the block that holds it.',
    prove: 'A block holds it, as a peer says. Waiting for the header that proves it.',
  } satisfies Record<WalletStep, string>,
  cancel: 'Cancel',
  transfer: {
    title: 'Send tokens',
    to: 'Recipient',
    toHint: '0x and 40 digits',
    amount: 'Amount, tokens',
    button: 'Review',
  },
  session: {
    title: 'Let this browser publish for the wallet',
    explain:
      'The key of this browser may then publish files in the wallet’s name, and pay for their storage, without asking it each time: nothing else, and within these bounds.',
    cap: 'It may spend, tokens, fees included',
    blocks: 'For so many blocks',
    button: 'Review',
    held: 'Keys that may act for the wallet',
    none: 'No key may act for the wallet but its own.',
    ours: 'the key of this browser',
    other: (key: string): string => `key ${key}`,
    may: (kinds: string): string => `may: ${kinds}`,
    left: (amount: string): string => `may still spend ${amount}`,
    until: (height: string): string => `until block ${height}`,
    ended: (height: string): string => `ended with block ${height}`,
    revoke: 'End it',
  },
  kind: {
    certify: 'publish',
    transfer: 'send tokens',
    stake: 'stake',
    unstake: 'take stake back',
    storageSubmit: 'pay for the storage of files',
    kvSet: 'write to streams',
    computeDeposit: 'prepay for answers of models',
  } as Readonly<Record<string, string>>,
  review: {
    title: {
      transfer: 'Send tokens: what the wallet will show',
      grant: 'Let this browser publish: what the wallet will show',
      revoke: 'End a session: what the wallet will show',
    } satisfies Record<WalletOrder['kind'], string>,
    explain: 'Sign only if the wallet shows the same words. They follow from the bytes that are signed, and nothing else is.',
    domain: 'What binds it to this chain',
    sign: 'Open the wallet and sign',
    cancel: 'Do not sign',
  },
  done: {
    transfer: 'Sent.',
    grant: 'This browser may publish for the wallet.',
    revoke: 'The key may act no longer.',
    fund: 'The faucet has given.',
  } satisfies Record<WalletDone['kind'], string>,
  proved: (height: string): string => `Block ${height} holds it, and what came of it: both are proved by the headers.`,
  funded: (height: string): string => `The state at block ${height} proves it.`,
  txId: 'Transaction',
  problem: {
    address: 'A recipient is 0x and 40 hexadecimal digits.',
    blocks: 'Give a whole number of blocks, at least 1.',
    amount: {
      form: 'Give an amount in tokens, such as 0.5.',
      decimals: 'A token has 18 decimals, and this amount has more.',
      zero: 'Give an amount above zero.',
      tooLarge: 'There are not that many tokens.',
    } satisfies Record<AmountProblem, string>,
  },
} as const;

const advice: Record<WalletObstacle, Advice> = {
  refused: { title: 'You declined it in the wallet', next: 'Nothing was sent. Ask for it again when you like.' },
  locked: {
    title: 'The wallet shows this page no account',
    next: 'Unlock the wallet, choose an account for this page, and connect again.',
  },
  unsupported: {
    title: 'The wallet cannot do this',
    next: 'It has to sign typed data (eth_signTypedData_v4). Update it, or connect another one.',
  },
  gone: { title: 'The wallet is gone', next: 'Open or unlock it, and connect it again. Nothing that was prepared was sent.' },
  waiting: { title: 'The wallet already waits for you', next: 'Answer what it asks in its own window, then try again.' },
  account: {
    title: 'The wallet is at another account now',
    next: 'Nothing was sent. Choose the account in the wallet, and connect it again.',
  },
  other: {
    title: 'The wallet could not do it',
    next: 'Nothing was sent. The sentence below is the wallet’s own; try again, or connect another one.',
  },
};

const chainAdvice: Partial<Record<ErrorObject['code'], Advice>> = {
  INVALID_ARGUMENT: { title: 'That cannot be sent', next: 'The sentence below says what is wrong with it.' },
  REFUSED: { title: 'It was refused', next: 'The sentence below says why and, where a faucet speaks, when to ask again.' },
  TX_FEE: {
    title: 'The account cannot pay for this',
    next: 'On a development chain ask the faucet above; elsewhere send tokens to the account.',
  },
  TX_NONCE: {
    title: 'Another transaction of this account was first',
    next: 'Review and sign it once more: the page makes a new one.',
  },
  TX_EXPIRED: { title: 'The wallet stood open for too long', next: 'Review and sign it once more: the page makes a new one.' },
  TIMEOUT: {
    title: 'No block has taken it in time',
    next: 'It may still be taken up to its last block. Connect again to see the balance before you send it once more.',
  },
};

/** What a person can do about an error of the wallet's desk. */
export function walletAdvice({ code, data }: ErrorObject): Advice {
  const obstacle = data?.wallet;
  if (typeof obstacle === 'string' && obstacle in advice) return advice[obstacle as WalletObstacle];
  return chainAdvice[code] ?? adviceFor(code);
}
