import { type CanonicalCommittee, drawIndices, readSigners, redundancyOf } from '@perigee/light-core/da';
import type { Clock, RandomBytes } from '@perigee/light-core/roles';
import {
  type BlobRecord,
  Committee,
  FIRST_ROUND_ROWS,
  PerigeeError,
  ROW_STATUS,
  ROW_TIMEOUT_MS,
  type RowProof,
  toHex,
} from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import type { Peer } from '../peers/peer.ts';
import type { RowVerdict, RowView } from '../state.ts';
import type { Verifier } from '../verify/verifier.ts';
import { type OpenRow, planRequests, type RowRequest } from './row-requests.ts';

/** How long a holder that is not connected is waited for before others are shown its rows, milliseconds. */
const PATIENCE_MS = 5_000;
/** How often it is looked whether someone has connected, milliseconds. */
const LOOK_AGAIN_MS = 20;

export interface BlobSamplerOptions {
  /** Proved under a verified header. */
  readonly record: BlobRecord;
  /** Of the record's epoch, as state proved it. */
  readonly committee: CanonicalCommittee;
  readonly verify: Pool<Verifier>;
  readonly peers: () => readonly Peer[];
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly signal: AbortSignal;
  readonly onLie: (peer: Peer, error: PerigeeError) => void;
  readonly onChange: () => void;
  /** A row was verified. */
  readonly onVerified: (row: RowView, peer: Peer) => void;
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
  #phase: 'priming' | 'sampling' = 'priming';
  /** Resolves when rows can be verified. */
  #primed: Promise<void> = Promise.resolve();

  constructor(options: BlobSamplerOptions) {
    this.#options = options;
    this.key = toHex(options.record.blobId);
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
   * @throws ROW_ROOT_MISMATCH when the certificate's signers are at fault; UNREACHABLE when no holder can be asked
   */
  async run(): Promise<void> {
    const { record, committee, verify, clock, signal } = this.#options;
    const { blobId, k, n } = record;
    const indices = [...this.#rows.keys()];
    const input = { committee: Committee.encode({ members: committee.members }), blobId, k, n, indices };
    const owners = await verify.run('owners', input, { affinity: this.key, signal });
    let open: OpenRow[] = indices.map((index, i) => ({
      index,
      holders: (owners[i] ?? []).map((place) => this.#members[place] ?? ''),
      asked: new Set(),
      otherwise: 'timeout',
    }));
    const patientUntil = clock.now() + PATIENCE_MS;
    this.#primed = this.#prime(patientUntil);
    this.#primed.catch(() => {}); // those who wait for it see the error
    const asking = new Set<OpenRow>();
    const inFlight = new Set<Promise<void>>();
    let failure: PerigeeError | undefined;
    try {
      while (failure === undefined) {
        open = open.filter((row) => this.#rows.get(row.index)?.verdict === 'asked');
        const patient = clock.now() < patientUntil;
        const idle = open.filter((row) => !asking.has(row));
        for (const request of planRequests(idle, this.#options.peers(), record.rowSize, patient)) {
          for (const row of request.rows) asking.add(row);
          const done: Promise<void> = this.#ask(request)
            .catch((error) => {
              failure ??= PerigeeError.from(error);
            })
            .finally(() => {
              for (const row of request.rows) asking.delete(row);
              inFlight.delete(done);
            });
          inFlight.add(done);
        }
        if (asking.size === 0 && (open.length === 0 || !patient)) break;
        // an answer, or a peer that has connected meanwhile
        await Promise.race([...inFlight, clock.sleep(LOOK_AGAIN_MS, signal)]);
      }
      if (failure !== undefined) throw failure;
      for (const row of open) this.#settle(row.index, row.otherwise);
    } finally {
      // primed memory is for blobs that are being sampled; the pool may be closed by now
      verify.run('release', { key: this.key }, { affinity: this.key }).catch(() => {});
    }
  }

  /** Primes the blob from the first peer whose prime holds. Asked apart from the rows, so that no row waits for a peer that is slow. */
  async #prime(patientUntil: number): Promise<void> {
    const { record, verify, clock, signal, onLie } = this.#options;
    const { blobId, k, n, rowSize, rowRoot } = record;
    const tried = new Set<Peer>();
    for (;;) {
      const peer = this.#options.peers().find((each) => each.usable && each.member !== undefined && !tried.has(each));
      if (peer === undefined) {
        if (clock.now() > patientUntil) break;
        await clock.sleep(LOOK_AGAIN_MS, signal);
        continue;
      }
      tried.add(peer);
      try {
        for await (const { prime } of peer.rows({ blobId, indices: [], prime: true }, { signal, timeoutMs: ROW_TIMEOUT_MS })) {
          if (prime === undefined) continue;
          const input = {
            key: this.key,
            shape: { blobId, k, n, rowSize, rowRoot },
            rowRoot: prime.rowRoot,
            rlcOriginal: prime.rlcOriginal.slice(),
          };
          await verify.run('prime', input, { affinity: this.key, signal, transfer: [input.rlcOriginal.buffer] });
          this.#phase = 'sampling';
          this.#options.onChange();
          return;
        }
      } catch (thrown) {
        const error = PerigeeError.from(thrown);
        if (signal.aborted || error.code === 'ROW_ROOT_MISMATCH') throw error;
        peer.error = error.message;
        if (error.code === 'COMMITMENT_MISMATCH') onLie(peer, error);
      }
    }
    throw new PerigeeError('UNREACHABLE', `no peer gave what rows of blob ${this.key} are verified against; try again later`);
  }

  async #ask({ peer, rows }: RowRequest): Promise<void> {
    const { record, clock, signal, onLie } = this.#options;
    const byIndex = new Map(rows.map((row) => [row.index, row]));
    for (const row of rows) row.asked.add(peer.id);
    const askedAt = clock.now();
    const verifications: Promise<void>[] = [];
    try {
      const request = { blobId: record.blobId, indices: [...byIndex.keys()], prime: false };
      for await (const answer of peer.rows(request, { signal, timeoutMs: ROW_TIMEOUT_MS })) {
        const row = answer.index === undefined ? undefined : byIndex.get(answer.index);
        if (row === undefined) continue; // not asked for, or answered already: neither trusted nor counted
        byIndex.delete(row.index);
        if (answer.status === ROW_STATUS.row && answer.proof !== undefined) {
          verifications.push(this.#verify(peer, row, answer.proof, clock.now() - askedAt));
        } else this.#refused(row, peer);
      }
    } catch (thrown) {
      const error = PerigeeError.from(thrown);
      if (error.code === 'PARSE' && error.data?.remote !== true) onLie(peer, error);
      peer.error = error.message;
    }
    const results = await Promise.allSettled(verifications);
    if (signal.aborted) throw new PerigeeError('ABORTED', 'sampling was stopped');
    for (const result of results) {
      if (result.status === 'fulfilled') continue;
      const error = PerigeeError.from(result.reason);
      if (error.code === 'ROW_ROOT_MISMATCH') throw error;
      peer.error = error.message;
    }
  }

  async #verify(peer: Peer, open: OpenRow, proof: RowProof, answerMs: number): Promise<void> {
    const { index } = open;
    const { verify, signal } = this.#options;
    // copies: the views lie on a frame that other rows share, and these buffers move to the worker
    const row = proof.row.slice();
    const path = proof.path.slice();
    await this.#primed;
    const bytes = row.length + path.length;
    const { verdicts, microseconds } = await verify.run(
      'verifyRows',
      { key: this.key, proofs: [{ index: proof.index, row, path }] },
      { affinity: this.key, signal, transfer: [row.buffer, path.buffer] },
    );
    const verdict = proof.index === index ? verdicts[0] : 'invalid/peer';
    const view: Partial<RowView> = {
      peerId: peer.id,
      transport: peer.connection?.transport,
      answerMs,
      verifyUs: microseconds,
      bytes,
    };
    if (verdict === 'verified') {
      peer.rowsVerified++;
      this.#settle(index, 'verified', view);
      this.#options.onVerified(this.#rows.get(index) as RowView, peer);
    } else if (verdict === 'invalid/encoding') {
      this.#settle(index, verdict, view);
    } else {
      peer.rowsFailed++;
      if (open.otherwise === 'timeout') open.otherwise = 'invalid/peer';
      this.#options.onLie(
        peer,
        new PerigeeError('ROW_PATH', `row ${index} of blob ${this.key} does not belong to its commitment`),
      );
    }
  }

  #refused(row: OpenRow, peer: Peer): void {
    // only who signed that it would serve the row withholds it; whoever else has no row says nothing
    if (peer.member !== undefined && row.holders.includes(peer.member) && this.#signers.has(peer.member))
      row.otherwise = 'withheld';
    peer.rowsFailed++;
    this.#options.onChange();
  }

  #settle(index: number, verdict: RowVerdict, seen: Partial<RowView> = {}): void {
    const row = this.#rows.get(index);
    if (row === undefined || row.verdict !== 'asked') return;
    this.#rows.set(index, { ...row, ...seen, verdict });
    this.#options.onChange();
  }
}
