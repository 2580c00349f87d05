import { type CanonicalCommittee, drawIndices, readSigners, redundancyOf } from '@perigee/light-core/da';
import type { Clock, RandomBytes } from '@perigee/light-core/roles';
import { eitherSignal } from '@perigee/net';
import {
  type BlobRecord,
  BUSY_RETRY_MS,
  Committee,
  EXPIRY_MARGIN_BLOCKS,
  FIRST_ROUND_ROWS,
  MAX_BUSY_ANSWERS,
  PerigeeError,
  ROW_STATUS,
  ROW_TIMEOUT_MS,
  type RowAnswer,
  type RowProof,
  toHex,
} from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import { judge, type OnLie } from '../peers/lies.ts';
import type { Peer } from '../peers/peer.ts';
import type { RowVerdict, RowView } from '../state.ts';
import type { Verifier } from '../verify/verifier.ts';
import { holderOf, type OpenRow, openRow, planRequests, type RowRequest } from './row-requests.ts';
import { RowVerifier } from './row-verifier.ts';

/** How long a holder that is not connected is waited for before others are shown its rows, milliseconds. */
const PATIENCE_MS = 5_000;
/** How often it is looked whether someone has connected, milliseconds. */
const LOOK_AGAIN_MS = 20;

export interface BlobSamplerOptions {
  /** Proved under a verified header. */
  readonly record: BlobRecord;
  /** Of the record's epoch, as state proved it. */
  readonly committee: CanonicalCommittee;
  /** Height of the verified head as it is now. */
  readonly height: () => number;
  readonly verify: Pool<Verifier>;
  readonly peers: () => readonly Peer[];
  /** Whether a committee member was found at a peer that lied: nobody waits for it. */
  readonly isBanned: (member: string) => boolean;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly signal: AbortSignal;
  readonly onLie: OnLie;
  readonly onChange: () => void;
  /** A row was verified; it came from this committee member. */
  readonly onVerified: (row: RowView, member: string | undefined) => void;
}

/**
 * Samples one blob: draws the first round before anything is asked, asks the holders, and hands what they say to the verify worker.
 * Retries change the peer, never the index; every drawn index keeps its place (PROTOCOL §4).
 */
export class BlobSampler {
  readonly key: string;
  readonly #options: BlobSamplerOptions;
  readonly #rows = new Map<number, RowView>();
  /** Committee addresses in their order, hexadecimal. */
  readonly #members: readonly string[];
  /** Those that signed the certificate. */
  readonly #signers: ReadonlySet<string>;
  readonly #verifier: RowVerifier;
  /** Ends what goes on beside the rows when they have their verdicts. */
  readonly #stop = new AbortController();
  #phase: 'priming' | 'sampling' = 'priming';
  /** Resolves when rows can be verified. */
  #primed: Promise<void> = Promise.resolve();
  /** Why no verdict can be had. */
  #failure: PerigeeError | undefined;

  constructor(options: BlobSamplerOptions) {
    this.#options = options;
    this.key = toHex(options.record.blobId);
    const signal = eitherSignal(options.signal, this.#stop.signal);
    this.#verifier = new RowVerifier({ ...options, signal, key: this.key });
    const members = options.committee.members.map(({ address }) => toHex(address));
    this.#members = members;
    this.#signers = new Set(readSigners(options.record.signers, members.length).map((place) => members[place] ?? ''));
    const { k, n } = options.record;
    const count = FIRST_ROUND_ROWS[redundancyOf({ k, n })];
    for (const index of drawIndices(count, k + n, options.random)) {
      const fresh = { peerId: undefined, transport: undefined, answerMs: undefined, verifyUs: undefined, bytes: 0 };
      this.#rows.set(index, { index, verdict: 'asked', ...fresh });
    }
  }

  get phase(): 'priming' | 'sampling' {
    return this.#phase;
  }

  /** Rows in the order of the draw. */
  rows(): RowView[] {
    return [...this.#rows.values()];
  }

  /**
   * @returns when every drawn row has its verdict
   * @throws ROW_ROOT_MISMATCH when the certificate's signers are at fault; BLOB_EXPIRED when its time ends meanwhile; what ails the
   *   verify worker; ABORTED
   */
  async run(): Promise<void> {
    const patientUntil = this.#options.clock.now() + PATIENCE_MS;
    const rows = await this.#openRows();
    this.#primed = this.#prime(patientUntil);
    this.#primed.catch((error) => this.#fail(error));
    let open: readonly OpenRow[];
    try {
      open = await this.#askAll(rows, patientUntil);
    } finally {
      this.#stop.abort();
      this.#verifier.release(); // primed memory is for blobs that are being sampled
    }
    for (const row of open) this.#settle(row.index, row.otherwise);
    if (open.length > 0 && this.#isOver()) {
      throw new PerigeeError(
        'BLOB_EXPIRED',
        `blob ${this.key} expired at height ${this.#options.record.expiryHeight}, while it was sampled`,
      );
    }
  }

  /** Who holds what was drawn. */
  async #openRows(): Promise<OpenRow[]> {
    const { record, committee, verify, signal } = this.#options;
    const { blobId, k, n } = record;
    const indices = [...this.#rows.keys()];
    const input = { committee: Committee.encode({ members: committee.members }), blobId, k, n, indices };
    const owners = await verify.run('owners', input, { affinity: this.key, signal });
    return indices.map((index, i) =>
      openRow(
        index,
        (owners[i] ?? []).map((place) => this.#members[place] ?? ''),
      ),
    );
  }

  async #prime(patientUntil: number): Promise<void> {
    await this.#verifier.prime(patientUntil);
    this.#phase = 'sampling';
    this.#options.onChange();
  }

  /** @returns rows that nobody is left to ask for */
  async #askAll(rows: readonly OpenRow[], patientUntil: number): Promise<readonly OpenRow[]> {
    const { record, peers, isBanned, clock, signal } = this.#options;
    const asking = new Set<OpenRow>();
    const inFlight = new Set<Promise<void>>();
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (signal.aborted) throw new PerigeeError('ABORTED', 'sampling was stopped');
      const open = rows.filter((row) => this.#rows.get(row.index)?.verdict === 'asked');
      if (open.length === 0) return open;
      const idle = this.#isOver() ? [] : open.filter((row) => !asking.has(row));
      const now = clock.now();
      const isAwaited = (member: string) => now < patientUntil && !isBanned(member);
      const { requests, waits } = planRequests(idle, peers(), { now, rowSize: record.rowSize, isAwaited });
      for (const request of requests) {
        for (const row of request.rows) asking.add(row);
        const done: Promise<void> = this.#ask(request).finally(() => {
          for (const row of request.rows) asking.delete(row);
          inFlight.delete(done);
        });
        inFlight.add(done);
      }
      if (inFlight.size === 0 && !waits) return open;
      // an answer, a peer that has connected meanwhile, or one that is no longer busy
      await Promise.race([...inFlight, ...(waits ? [clock.sleep(LOOK_AGAIN_MS, signal).catch(() => {})] : [])]);
    }
  }

  /** Asks one peer for some rows and has them verified. Never rejects. */
  async #ask({ peer, rows }: RowRequest): Promise<void> {
    const { record, clock, signal, onLie } = this.#options;
    const unanswered = new Map(rows.map((row) => [row.index, row]));
    for (const row of rows) row.asked.add(peer.id);
    const askedAt = clock.now();
    const limit = new AbortController();
    const overdue = new PerigeeError('TIMEOUT', `${rows.length} rows took longer than ${ROW_TIMEOUT_MS} ms`);
    clock.sleep(ROW_TIMEOUT_MS, limit.signal).then(
      () => limit.abort(overdue),
      () => {},
    );
    const checks: Promise<void>[] = [];
    try {
      const request = { blobId: record.blobId, indices: [...unanswered.keys()], prime: false };
      const until = eitherSignal(signal, limit.signal);
      for await (const answer of peer.rows(request, { signal: until, timeoutMs: ROW_TIMEOUT_MS })) {
        const row = answer.index === undefined ? undefined : unanswered.get(answer.index);
        if (row === undefined)
          throw new PerigeeError('PARSE', 'it answers for a row that it was not asked for, or for one twice');
        unanswered.delete(row.index);
        const proof = rowOf(answer);
        if (proof !== undefined) checks.push(this.#check(peer, row, proof, clock.now() - askedAt));
        else if (answer.status === ROW_STATUS.busy) this.#busy(row, peer);
        else this.#refused(row, peer);
      }
    } catch (thrown) {
      if (!signal.aborted) {
        const error = judge(peer, thrown, onLie);
        if (error.code === 'BUSY') for (const row of unanswered.values()) this.#busy(row, peer);
      }
    } finally {
      limit.abort();
    }
    await Promise.all(checks);
  }

  /** Never rejects: what keeps a row from being looked at either ends the sample, or leaves the row without an answer. */
  async #check(peer: Peer, row: OpenRow, proof: RowProof, answerMs: number): Promise<void> {
    try {
      await this.#primed;
      const finding = proof.index === row.index ? await this.#verifier.check(proof) : undefined;
      this.#found(peer, row, finding?.verdict ?? 'invalid/peer', {
        peerId: peer.id,
        transport: peer.connection?.transport,
        answerMs,
        verifyUs: finding?.microseconds,
        bytes: proof.row.length + proof.path.length,
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(thrown: unknown): void {
    const error = PerigeeError.from(thrown);
    // nobody gave a prime: rows may still be refused, and that is a verdict
    if (error.code !== 'UNREACHABLE') this.#failure ??= error;
  }

  #found(peer: Peer, row: OpenRow, verdict: RowVerdict, seen: Partial<RowView>): void {
    if (verdict === 'invalid/peer') {
      peer.rowsFailed++;
      if (row.otherwise === 'timeout') row.otherwise = verdict;
      const words = `row ${row.index} of blob ${this.key} does not belong to its commitment`;
      this.#options.onLie(peer, new PerigeeError('ROW_PATH', words));
      return;
    }
    this.#settle(row.index, verdict, seen);
    if (verdict !== 'verified') return;
    peer.rowsVerified++;
    const [member] = peer.members;
    this.#options.onVerified(this.#rows.get(row.index) as RowView, holderOf(row, peer) ?? member);
  }

  /** Only who signed that it would serve the row, and is still bound by it, withholds it; whoever else has no row says nothing. */
  #refused(row: OpenRow, peer: Peer): void {
    const holder = holderOf(row, peer);
    const isBound = this.#options.height() + EXPIRY_MARGIN_BLOCKS <= this.#options.record.expiryHeight;
    if (holder !== undefined && this.#signers.has(holder) && isBound) row.otherwise = 'withheld';
    peer.rowsFailed++;
    this.#options.onChange();
  }

  /** A busy peer is asked again after a while, and the row is shown to nobody else meanwhile. */
  #busy(row: OpenRow, peer: Peer): void {
    const times = (row.busy.get(peer.id) ?? 0) + 1;
    row.busy.set(peer.id, times);
    if (times > MAX_BUSY_ANSWERS) return;
    row.asked.delete(peer.id);
    row.notBefore = this.#options.clock.now() + BUSY_RETRY_MS * times;
  }

  #settle(index: number, verdict: RowVerdict, seen: Partial<RowView> = {}): void {
    const row = this.#rows.get(index);
    if (row === undefined || row.verdict !== 'asked') return;
    this.#rows.set(index, { ...row, ...seen, verdict });
    this.#options.onChange();
  }

  /** Whether nobody owes the rows any more. */
  #isOver(): boolean {
    return this.#options.height() > this.#options.record.expiryHeight;
  }
}

/** The row in an answer; `undefined` for a refusal. @throws PARSE when it says that it holds a row and does not */
function rowOf({ status, proof }: RowAnswer): RowProof | undefined {
  if (status !== ROW_STATUS.row) return undefined;
  if (proof === undefined) throw new PerigeeError('PARSE', 'it answers with a row that is not there');
  return proof;
}
