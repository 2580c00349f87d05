/** Receipts that payers lay out for auditors: followed, drawn, fetched, executed again one at a time, and reported. */
import { AUDIT_NAMESPACE, decodeReceiptFile } from '@perigee/light-core/receipt';
import { auditKey } from '@perigee/light-core/registration';
import type { Clock, RandomBytes } from '@perigee/light-core/roles';
import { STORE } from '@perigee/light-core/state';
import { abortable } from '@perigee/net';
import {
  AUDIT_VERDICT,
  AuditRecord,
  type ComputeReport,
  type ErrorCode,
  fromHex,
  MAX_AUDIT_BEGINNINGS,
  MAX_LISTED_HEIGHTS,
  type OpenedReceipt,
  PerigeeError,
  toHex,
} from '@perigee/wire';
import type { LightNode } from '../light-node.ts';
import { AuditProgress, type Begun } from './audit-progress.ts';
import type { AuditFinding, AuditOutcome, Auditor } from './auditor.ts';
import type { DepositBook } from './deposit-book.ts';
import { isDrawn } from './draw.ts';
import { wholeBlob } from './whole-blob.ts';

/** Under which the book is kept. */
const BOOK = 'audits';
/** How often it is looked whether the bounds of the day, or the caps of the node, let more come, milliseconds. */
const LOOK_AGAIN_MS = 1_000;
/** A blob that cannot be had, or looked up, for a passing reason is tried so often. */
const LOOK_TRIES = 3;
/** A false answer that the chain does not take for a passing reason is said again so often, and after so long, milliseconds. */
const REPORT_TRIES = 3;
const REPORT_AGAIN_MS = 5_000;
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['BUSY', 'STREAM_CLOSED', 'TIMEOUT', 'UNREACHABLE', 'UNPROVEN']);

/**
 * What came of a blob: what an auditor finds of a receipt; `refused`: it is no receipt that anybody could look at; `known`: this auditor
 * has executed it before; `unreachable`: it could not be fetched.
 */
export type LaidOutOutcome = AuditOutcome | 'refused' | 'known' | 'unreachable';

/** What is said on the chain: all that was executed, only what is false, or nothing. */
export type AuditSays = 'all' | 'false' | 'none';

export interface LaidOutFinding {
  /** Hexadecimal. */
  readonly blobId: string;
  readonly outcome: LaidOutOutcome;
  /** One sentence for people. */
  readonly reason: string;
  /** Code or check that says why. */
  readonly check?: string;
  /** Of a receipt: its order and provider, hexadecimal. */
  readonly order?: string;
  readonly provider?: string;
  /** Of a false answer: `kept`, its receipt is on disk, or the code of what kept it from there. */
  readonly kept?: string;
  /** What became of the report: `reported`, or the code of what kept it from the chain; missing where there was nothing to say. */
  readonly reported?: string;
  readonly atMs: number;
}

export interface AuditWatchView {
  readonly rate: number;
  /** Blobs that were laid out, and those of them that were drawn. */
  readonly seen: number;
  readonly drawn: number;
  /** Drawn, and left out because too many waited. */
  readonly crowdedOut: number;
  readonly waiting: number;
  /** Blobs looked at, by what came of them. */
  readonly outcomes: Readonly<Record<LaidOutOutcome, number>>;
  readonly reported: number;
  /** Of the day, UTC. */
  readonly today: { readonly blobs: number; readonly bytes: number };
}

export interface AuditWatchOptions {
  readonly node: Pick<LightNode, 'chain' | 'list' | 'retrieve' | 'shelf' | 'state'>;
  readonly auditor: Pick<Auditor, 'audit'>;
  /** Chance, 0 to 1, with which each blob is looked at: drawn before anything of it is fetched. */
  readonly rate: number;
  readonly says: AuditSays;
  /** Account that reports, 20 bytes, and what sends its report; resolves when the chain has it. */
  readonly account: Uint8Array;
  readonly report: (report: ComputeReport, signal: AbortSignal) => Promise<void>;
  /** A CSPRNG. */
  readonly random: RandomBytes;
  readonly clock: Clock;
  /** Keeps the receipt of a false answer; resolves when it is on disk. It comes before the report, which the blob may not outlive. */
  readonly keepFalse: (opened: OpenedReceipt) => Promise<void>;
  /** Takes deposits back later; without it none is noted. */
  readonly deposits?: Pick<DepositBook, 'hold' | 'letGo'> | undefined;
  /** Told of each before it is struck off: of one that came when the program was killed perhaps twice. */
  readonly onFinding?: (finding: LaidOutFinding) => void;
}

/** Anybody can lay out anything: each blob costs at most one fetch of a bounded length, and only what holds against the chain is executed. */
export class AuditWatch {
  readonly #options: AuditWatchOptions;
  #progress: AuditProgress;
  /** Of those that could not be had. */
  readonly #tries = new Map<string, number>();
  #seen = 0;
  #drawn = 0;
  #crowdedOut = 0;
  #reported = 0;
  readonly #outcomes: Record<LaidOutOutcome, number> = {
    agreement: 0,
    fraud: 0,
    overcount: 0,
    invalid: 0,
    notAuditable: 0,
    undecided: 0,
    refused: 0,
    known: 0,
    unreachable: 0,
  };

  /** @throws INVALID_ARGUMENT for another rate than 0 to 1 */
  constructor(options: AuditWatchOptions) {
    isDrawn(options.rate, options.random);
    this.#options = options;
    this.#progress = new AuditProgress(options.clock.now());
  }

  get view(): AuditWatchView {
    const { blobs, bytes } = this.#progress.today;
    return {
      rate: this.#options.rate,
      seen: this.#seen,
      drawn: this.#drawn,
      crowdedOut: this.#crowdedOut,
      waiting: this.#progress.waiting,
      outcomes: this.#outcomes,
      reported: this.#reported,
      today: { blobs, bytes },
    };
  }

  /**
   * Goes on from where an earlier run ended, until the signal fires; resolves then.
   *
   * @throws UNKNOWN_VERSION when a later program kept the book
   */
  async run(signal: AbortSignal): Promise<void> {
    const { node, clock } = this.#options;
    const kept = await node.shelf.value(BOOK);
    if (kept !== undefined) this.#progress = AuditProgress.decode(kept, clock.now());
    const news = new Wake();
    news.call();
    const unwatch = node.chain.onHead(() => news.call());
    try {
      while (!signal.aborted) {
        if (news.take() && !(await this.#catchUp(signal))) news.call();
        const mayLook = this.#progress.mayFetch(clock.now()) && node.state.budgets.throttledBy.length === 0;
        const begun = mayLook ? this.#progress.begin() : undefined;
        if (begun !== undefined) await this.#look(begun, signal);
        else if (this.#progress.waiting > 0 || news.isCalled) await clock.sleep(LOOK_AGAIN_MS, signal);
        else await abortable(news.next(), signal);
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    } finally {
      unwatch();
    }
  }

  /** Draws among what was laid out since the last time. @returns whether it is up with the head */
  async #catchUp(signal: AbortSignal): Promise<boolean> {
    const { node, rate, random } = this.#options;
    const { height: above } = this.#progress;
    let listings: Awaited<ReturnType<LightNode['list']>>;
    try {
      listings = await node.list(toHex(AUDIT_NAMESPACE), { above, limit: MAX_LISTED_HEIGHTS, signal });
    } catch (thrown) {
      if (PASSING.has(PerigeeError.from(thrown).code) && !signal.aborted) return false;
      throw thrown;
    }
    for (const { height, blobIds } of listings.toReversed()) {
      this.#progress.height = height;
      for (const blobId of blobIds) {
        this.#seen++;
        if (!isDrawn(rate, random)) continue;
        this.#drawn++;
        if (this.#progress.wait(blobId, random)) this.#crowdedOut++;
      }
    }
    if (listings.length > 0) await this.#keep();
    return true;
  }

  async #look({ blobId, times }: Begun, signal: AbortSignal): Promise<void> {
    // before anything of it is done: what is killed meanwhile is begun again, and what ends this program each time is given up
    await this.#keep();
    try {
      if (times > MAX_AUDIT_BEGINNINGS) this.#found(givenUp(blobId));
      else this.#found(await this.#audit(blobId, decodeReceiptFile(await this.#fetch(blobId, signal)), signal));
      this.#progress.end();
    } catch (thrown) {
      const error = PerigeeError.from(thrown);
      const tries = 1 + (this.#tries.get(blobId) ?? 0);
      if (signal.aborted) this.#progress.putBack();
      else if (PASSING.has(error.code) && tries < LOOK_TRIES) {
        this.#tries.set(blobId, tries);
        this.#progress.end();
        this.#progress.wait(blobId, this.#options.random);
        await this.#options.clock.sleep(LOOK_AGAIN_MS, signal).catch(() => {}); // the loop ends by itself
      } else {
        this.#found(refusal(blobId, error));
        this.#progress.end();
      }
    }
    await this.#keep();
  }

  /** @throws what `wholeBlob` throws */
  async #fetch(blobId: string, signal: AbortSignal): Promise<Uint8Array> {
    const { node, clock } = this.#options;
    return wholeBlob(node, blobId, { signal, onBytes: (count) => this.#progress.noteFetch(count, clock.now()) });
  }

  async #audit(blobId: string, opened: OpenedReceipt, signal: AbortSignal): Promise<Omit<LaidOutFinding, 'atMs'>> {
    const { body } = opened.receipt.checkpoint;
    const about = { blobId, order: toHex(body.orderId), provider: toHex(opened.receipt.order.body.provider) };
    if (this.#progress.isKnown(body) || (await this.#isReported(body, signal))) {
      return { ...about, outcome: 'known', reason: 'This auditor has executed that order before.' };
    }
    const found = await this.#options.auditor.audit(opened, { signal, blobId: fromHex(blobId, 33) });
    const { outcome, reason, check } = found;
    const wasExecuted = outcome === 'agreement' || outcome === 'fraud' || outcome === 'overcount' || check === 'TIMEOUT';
    const isFalse = outcome === 'fraud' || outcome === 'overcount';
    const kept = isFalse ? await this.#keepFalse(opened) : undefined;
    const reported = await this.#report(found, signal);
    // not before it is said: who is stopped in between says it the next time
    if (wasExecuted) this.#progress.know(body);
    return {
      ...about,
      outcome,
      reason,
      ...(check === undefined ? {} : { check }),
      ...(kept === undefined ? {} : { kept }),
      ...(reported === undefined ? {} : { reported }),
    };
  }

  async #isReported({ orderId, sequence }: { orderId: Uint8Array; sequence: number }, signal: AbortSignal): Promise<boolean> {
    const { node, account } = this.#options;
    const raw = await node.chain.get(STORE.compute, auditKey(orderId, account), { signal });
    return raw !== undefined && AuditRecord.decode(raw).sequence >= sequence;
  }

  /** @returns what became of it; `undefined` where there is nothing to say */
  async #report({ report, opened }: AuditFinding, signal: AbortSignal): Promise<string | undefined> {
    const { says, clock } = this.#options;
    if (report === undefined) return undefined;
    const isAgreement = report.verdict === AUDIT_VERDICT.agreement;
    if (says === 'none' || (says === 'false' && isAgreement)) return undefined;
    // an order has one report of an account: a part of an answer that agrees must not stand where a false end would
    if (isAgreement && opened.receipt.checkpoint.body.finish === 0) return undefined;
    if (isAgreement && !this.#progress.mayAgree(clock.now())) return 'BUSY';
    const { deposits } = this.#options;
    const isHeld = deposits === undefined || (await deposits.hold(report));
    // false answers are said whatever it costs
    if (isAgreement && !isHeld) return 'BUSY';
    for (let tries = 1; ; tries++) {
      try {
        await this.#options.report(report, signal);
        this.#reported++;
        if (isAgreement) this.#progress.noteAgreement();
        return 'reported';
      } catch (thrown) {
        if (signal.aborted) throw thrown;
        const { code } = PerigeeError.from(thrown);
        // all else may have come to the chain
        if (code === 'TX_FEE') await deposits?.letGo(report);
        if (isAgreement || !PASSING.has(code) || tries === REPORT_TRIES) return code;
        await clock.sleep(REPORT_AGAIN_MS, signal);
      }
    }
  }

  async #keepFalse(opened: OpenedReceipt): Promise<string> {
    try {
      await this.#options.keepFalse(opened);
      return 'kept';
    } catch (thrown) {
      // a full disk keeps nobody from saying it, and the finding tells
      return PerigeeError.from(thrown).code;
    }
  }

  #found(found: Omit<LaidOutFinding, 'atMs'>): void {
    const finding = { ...found, atMs: this.#options.clock.now() };
    this.#tries.delete(finding.blobId);
    this.#outcomes[finding.outcome]++;
    this.#options.onFinding?.(finding);
  }

  async #keep(): Promise<void> {
    await this.#options.node.shelf.keepValue(BOOK, this.#progress.encode());
  }
}

const NO_RECEIPT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PARSE',
  'NOT_CANONICAL',
  'UNKNOWN_VERSION',
  'BLOB_VERSION',
  'BLOB_LENGTH',
  'BLOB_PADDING',
  'BLOB_EXPIRED',
  'COMMITMENT_MISMATCH',
  'ROW_ROOT_MISMATCH',
]);

function refusal(blobId: string, { code, message }: PerigeeError): Omit<LaidOutFinding, 'atMs'> {
  const outcome = NO_RECEIPT.has(code) ? 'refused' : 'unreachable';
  return { blobId, outcome, reason: `${message.charAt(0).toUpperCase()}${message.slice(1)}.`, check: code };
}

function givenUp(blobId: string): Omit<LaidOutFinding, 'atMs'> {
  const reason = `This program was ended ${MAX_AUDIT_BEGINNINGS} times while it looked at it.`;
  return { blobId, outcome: 'undecided', reason, check: 'ABORTED' };
}

/** Something was said since it was last looked. */
class Wake {
  isCalled = false;
  #tell: () => void = () => {};

  call(): void {
    this.isCalled = true;
    this.#tell();
  }

  take(): boolean {
    const was = this.isCalled;
    this.isCalled = false;
    return was;
  }

  async next(): Promise<void> {
    if (this.isCalled) return;
    await new Promise<void>((resolve) => {
      this.#tell = resolve;
    });
  }
}
