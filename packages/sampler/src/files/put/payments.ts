import { ChainView } from '@perigee/light-core/da';
import type { Clock, TxSubmit, VerifiedState } from '@perigee/light-core/roles';
import { dataRootOf, nobleFileHash, type Submission, Submissions, sectorsOf } from '@perigee/light-core/storage';
import { gasOf, type TxDraft, tokensInWords, txChain } from '@perigee/light-core/tx';
import { eitherSignal } from '@perigee/net/abort';
import {
  type ErrorCode,
  equal,
  keyText,
  MAX_PENDING_PAYMENT_BYTES,
  MAX_TX_MESSAGES,
  PENDING_PAYMENT_VERSION,
  PendingPayment,
  PerigeeError,
  type StoredFile,
  SUBMIT_WITHIN_BLOCKS,
  TX_VERSION,
  Tx,
  TxBody,
  type TxMessage,
  toHex,
} from '@perigee/wire';
import type { TransferJournal } from './journal.ts';
import type { FilePayer } from './payer.ts';

/** Scheme, key and signature of ed25519; those of EIP-712 are shorter, and cost no more than they are estimated. */
const AUTH_BYTES = 104;
/** How often it is looked whether the chain has a transaction, milliseconds. */
const LOOK_AGAIN_MS = 200;
/** How long a transaction that nobody took is kept from being handed in again, milliseconds. */
const RESUBMIT_MS = 2_000;

/** Times that the account is given more before one transaction: a faucet gives the same each time, whatever is needed. */
const MAX_FUNDINGS = 3;

/** What may be over in a moment: the transaction is handed in again. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['BUSY', 'STREAM_CLOSED', 'TIMEOUT', 'UNREACHABLE', 'UNPROVEN']);

export interface PaymentParts {
  readonly state: VerifiedState;
  readonly tx: TxSubmit;
  readonly journal: TransferJournal;
  readonly clock: Clock;
  /** Gives the account what it lacks, where somebody may: the faucet of a development chain. It is asked MAX_FUNDINGS times at most. */
  readonly fund?: (address: Uint8Array, signal: AbortSignal) => Promise<void>;
}

/** A file on the chain, and what it cost whoever asked for it now. */
export interface PaidFile {
  readonly file: StoredFile;
  /** Smallest units for its sectors; none when it was there. */
  readonly paid: bigint;
}

/** A transaction that was signed, and perhaps sent. */
interface Pending {
  readonly raw: Uint8Array;
  readonly body: Tx;
}

/**
 * Gets files onto the chain, each paid for once. A transaction is on the device before it is sent; whatever happens then, the same bytes are sent again,
 * until the chain proves that it has the files, or that this transaction can never be in it any more. Only then another is signed.
 */
export class Payments {
  readonly #parts: PaymentParts;
  readonly #payer: FilePayer;
  readonly #chain: ChainView;
  readonly #submissions: Submissions;

  constructor(parts: PaymentParts, payer: FilePayer) {
    this.#parts = parts;
    this.#payer = payer;
    this.#chain = new ChainView(parts.state);
    this.#submissions = new Submissions(parts.state);
  }

  /**
   * What files cost that are not on the chain: sectors and fee, smallest units.
   *
   * @throws UNSUPPORTED when the chain stores no files
   */
  async cost(files: readonly Submission[], signal: AbortSignal): Promise<bigint> {
    const missing = await this.#missing(files, signal);
    let cost = 0n;
    for (let at = 0; at < missing.length; at += MAX_TX_MESSAGES) {
      const { draft, price } = await this.#compose(missing.slice(at, at + MAX_TX_MESSAGES), 0, signal);
      cost += price + draft.maxFee;
    }
    return cost;
  }

  /**
   * @param files without tags
   * @returns each file as the verified state has it, in the same order
   * @throws UNSUPPORTED, TX_FEE (the account cannot pay; `data.needed`), REFUSED (the chain said no); TIMEOUT, UNREACHABLE, ABORTED: the same call goes on another time
   */
  async ensure(files: readonly Submission[], signal: AbortSignal): Promise<PaidFile[]> {
    const { genesisHash } = await this.#chain.facts(signal);
    const { address, lane } = this.#payer;
    const name = `pay-${toHex(genesisHash.slice(0, 8))}-${toHex(address)}-${lane}`;
    const before = await Promise.all(files.map((file) => this.#find(file, signal)));
    const missing = files.filter((_, i) => before[i] === undefined);
    if (missing.length > 0) await this.#parts.journal.locked(name, signal, () => this.#pay(name, missing, signal));
    return Promise.all(
      files.map(async (submission, i) => {
        const file = before[i] ?? (await this.#find(submission, signal));
        if (file === undefined) throw new PerigeeError('INTERNAL', 'a file that was paid for is not in the state');
        const isOurs = before[i] === undefined && equal(file.author, this.#payer.address);
        return { file, paid: isOurs ? file.price : 0n };
      }),
    );
  }

  async #pay(name: string, files: readonly Submission[], signal: AbortSignal): Promise<void> {
    const left = await this.#pending(name);
    if (left !== undefined) await this.#settle(name, left, signal);
    for (;;) {
      const missing = (await this.#missing(files, signal)).slice(0, MAX_TX_MESSAGES);
      if (missing.length === 0) return;
      const raw = await this.#sign(missing, signal);
      // from here on it may be sent, so from here on it must be known
      await this.#parts.journal.write(name, PendingPayment.encode({ version: PENDING_PAYMENT_VERSION, raw }));
      const refusal = await this.#settle(name, { raw, body: Tx.decode(raw) }, signal);
      if (refusal !== undefined) throw refusal;
    }
  }

  /**
   * Sends a transaction until the state shows what became of it.
   *
   * @returns why it came to nothing, where somebody said so
   * @throws what keeps it from being known
   */
  async #settle(name: string, { raw, body }: Pending, signal: AbortSignal): Promise<PerigeeError | undefined> {
    const { journal, clock } = this.#parts;
    const files = submissionsIn(body);
    let refusal: PerigeeError | undefined;
    let sendAt = 0;
    let sending: Promise<void> | undefined;
    const stop = new AbortController();
    const until = eitherSignal(signal, stop.signal);
    try {
      for (;;) {
        if (signal.aborted) throw new PerigeeError('ABORTED', 'the upload was stopped; the same command goes on with it');
        if ((await this.#missing(files, signal)).length === 0) break;
        if (await this.#isOver(body, signal)) {
          // what the state showed first may be older than what it showed of the nonce
          if ((await this.#missing(files, signal)).length === 0) break;
          refusal ??= new PerigeeError(
            'REFUSED',
            'the transaction that pays for the files is not in the chain, and cannot be any more',
          );
          break;
        }
        if (refusal !== undefined && sending === undefined) return refusal; // it stays noted: somebody else may have taken it
        if (sending === undefined && clock.now() >= sendAt) {
          sending = this.#send(raw, until)
            .then((said) => {
              refusal = said;
            })
            .finally(() => {
              sending = undefined;
              sendAt = clock.now() + RESUBMIT_MS;
            });
        }
        await clock.sleep(LOOK_AGAIN_MS, signal).catch(() => {});
      }
    } finally {
      stop.abort();
    }
    await journal.remove(name);
    return refusal;
  }

  /** @returns why it was refused; nothing when it is in a block, or may be soon */
  async #send(raw: Uint8Array, signal: AbortSignal): Promise<PerigeeError | undefined> {
    try {
      const { code, height, log } = await this.#parts.tx.submit(raw, { signal });
      if (code === 0 || height > 0) return undefined; // the state says what became of it
      return new PerigeeError('REFUSED', `the chain refused the transaction that pays for the files (code ${code}): ${log}`, {
        data: { code },
      });
    } catch (thrown) {
      const error = PerigeeError.from(thrown);
      if (signal.aborted || PASSING.has(error.code)) return undefined;
      return error;
    }
  }

  /** Whether a transaction cannot be included any more: its time is over, or its number is taken. */
  async #isOver({ expiryHeight, nonce, lane, sender }: Tx, signal: AbortSignal): Promise<boolean> {
    const { height } = this.#chain.head();
    // the state of a head is that of the block before it
    if (height - 1 > expiryHeight) return true;
    const account = await this.#chain.account(sender, signal);
    return (account?.nonces.find((entry) => entry.lane === lane)?.next ?? 0) > nonce;
  }

  async #pending(name: string): Promise<Pending | undefined> {
    const bytes = await this.#parts.journal.read(name);
    if (bytes === undefined) return undefined;
    try {
      if (bytes.length > MAX_PENDING_PAYMENT_BYTES) throw new PerigeeError('PARSE', 'it is too long');
      const { version, raw } = PendingPayment.decodeCanonical(bytes);
      if (version !== PENDING_PAYMENT_VERSION) throw new PerigeeError('UNKNOWN_VERSION', `it has version ${version}`);
      return { raw, body: Tx.decodeCanonical(raw) };
    } catch (cause) {
      const { code, message } = PerigeeError.from(cause);
      if (code === 'UNKNOWN_VERSION') throw cause;
      throw new PerigeeError(
        'STORE_CORRUPT',
        `what was kept of a payment (${name}) cannot be read: ${message}. Remove it when you have seen in the chain what became of it`,
        { cause },
      );
    }
  }

  async #sign(files: readonly Submission[], signal: AbortSignal): Promise<Uint8Array> {
    const { address, lane } = this.#payer;
    const { fund } = this.#parts;
    for (let fundings = 0; ; fundings++) {
      const account = (await this.#chain.account(address, signal)) ?? { balance: 0n, nonces: [] };
      const nonce = account.nonces.find((entry) => entry.lane === lane)?.next ?? 0;
      const { draft, price } = await this.#compose(files, nonce, signal);
      const needed = price + draft.maxFee;
      if (account.balance >= needed) {
        const { genesisHash } = await this.#chain.facts(signal);
        return this.#payer.sign(draft, { genesisHash, chainId: this.#chain.head().chainId });
      }
      const words = `storing this costs ${tokensInWords(needed)}, and account ${keyText(address)} has ${tokensInWords(account.balance)}`;
      const poor = (why: string, cause?: unknown): PerigeeError =>
        new PerigeeError('TX_FEE', `${words}${why}`, {
          data: { balance: String(account.balance), needed: String(needed) },
          cause,
        });
      if (fund === undefined || fundings === MAX_FUNDINGS) throw poor(': pay it first');
      await fund(address, signal).catch((cause: unknown) => {
        const { code, message } = PerigeeError.from(cause);
        throw code === 'ABORTED' ? cause : poor(`. The faucet: ${message}`, cause);
      });
    }
  }

  async #compose(
    files: readonly Submission[],
    nonce: number,
    signal: AbortSignal,
  ): Promise<{ readonly draft: TxDraft; readonly price: bigint }> {
    const { appState, genesisHash } = await this.#chain.facts(signal);
    const { storage, gasPrice } = appState;
    if (storage === undefined) {
      throw new PerigeeError('UNSUPPORTED', 'this chain stores no files: its genesis has no price for them');
    }
    const priceOf = ({ nodes }: Submission): bigint => BigInt(sectorsOf(nodes)) * storage.pricePerSector;
    const messages: TxMessage[] = files.map((file) => ({
      storageSubmit: { ...file, nodes: [...file.nodes], value: priceOf(file) },
    }));
    const { lane, address: sender } = this.#payer;
    const common = { lane, nonce, expiryHeight: this.#chain.head().height + SUBMIT_WITHIN_BLOCKS, tip: 0n, messages };
    // gas depends on the length, and the length on the gas: with the widest numbers it is as long as it can be
    const widest = { ...common, gasLimit: Number.MAX_SAFE_INTEGER, maxFee: (1n << 128n) - 1n };
    const body = { ...widest, version: TX_VERSION, chain: txChain(genesisHash), sender };
    const gasLimit = gasOf(common, TxBody.encode(body).length + AUTH_BYTES);
    const draft = { ...common, gasLimit, maxFee: BigInt(gasLimit) * gasPrice };
    return { draft, price: files.reduce((sum, file) => sum + priceOf(file), 0n) };
  }

  async #missing(files: readonly Submission[], signal: AbortSignal): Promise<Submission[]> {
    const found = await Promise.all(files.map((file) => this.#find(file, signal)));
    return files.filter((_, i) => found[i] === undefined);
  }

  #find({ nodes, length }: Submission, signal: AbortSignal): Promise<StoredFile | undefined> {
    return this.#submissions.plain({ root: dataRootOf(nodes, nobleFileHash), length }, signal);
  }
}

function submissionsIn({ messages }: Tx): Submission[] {
  return messages.flatMap(({ storageSubmit }) => (storageSubmit === undefined ? [] : [storageSubmit]));
}
