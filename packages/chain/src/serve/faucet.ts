import type { Clock, TxOutcome } from '@perigee/light-core/roles';
import { accountKey, STORE } from '@perigee/light-core/state';
import { type Ed25519Signer, signTx } from '@perigee/light-core/tx';
import {
  Account,
  ed25519Address,
  equal,
  FAUCET_GIFTS,
  type FaucetAnswer,
  type FaucetRequest,
  keyText,
  MAX_FAUCET_QUEUE,
  PerigeeError,
  Turn,
  toHex,
} from '@perigee/wire';
import type { Chain } from '../chain.ts';
import { RESULT_CODE } from '../machine/index.ts';
import type { ServeContext } from './context.ts';
import { GiftBook } from './gift-book.ts';

/** A gift, smallest units: at a price of 1 for a byte and epoch it has the largest blob served for thousands of epochs. */
const AMOUNT = 10n ** 12n;
/** Lane of the faucet's own transactions: its account may send others in the first one. */
const LANE = 1;
/** Gas that a transfer takes, with room. */
const GAS_LIMIT = 10_000;
/** Blocks that a gift may wait for. */
const WITHIN_BLOCKS = 100;
/** Right after a start the state that can be proved lacks the last block, and the nonce may be of before: reads of it, a block apart. */
const NONCE_ATTEMPTS = 5;

export interface FaucetOptions {
  readonly chain: Pick<Chain, 'genesis' | 'latest' | 'prove' | 'submit' | 'onBlock'>;
  /** Key of the account that genesis names as the faucet. */
  readonly signer: Ed25519Signer;
  readonly clock: Clock;
  /** A gift, smallest units. */
  readonly amount?: bigint;
  /** Over all accounts and peers. */
  readonly giftsPerHour?: number;
}

export interface FaucetContext extends ServeContext {
  /** Who asks; `RequestContext` of `@perigee/net` has it. */
  readonly peerId: string;
}

/**
 * Gives tokens of a development chain to whoever asks, and answers when a block holds the transfer: one gift an hour for an account, and
 * so many for a peer and for all.
 *
 * The hour is remembered in memory. What matters after a restart is in the state: an account that still has a gift's worth gets none.
 *
 * @returns handler; it throws REFUSED with the time to wait, or because the account has enough or the faucet too little; BUSY; ABORTED
 * @throws GENESIS when the chain is not for development or has no faucet, INVALID_ARGUMENT when the key is another account's
 */
export function serveFaucet(options: FaucetOptions): (request: FaucetRequest, context: FaucetContext) => Promise<FaucetAnswer> {
  const faucet = new Faucet(options);
  return ({ address }, { peerId, signal }) => faucet.give(address, peerId, signal);
}

class Faucet {
  readonly #options: FaucetOptions;
  readonly #amount: bigint;
  readonly #book: GiftBook;
  #waiting = 0;
  /** Transfers are sent one after another. */
  readonly #turn = new Turn();
  /** Of the next transfer; `undefined` when the state is to be asked. */
  #nonce: number | undefined;

  constructor(options: FaucetOptions) {
    const { chain, signer, clock, amount = AMOUNT, giftsPerHour = FAUCET_GIFTS } = options;
    const { development, faucet } = chain.genesis.appState;
    if (!development || faucet === undefined) {
      throw new PerigeeError('GENESIS', `chain ${chain.genesis.initChain.chainId} has no faucet in its genesis`);
    }
    if (!equal(ed25519Address(signer.publicKey), faucet)) {
      throw new PerigeeError('INVALID_ARGUMENT', `the key is not that of ${toHex(faucet)}, the faucet of this chain`);
    }
    this.#options = options;
    this.#amount = amount;
    this.#book = new GiftBook(() => clock.now(), giftsPerHour);
  }

  async give(address: Uint8Array, peerId: string, signal: AbortSignal): Promise<FaucetAnswer> {
    const { balance } = this.#account(address);
    if (balance >= this.#amount) {
      throw new PerigeeError(
        'REFUSED',
        `account ${keyText(address)} has ${balance}; ask again when it has less than ${this.#amount}`,
      );
    }
    if (this.#waiting >= MAX_FAUCET_QUEUE) {
      throw new PerigeeError('BUSY', `${this.#waiting} others wait for their gift; ask again in a moment`);
    }
    const gift = this.#book.enter(toHex(address), peerId);
    this.#waiting += 1;
    const sent = this.#turn.take(() => this.#send(address, signal));
    let outcome: TxOutcome | undefined;
    try {
      outcome = await sent;
    } catch (error) {
      this.#book.strike(gift);
      throw error;
    } finally {
      this.#waiting -= 1;
    }
    if (outcome === undefined) throw new PerigeeError('ABORTED', 'the gift is on its way, and nobody waits for it');
    if (outcome.code === 0) return { amount: this.#amount, height: outcome.height };
    this.#book.strike(gift);
    throw new PerigeeError('REFUSED', `the faucet cannot give now: ${outcome.log.slice(0, 200)}`, {
      data: { code: outcome.code },
    });
  }

  /** @returns what became of the transfer, `undefined` when it waits for a block and the asker no longer for it */
  async #send(address: Uint8Array, signal: AbortSignal): Promise<TxOutcome | undefined> {
    const { chain } = this.#options;
    for (let attempt = 1; ; attempt++) {
      if (signal.aborted) throw new PerigeeError('ABORTED', 'nobody waits for this gift any more');
      const raw = await this.#sign(address);
      const outcome = await chain.submit(raw, { signal }).catch((error: unknown) => {
        if (PerigeeError.from(error).code === 'ABORTED') return undefined;
        this.#nonce = undefined;
        throw error;
      });
      if (outcome === undefined || outcome.height > 0) return outcome;
      this.#nonce = undefined;
      if (outcome.code !== RESULT_CODE.TX_NONCE || attempt >= NONCE_ATTEMPTS) return outcome;
      await nextBlock(chain, signal);
    }
  }

  /** Takes the nonce. */
  async #sign(to: Uint8Array): Promise<Uint8Array> {
    const { chain, signer } = this.#options;
    const { genesisHash, appState } = chain.genesis;
    const own = this.#account(ed25519Address(signer.publicKey));
    const nonce = this.#nonce ?? own.nonces.find(({ lane }) => lane === LANE)?.next ?? 0;
    this.#nonce = nonce + 1;
    const draft = {
      lane: LANE,
      nonce,
      expiryHeight: chain.latest().height + WITHIN_BLOCKS,
      gasLimit: GAS_LIMIT,
      maxFee: BigInt(GAS_LIMIT) * appState.gasPrice,
      tip: 0n,
      messages: [{ transfer: { to, amount: this.#amount } }],
    };
    return signTx(draft, genesisHash, signer);
  }

  /** Of the last state that can be proved. */
  #account(address: Uint8Array): Account {
    const raw = this.#options.chain.prove(STORE.account, accountKey(address)).inner.exist?.value;
    return raw === undefined ? { balance: 0n, nonces: [] } : Account.decode(raw);
  }
}

/** @throws ABORTED */
function nextBlock(chain: Pick<Chain, 'onBlock'>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = chain.onBlock(() => {
      end();
      resolve();
    });
    const onAbort = () => {
      end();
      reject(new PerigeeError('ABORTED', 'nobody waits for this gift any more'));
    };
    const end = () => {
      stop();
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
