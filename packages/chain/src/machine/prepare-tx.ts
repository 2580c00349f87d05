import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { verifyCertificate } from '@perigee/light-core/da';
import type { CheckedEvidence } from '@perigee/light-core/registration';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { type AuthenticTx, decodeTx, gasOf, type TxAuthContext, verifyTxAuth } from '@perigee/light-core/tx';
import {
  type Certificate,
  type ComputeRegister,
  MAX_REGISTRATIONS_PER_BLOCK,
  MAX_VERIFIED_TX_BYTES,
  PerigeeError,
  type TxMessage,
  toHex,
} from '@perigee/wire';
import type { Genesis } from '../genesis/index.ts';
import { RecentCache } from '../recent-cache.ts';
import type { StateKey, StateReader } from '../state/index.ts';
import { accountNamed } from './accounts.ts';
import { boundBlock, computeParams, type Judged, judgeEvidence, judgeReceipts } from './compute/index.ts';
import { committeeFor } from './epoch.ts';
import { resultCodeOf } from './result-codes.ts';

/** Transactions whose signatures are remembered from the mempool to their block. */
const REMEMBERED = 20_000;
/** Refused transactions that are remembered: a signature is found wrong in twenty times the time in which it is found right. */
const REFUSALS = 10_000;

/** Transactions that are read before others get their turn. */
const JUDGED_AT_ONCE = 128;

/** A transaction that somebody signed, and what follows from its bytes: found once, in the mempool. */
export interface ReadTx {
  readonly authentic: AuthenticTx;
  readonly gas: number;
  readonly sender: StateKey;
  /** For each message, the account that it pays if it is a transfer. */
  readonly payees: readonly (StateKey | undefined)[];
  /** For each message, what its receipts were found to be; empty where none has any. */
  readonly judged: readonly Judged[];
}

/** A transaction with all its signatures looked at, ready to run without waiting. */
export interface PreparedTx {
  /** The transaction, or why it is none that can be charged to anyone. */
  readonly read: ReadTx | PerigeeError;
  /** For each message, why its signatures do not hold; empty where no message has any. */
  readonly refusals: readonly (PerigeeError | undefined)[];
  /** For each message, what its evidence was found to be; empty where none has any, or nobody has looked. */
  readonly evidence: readonly (CheckedEvidence | undefined)[];
}

/** The block that transactions are prepared for. */
export interface PreparedBlock {
  readonly height: number;
  /** Of the block, seconds since 1970. */
  readonly seconds: number;
}

const NO_REFUSALS: PreparedTx['refusals'] = [];
const NO_BYTES = new Uint8Array(0);
const NO_EVIDENCE: PreparedTx['evidence'] = [];
/** Checks of evidence that are remembered, from the proposal of a block to its execution. */
const REMEMBERED_EVIDENCE = 64;

/** Checks signatures ahead of execution, each once: what was judged in the mempool is not judged again in the block. */
export class TxPreparer {
  readonly #genesis: Genesis;
  readonly #auth: TxAuthContext;
  /** By the hash of all bytes. A verdict depends on nothing else: not on the state, not on the height. */
  readonly #authentic = new RecentCache<PreparedTx & { readonly read: ReadTx }>(REMEMBERED, {
    enough: MAX_VERIFIED_TX_BYTES / 2,
    of: ({ read }) => read.authentic.raw.length,
  });
  readonly #refused = new RecentCache<PreparedTx>(REFUSALS);
  readonly #certificates = new RecentCache<true>(REMEMBERED);
  readonly #evidence = new RecentCache<CheckedEvidence | PerigeeError>(REMEMBERED_EVIDENCE);

  constructor(genesis: Genesis, verifyEd25519: VerifyEd25519) {
    const { genesisHash, initChain, appState } = genesis;
    this.#genesis = genesis;
    this.#auth = { genesisHash, chainId: initChain.chainId, ethereumChainId: appState.ethereumChainId, verifyEd25519 };
  }

  /**
   * @param state of the block that will hold the transaction, or of the one before: committees do not change within an epoch
   * @param height of that block
   */
  async prepare(raw: Uint8Array, state: StateReader, height: number): Promise<PreparedTx> {
    const digest = digestOf(raw);
    return this.#known(digest) ?? this.#judge(raw, digest, state, height);
  }

  /** All transactions of a block, in its order, with the evidence of as many registrations as a block may have; see `prepare`. */
  async prepareAll(txs: readonly Uint8Array[], state: StateReader, block: PreparedBlock): Promise<PreparedTx[]> {
    const { height } = block;
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
    const all = judged > 0 ? await Promise.all(prepared) : (prepared as PreparedTx[]);
    return this.#withEvidence(all, txs, state, block);
  }

  /** One after another: what comes after the last that a block may have is not looked at. */
  async #withEvidence(
    prepared: PreparedTx[],
    txs: readonly Uint8Array[],
    state: StateReader,
    block: PreparedBlock,
  ): Promise<PreparedTx[]> {
    let left = MAX_REGISTRATIONS_PER_BLOCK;
    for (const [i, one] of prepared.entries()) {
      if (one.read instanceof PerigeeError || !hasEvidence(one.read)) continue;
      const refusals = [...one.refusals];
      const evidence = [...one.evidence];
      for (const [j, message] of one.read.authentic.tx.messages.entries()) {
        if (message.computeRegister === undefined || left === 0) continue;
        left -= 1;
        const id = `${digestOf(txs[i] ?? NO_BYTES)}/${j}`;
        const found = await this.#checkEvidence(one.read, message.computeRegister, id, state, block);
        if (found instanceof PerigeeError) refusals[j] = found;
        else evidence[j] = found;
      }
      prepared[i] = { ...one, refusals, evidence };
    }
    return prepared;
  }

  async #checkEvidence(
    { authentic }: ReadTx,
    message: ComputeRegister,
    id: string,
    state: StateReader,
    { height, seconds }: PreparedBlock,
  ): Promise<CheckedEvidence | PerigeeError> {
    try {
      computeParams(this.#genesis.appState);
      const { hash: boundHash } = boundBlock(state, message.boundHeight, height);
      const key = `${id}/${toHex(boundHash)}/${seconds}`;
      const known = this.#evidence.get(key);
      if (known !== undefined) return known;
      const provider = authentic.tx.sender;
      const found = await judgeEvidence(message, this.#genesis, { provider, boundHash, seconds }).catch(verdict);
      this.#evidence.set(key, found);
      return found;
    } catch (error) {
      return verdict(error);
    }
  }

  /** What needs no look at the state. */
  #known(digest: string): PreparedTx | undefined {
    const known = this.#authentic.get(digest);
    if (known === undefined) return this.#refused.get(digest);
    return hasCertificates(known.read) ? undefined : known;
  }

  async #judge(raw: Uint8Array, digest: string, state: StateReader, height: number): Promise<PreparedTx> {
    const known = this.#authentic.get(digest);
    const read = known?.read ?? (await this.#read(raw));
    const prepared = { read, refusals: NO_REFUSALS, evidence: NO_EVIDENCE };
    if (read instanceof PerigeeError) {
      // a failure of this node is no verdict, and may pass
      if (resultCodeOf(read) !== undefined && read.code !== 'BUSY') this.#refused.set(digest, prepared);
      return prepared;
    }
    if (known === undefined) this.#authentic.set(digest, { read, refusals: NO_REFUSALS, evidence: NO_EVIDENCE });
    if (!hasCertificates(read)) return prepared;
    const { messages } = read.authentic.tx;
    const refusals = await Promise.all(
      messages.map((message, i) => this.#checkMessage(message, `${digest}/${i}`, state, height)),
    );
    return { read, refusals, evidence: NO_EVIDENCE };
  }

  async #read(raw: Uint8Array): Promise<ReadTx | PerigeeError> {
    try {
      const authentic = await verifyTxAuth(decodeTx(raw), this.#auth);
      return readTx(authentic, await judgeReceipts(authentic.tx.messages, this.#auth));
    } catch (error) {
      return refusal(error);
    }
  }

  async #checkMessage({ certify }: TxMessage, id: string, state: StateReader, height: number): Promise<PerigeeError | undefined> {
    if (certify === undefined) return undefined;
    try {
      await this.#checkCertificate(certify.certificate, id, state, height);
      return undefined;
    } catch (error) {
      return refusal(error);
    }
  }

  async #checkCertificate(certificate: Certificate, id: string, state: StateReader, height: number): Promise<void> {
    const committee = committeeFor(state, this.#genesis, certificate.epoch, height);
    const key = `${id}/${toHex(committee.hash)}`;
    if (this.#certificates.get(key) !== undefined) return;
    await verifyCertificate(certificate, committee, this.#auth);
    this.#certificates.set(key, true);
  }
}

function readTx(authentic: AuthenticTx, judged: ReadTx['judged']): ReadTx {
  const { tx, raw } = authentic;
  return {
    authentic,
    gas: gasOf(tx, raw.length),
    sender: accountNamed(tx.sender),
    payees: tx.messages.map(({ transfer }) => (transfer === undefined ? undefined : accountNamed(transfer.to))),
    judged,
  };
}

function hasCertificates({ authentic }: ReadTx): boolean {
  return authentic.tx.messages.some(({ certify }) => certify !== undefined);
}

function hasEvidence({ authentic }: ReadTx): boolean {
  return authentic.tx.messages.some(({ computeRegister }) => computeRegister !== undefined);
}

/** As text, which node makes in a third of the time. */
function digestOf(raw: Uint8Array): string {
  return hash('sha256', raw, 'binary');
}

/** The same where all nodes must come to it: a failure of this node is thrown on. */
function verdict(error: unknown): PerigeeError {
  const refused = refusal(error);
  if (resultCodeOf(refused) === undefined) throw refused;
  return refused;
}

/** What is no refusal is thrown on. */
function refusal(error: unknown): PerigeeError {
  if (error instanceof PerigeeError) return error;
  throw error;
}
