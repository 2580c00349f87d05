/** A lazy chunk: what only a page with a wallet needs. */
import { ChainView } from '@perigee/light-core/da';
import { formatEthereumAddress } from '@perigee/light-core/signature';
import { signTypedTx } from '@perigee/light-core/tx';
import type { LightNode } from '@perigee/sampler';
import { equal, fromHex, keyText, MESSAGE_KIND, PerigeeError, type Session, toHex, txIdOf } from '@perigee/wire';
import {
  isOnItsWay,
  type Model,
  NO_WALLET,
  type SessionView,
  type WalletAccount,
  type WalletOrder,
  type WalletStep,
  type WalletView,
} from '../../model/index.ts';
import type { NodeKeeper } from '../../node-keeper.ts';
import { accountKey } from '../account.ts';
import { sendTx } from '../send-tx.ts';
import type { AnnouncedWallet } from './announced.ts';
import type { KeptSessions } from './kept-session.ts';
import { type PreparedTx, prepareTx } from './prepare-tx.ts';
import { accountsOf, onWalletChange, type Provider, walletError } from './provider.ts';
import { checkedSigner } from './wallet-signer.ts';

export interface DeskParts {
  readonly model: Model;
  readonly keeper: NodeKeeper;
  readonly sessions: KeptSessions;
  readonly wallets: () => readonly AnnouncedWallet[];
}

interface Connected {
  readonly wallet: AnnouncedWallet;
  /** 20 bytes. */
  readonly address: Uint8Array;
  readonly stopListening: () => void;
}

/** Where a person and their wallet meet the chain. One thing is done at a time; what comes of it is put into the model. */
export class WalletDesk {
  readonly #parts: DeskParts;
  #connected: Connected | undefined;
  #prepared: PreparedTx | undefined;
  #work = new AbortController();

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  connect(id: string): Promise<void> {
    return this.#do('connect', async (signal) => {
      const wallet = this.#parts.wallets().find((one) => one.id === id);
      if (wallet === undefined) throw walletError('gone', 'this wallet announces itself no longer');
      const [first = ''] = await accountsOf(wallet.provider, 'eth_requestAccounts', signal);
      this.#part();
      const address = fromHex(first, 20);
      this.#connected = { wallet, address, stopListening: this.#listen(wallet.provider, address) };
      this.#show({ account: namedAccount(this.#connected) });
      return { account: await this.#lookUp(signal) };
    });
  }

  leave(): void {
    this.#part();
    this.#work.abort(new PerigeeError('ABORTED', 'the wallet was disconnected'));
    this.#show({ ...NO_WALLET, announced: this.#parts.model.wallet.value.announced });
  }

  /** Asks the faucet. */
  fund(): Promise<void> {
    return this.#do('fund', async (signal) => {
      const { address } = this.#required();
      const { node } = await this.#parts.keeper.ready(signal);
      const { height } = await node.requestFunds(address, { signal });
      return { done: { kind: 'fund', height, txId: undefined }, account: await this.#lookUp(signal) };
    });
  }

  /** Looks the account up again, while nothing else is done: a session has spent of it. */
  async refresh(): Promise<void> {
    const { doing, account } = this.#parts.model.wallet.value;
    if (account === undefined || doing !== undefined) return;
    const { signal } = this.#work;
    const fresh = await this.#lookUp(signal).catch(() => account);
    if (!signal.aborted && this.#connected !== undefined) this.#show({ account: fresh });
  }

  prepare(order: WalletOrder): Promise<void> {
    return this.#do('prepare', async (signal) => {
      const { address } = this.#required();
      const { view } = await this.#chain(signal);
      const sessionKey = (await accountKey()).signer.publicKey;
      this.#prepared = await prepareTx(view, order, { address, sessionKey }, signal);
      return { review: this.#prepared.review };
    });
  }

  sign(): Promise<void> {
    return this.#do('sign', async (signal) => {
      const { wallet, address } = this.#required();
      if (this.#prepared === undefined) throw new PerigeeError('INVALID_ARGUMENT', 'nothing was prepared to be signed');
      const { draft, chain, order } = this.#prepared;
      const { node, view } = await this.#chain(signal);
      const { height: now } = view.head();
      if (now >= draft.expiryHeight)
        throw new PerigeeError('TX_EXPIRED', `this was to be in block ${draft.expiryHeight} at the latest, and it is ${now}`);
      const raw = await signTypedTx(draft, chain, checkedSigner(wallet.provider, formatEthereumAddress(address), signal));
      this.#prepared = undefined; // it is out of our hands from here on
      this.#show({ doing: 'send', review: undefined });
      const { height } = await sendTx(node, raw, () => this.#show({ doing: 'prove' }), signal);
      await this.#remember(order, toHex(chain.genesisHash), address);
      return { done: { kind: order.kind, height, txId: toHex(txIdOf(raw)) }, account: await this.#lookUp(signal) };
    });
  }

  /** Ends what can still be ended, and takes back what was not sent. */
  cancel(): void {
    if (isOnItsWay(this.#parts.model.wallet.value.doing)) return;
    this.#work.abort(new PerigeeError('ABORTED', 'it was taken back'));
    this.#prepared = undefined;
    this.#show({ doing: undefined, review: undefined, problem: undefined });
  }

  /** Nothing of an earlier request is shown once there is a later one. */
  async #do(doing: WalletStep, work: (signal: AbortSignal) => Promise<Partial<WalletView>>): Promise<void> {
    this.#work.abort(new PerigeeError('ABORTED', 'something else was asked for'));
    const mine = new AbortController();
    this.#work = mine;
    this.#show({ doing, problem: undefined, done: undefined });
    try {
      const change = await work(mine.signal);
      if (!mine.signal.aborted) this.#show({ ...change, doing: undefined });
    } catch (thrown) {
      if (!mine.signal.aborted) this.#show({ doing: undefined, problem: PerigeeError.from(thrown).toObject() });
    }
  }

  #show(change: Partial<WalletView>): void {
    const { wallet } = this.#parts.model;
    wallet.value = { ...wallet.value, ...change };
  }

  #required(): Connected {
    if (this.#connected === undefined) throw walletError('gone', 'no wallet is connected');
    return this.#connected;
  }

  /** The wallet's user may take the account away, or close the wallet. */
  #listen(provider: Provider, address: Uint8Array): () => void {
    return onWalletChange(provider, (accounts) => {
      if (accounts.some((account) => equal(fromHex(account, 20), address))) return;
      if (isOnItsWay(this.#parts.model.wallet.value.doing)) return; // it needs the wallet no more; the next order asks it again
      const words =
        accounts.length === 0 ? 'the wallet shows this page no account any more' : `the wallet has gone over to ${accounts[0]}`;
      this.leave();
      this.#show({ problem: walletError(accounts.length === 0 ? 'gone' : 'account', words).toObject() });
    });
  }

  #part(): void {
    this.#connected?.stopListening();
    this.#connected = undefined;
    this.#prepared = undefined;
  }

  async #chain(signal: AbortSignal): Promise<{ readonly node: LightNode; readonly view: ChainView }> {
    const { node } = await this.#parts.keeper.ready(signal);
    return { node, view: new ChainView(node.chain) };
  }

  /** What the proved state says of the account. */
  async #lookUp(signal: AbortSignal): Promise<WalletAccount> {
    const connected = this.#required();
    const { address } = connected;
    const { view } = await this.#chain(signal);
    const [{ appState }, account, sessions, ours] = await Promise.all([
      view.facts(signal),
      view.account(address, signal),
      view.sessions(address, signal),
      accountKey().then(({ signer }) => signer.publicKey),
    ]);
    return {
      ...namedAccount(connected),
      balance: account?.balance ?? 0n,
      sessions: sessions.map((session) => sessionView(session, ours)),
      hasFaucet: appState.development && appState.faucet !== undefined,
    };
  }

  /** This browser publishes for the account from now on, or no longer. */
  async #remember(order: WalletOrder, genesisHash: string, address: Uint8Array): Promise<void> {
    const { sessions, model } = this.#parts;
    if (order.kind === 'grant') sessions.remember(genesisHash, toHex(address));
    else if (order.kind !== 'revoke' || !equal(fromHex(order.key), (await accountKey()).signer.publicKey)) return;
    else sessions.forget(genesisHash);
    model.account.value = undefined; // looked up anew when it is needed
  }
}

function namedAccount({ wallet, address }: Connected): WalletAccount {
  return {
    walletName: wallet.name,
    address: keyText(address),
    balance: undefined,
    sessions: undefined,
    hasFaucet: false,
  };
}

function sessionView({ key, kinds, left, expiryHeight }: Session, ours: Uint8Array): SessionView {
  const names = Object.entries(MESSAGE_KIND).flatMap(([name, kind]) => (kinds.includes(kind) ? [name] : []));
  return { key: toHex(key), isOurs: equal(key, ours), kinds: names, left, expiryHeight };
}
