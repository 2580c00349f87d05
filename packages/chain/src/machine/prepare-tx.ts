import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { verifyCertificate } from '@perigee/light-core/da';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { type AuthenticTx, decodeTx, verifyTxAuth } from '@perigee/light-core/tx';
import { type Certificate, MAX_VERIFIED_TX_BYTES, PerigeeError, type TxMessage, toHex } from '@perigee/wire';
import type { Genesis } from '../genesis/index.ts';
import { RecentCache } from '../recent-cache.ts';
import type { StateReader } from '../state/index.ts';
import { committeeFor } from './epoch.ts';
import { resultCodeOf } from './result-codes.ts';

/** Transactions whose signatures are remembered from the mempool to their block. */
const REMEMBERED = 20_000;
/** Refused transactions that are remembered: a signature is found wrong in twenty times the time in which it is found right. */
const REFUSALS = 10_000;

/** Transactions that are read before others get their turn. */
const JUDGED_AT_ONCE = 128;

/** A transaction with all its signatures looked at, ready to run without waiting. */
export interface PreparedTx {
  /** The transaction, or why it is none that can be charged to anyone. */
  readonly authentic: AuthenticTx | PerigeeError;
  /** For each message, why its signatures do not hold; empty where no message has any. */
  readonly refusals: readonly (PerigeeError | undefined)[];
}

const NO_REFUSALS: PreparedTx['refusals'] = [];

/** Checks signatures ahead of execution, each once: what was judged in the mempool is not judged again in the block. */
export class TxPreparer {
  readonly #genesis: Genesis;
  readonly #verifyEd25519: VerifyEd25519;
  /** By the hash of all bytes. A verdict depends on nothing else: not on the state, not on the height. */
  readonly #authentic = new RecentCache<AuthenticTx>(REMEMBERED, {
    enough: MAX_VERIFIED_TX_BYTES / 2,
    of: ({ raw }) => raw.length,
  });
  readonly #refused = new RecentCache<PerigeeError>(REFUSALS);
  readonly #certificates = new RecentCache<true>(REMEMBERED);

  constructor(genesis: Genesis, verifyEd25519: VerifyEd25519) {
    this.#genesis = genesis;
    this.#verifyEd25519 = verifyEd25519;
  }

  /**
   * @param state of the block that will hold the transaction, or of the one before: committees do not change within an epoch
   * @param height of that block
   */
  async prepare(raw: Uint8Array, state: StateReader, height: number): Promise<PreparedTx> {
    const digest = digestOf(raw);
    return this.#known(digest) ?? this.#judge(raw, digest, state, height);
  }

  /** All transactions of a block, in its order; see `prepare`. */
  async prepareAll(txs: readonly Uint8Array[], state: StateReader, height: number): Promise<PreparedTx[]> {
    const prepared: (PreparedTx | Promise<PreparedTx>)[] = [];
    let judged = 0;
    for (const raw of txs) {
      const digest = digestOf(raw);
      const known = this.#known(digest);
      prepared.push(known ?? this.#judge(raw, digest, state, height));
      if (known !== undefined) continue;
      judged += 1;
      // threads that check signatures get their next ones
      if (judged % JUDGED_AT_ONCE === 0) await setImmediate();
    }
    return judged > 0 ? Promise.all(prepared) : (prepared as PreparedTx[]);
  }

  /** What needs no look at the state. */
  #known(digest: string): PreparedTx | undefined {
    const authentic = this.#authentic.get(digest) ?? this.#refused.get(digest);
    if (authentic === undefined) return undefined;
    if (authentic instanceof PerigeeError) return { authentic, refusals: NO_REFUSALS };
    return authentic.tx.messages.some(({ certify }) => certify !== undefined) ? undefined : { authentic, refusals: NO_REFUSALS };
  }

  async #judge(raw: Uint8Array, digest: string, state: StateReader, height: number): Promise<PreparedTx> {
    const authentic = this.#authentic.get(digest) ?? (await refusalOr(() => this.#authenticate(raw)));
    if (authentic instanceof PerigeeError) {
      // a failure of this node is no verdict, and may pass
      if (resultCodeOf(authentic.code) !== undefined && authentic.code !== 'BUSY') this.#refused.set(digest, authentic);
      return { authentic, refusals: NO_REFUSALS };
    }
    this.#authentic.set(digest, authentic);
    const refusals = await Promise.all(
      authentic.tx.messages.map((message, i) => this.#checkMessage(message, `${digest}/${i}`, state, height)),
    );
    return { authentic, refusals };
  }

  async #authenticate(raw: Uint8Array): Promise<AuthenticTx> {
    const { genesisHash, initChain, appState } = this.#genesis;
    const { chainId } = initChain;
    const { ethereumChainId } = appState;
    return verifyTxAuth(decodeTx(raw), { genesisHash, chainId, ethereumChainId, verifyEd25519: this.#verifyEd25519 });
  }

  async #checkMessage({ certify }: TxMessage, id: string, state: StateReader, height: number): Promise<PerigeeError | undefined> {
    if (certify === undefined) return undefined;
    const result = await refusalOr(() => this.#checkCertificate(certify.certificate, id, state, height));
    return result instanceof PerigeeError ? result : undefined;
  }

  async #checkCertificate(certificate: Certificate, id: string, state: StateReader, height: number): Promise<void> {
    const committee = committeeFor(state, this.#genesis, certificate.epoch, height);
    const key = `${id}/${toHex(committee.hash)}`;
    if (this.#certificates.get(key) !== undefined) return;
    const { genesisHash } = this.#genesis;
    await verifyCertificate(certificate, committee, { genesisHash, verifyEd25519: this.#verifyEd25519 });
    this.#certificates.set(key, true);
  }
}

/** As text, which node makes in a third of the time. */
function digestOf(raw: Uint8Array): string {
  return hash('sha256', raw, 'binary');
}

async function refusalOr<T>(check: () => Promise<T>): Promise<T | PerigeeError> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof PerigeeError) return error;
    throw error;
  }
}
