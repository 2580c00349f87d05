import type { Clock } from '@perigee/light-core/roles';
import { eitherSignal, Watchdog } from '@perigee/net';
import {
  type BlobRecord,
  BUSY_RETRY_MS,
  EXPIRY_MARGIN_BLOCKS,
  MAX_BUSY_ANSWERS,
  PerigeeError,
  ROW_SILENCE_MS,
  ROW_STATUS,
  ROW_TIMEOUT_MS,
  type RowAnswer,
  type RowProof,
} from '@perigee/wire';
import { judge, type OnLie } from '../peers/lies.ts';
import type { Peer } from '../peers/peer.ts';
import type { RowVerdict, RowView } from '../state.ts';
import { holderOf, type OpenRow, planRequests, type RowRequest } from './row-requests.ts';
import type { RowVerifier } from './row-verifier.ts';

/** How often it is looked whether someone has connected, milliseconds. */
const LOOK_AGAIN_MS = 20;

export interface RowAskerOptions {
  readonly key: string;
  readonly record: BlobRecord;
  /** Committee addresses of those that signed the certificate, hexadecimal. */
  readonly signers: ReadonlySet<string>;
  readonly verifier: RowVerifier;
  /** Height of the verified head as it is now. */
  readonly height: () => number;
  readonly peers: () => readonly Peer[];
  /** Whether a committee member was found at a peer that lied: nobody waits for it. */
  readonly isBanned: (member: string) => boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onLie: OnLie;
  /** A row has its verdict, for good. */
  readonly onVerdict: (row: OpenRow, verdict: RowVerdict, seen: Partial<RowView>, peer: Peer) => void;
  /** A row was verified: it may be kept. Its bytes are a view that others use later. */
  readonly onProof?: (blobId: string, proof: RowProof) => void;
  readonly onChange: () => void;
}

/**
 * Asks for drawn rows until each has its verdict or nobody is left to ask: holders first, then others that may have them. Retries change the peer,
 * never the index (PROTOCOL §4).
 */
export class RowAsker {
  readonly #options: RowAskerOptions;
  readonly #settled = new WeakSet<OpenRow>();
  /** Peers that have kept silent, and not answered since: nobody waits for them once they were asked. */
  readonly #silent = new WeakSet<Peer>();
  /** Resolves when rows can be verified; rejects when nobody gave what they are verified against. */
  #primed: Promise<void> = Promise.resolve();
  /** Why no verdict can be had. */
  #failure: PerigeeError | undefined;

  constructor(options: RowAskerOptions) {
    this.#options = options;
  }

  /**
   * @param patientUntil until when a holder that is not connected is waited for, milliseconds since 1970
   * @param primed settles when rows can be verified
   * @returns rows that nobody is left to ask for
   * @throws ROW_ROOT_MISMATCH, what ails the verify worker, ABORTED
   */
  async ask(rows: readonly OpenRow[], patientUntil: number, primed: Promise<void>): Promise<readonly OpenRow[]> {
    const { record, peers, isBanned, clock, signal } = this.#options;
    this.#primed = primed;
    primed.catch((error) => this.#fail(error));
    /** Whom each row is asked of, for as long as that peer is waited for. */
    const asking = new Map<OpenRow, RowRequest>();
    const inFlight = new Set<Promise<void>>();
    let wake = (): void => {};
    const release = (request: RowRequest, released: Iterable<OpenRow>): void => {
      for (const row of released) if (asking.get(row) === request) asking.delete(row);
      wake();
    };
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (signal.aborted) throw new PerigeeError('ABORTED', 'sampling was stopped');
      const open = rows.filter((row) => !this.#settled.has(row));
      if (open.length === 0) return open;
      const idle = this.isOver ? [] : open.filter((row) => !asking.has(row));
      const now = clock.now();
      const isAwaited = (member: string) => now < patientUntil && !isBanned(member);
      const { requests, waits } = planRequests(idle, peers(), { now, rowSize: record.rowSize, isAwaited });
      for (const request of requests) {
        for (const row of request.rows) asking.set(row, request);
        const done: Promise<void> = this.#ask(request, (unanswered) => release(request, unanswered)).finally(() => {
          release(request, request.rows);
          inFlight.delete(done);
        });
        inFlight.add(done);
      }
      if (inFlight.size === 0 && !waits) return open;
      const released = new Promise<void>((resolve) => {
        wake = resolve;
      });
      // an answer, a peer that keeps silent, one that has connected meanwhile, or one that is no longer busy
      await Promise.race([...inFlight, released, ...(waits ? [clock.sleep(LOOK_AGAIN_MS, signal).catch(() => {})] : [])]);
    }
  }

  /** Whether nobody owes the rows any more. */
  get isOver(): boolean {
    return this.#options.height() > this.#options.record.expiryHeight;
  }

  /**
   * Asks one peer for some rows and has them verified. Never rejects.
   *
   * @param onSilence called when the peer says nothing for a while: others may be asked for these rows; its answer still counts
   */
  async #ask({ peer, rows }: RowRequest, onSilence: (unanswered: Iterable<OpenRow>) => void): Promise<void> {
    const { record, clock, signal, onLie } = this.#options;
    const unanswered = new Map(rows.map((row) => [row.index, row]));
    for (const row of rows) row.asked.add(peer.id);
    const askedAt = clock.now();
    const limit = new AbortController();
    const overdue = new PerigeeError('TIMEOUT', `${rows.length} rows took longer than ${ROW_TIMEOUT_MS} ms`);
    const silence = new Watchdog(clock, this.#silent.has(peer) ? LOOK_AGAIN_MS : ROW_SILENCE_MS, () => {
      if (unanswered.size === 0) return;
      this.#failed(peer);
      this.#silent.add(peer);
      onSilence(unanswered.values());
    });
    let isSent = false;
    // time runs from when the peer is shown the rows: what waits for its place on the stream is no fault of the peer, and is shown to nobody else
    const onSent = (): void => {
      isSent = true;
      silence.touch();
      clock.sleep(ROW_TIMEOUT_MS, limit.signal).then(
        () => limit.abort(overdue),
        () => {},
      );
    };
    const checks: Promise<void>[] = [];
    try {
      const request = { blobId: record.blobId, indices: [...unanswered.keys()], prime: false };
      const until = eitherSignal(signal, limit.signal);
      for await (const answer of peer.rows(request, { signal: until, timeoutMs: ROW_TIMEOUT_MS, onSent })) {
        const row = answer.index === undefined ? undefined : unanswered.get(answer.index);
        if (row === undefined)
          throw new PerigeeError('PARSE', 'it answers for a row that it was not asked for, or for one twice');
        unanswered.delete(row.index);
        this.#silent.delete(peer);
        silence.touch();
        const proof = rowOf(answer);
        if (proof !== undefined) checks.push(this.#check(peer, row, proof, clock.now() - askedAt));
        else if (answer.status === ROW_STATUS.busy) this.#busy(row, peer);
        else this.#refused(row, peer);
      }
      if (unanswered.size > 0) this.#failed(peer);
    } catch (thrown) {
      if (!signal.aborted) {
        const error = judge(peer, thrown, onLie);
        if (error.code === 'BUSY') for (const row of unanswered.values()) this.#busy(row, peer);
        else this.#failed(peer);
      }
    } finally {
      silence.close();
      limit.abort();
    }
    if (isSent) for (const row of rows) for (const holder of row.holders) if (peer.members.has(holder)) row.reached.add(holder);
    await Promise.all(checks);
  }

  /** No good answer came; who kept silent has that on its record already. */
  #failed(peer: Peer): void {
    if (!this.#silent.has(peer)) peer.track.bad();
  }

  /** Never rejects: what keeps a row from being looked at either ends the sample, or leaves the row without an answer. */
  async #check(peer: Peer, row: OpenRow, proof: RowProof, answerMs: number): Promise<void> {
    const { verifier, key, onProof } = this.#options;
    try {
      await this.#primed;
      const finding = proof.index === row.index ? await verifier.check(proof) : undefined;
      if (finding?.verdict === 'verified') onProof?.(key, proof);
      this.#found(peer, row, finding?.verdict ?? 'invalid/peer', {
        peerId: peer.id,
        transport: peer.connection?.transport,
        fromPage: peer.isPage,
        answerMs,
        verifyUs: finding?.microseconds,
        bytes: proof.row.length + proof.path.length,
      });
    } catch (error) {
      row.isUnseen = true;
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
      const words = `row ${row.index} of blob ${this.#options.key} does not belong to its commitment`;
      this.#options.onLie(peer, new PerigeeError('ROW_PATH', words));
      return;
    }
    if (verdict === 'verified') peer.gave(seen.bytes ?? 0);
    peer.track.good(seen.answerMs ?? 0); // a row that is wrongly coded was passed on as it should be
    if (this.#settled.has(row)) return;
    this.#settled.add(row);
    this.#options.onVerdict(row, verdict, seen, peer);
  }

  /** Only who signed that it would serve the row, and is still bound by it, withholds it; whoever else has no row says nothing. */
  #refused(row: OpenRow, peer: Peer): void {
    const { signers, height, record, onChange } = this.#options;
    const holder = holderOf(row, peer);
    const isBound = height() + EXPIRY_MARGIN_BLOCKS <= record.expiryHeight;
    if (holder !== undefined && signers.has(holder) && isBound) {
      row.otherwise = 'withheld';
      peer.rowsFailed++;
      peer.track.bad();
    }
    onChange();
  }

  /** A busy peer is asked again after a while, and the row is shown to nobody else meanwhile. */
  #busy(row: OpenRow, peer: Peer): void {
    const times = (row.busy.get(peer.id) ?? 0) + 1;
    row.busy.set(peer.id, times);
    if (times > MAX_BUSY_ANSWERS) return;
    row.asked.delete(peer.id);
    row.notBefore = this.#options.clock.now() + BUSY_RETRY_MS * times;
  }
}

/** The row in an answer; `undefined` for a refusal. @throws PARSE when it says that it holds a row and does not */
function rowOf({ status, proof }: RowAnswer): RowProof | undefined {
  if (status !== ROW_STATUS.row) return undefined;
  if (proof === undefined) throw new PerigeeError('PARSE', 'it answers with a row that is not there');
  return proof;
}
