import type { Clock } from '@perigee/light-core/roles';
import { createStopController } from '@perigee/net';
import {
  type BlobRecord,
  MAX_IN_FLIGHT,
  MAX_REQUEST_ROW_BYTES,
  PerigeeError,
  ROW_STATUS,
  ROW_TIMEOUT_MS,
  type RowProof,
  toHex,
} from '@perigee/wire';
import { InFlight } from '../in-flight.ts';
import { judge, type OnLie } from '../peers/lies.ts';
import type { Peer } from '../peers/peer.ts';
import type { RowFindings } from './retriever.ts';
import type { Holder, RowPlan } from './row-plan.ts';

/** How long it is waited for holders that are not connected when nobody else has a row that is missing, milliseconds. */
const PATIENCE_MS = 5_000;
/** How often it is looked whether someone has connected or fallen behind, milliseconds. */
const LOOK_AGAIN_MS = 50;
/** Holders that an error names. */
const NAMED_HOLDERS = 8;

export interface RowFetchOptions {
  readonly record: BlobRecord;
  readonly plan: RowPlan;
  readonly peers: () => readonly Peer[];
  /** Verifies rows, which move away, and keeps those that hold. */
  readonly add: (rows: readonly RowProof[]) => Promise<RowFindings>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onLie: OnLie;
  /** Whether rows may still come from somebody who is no holder. */
  readonly comesElsewhere: () => boolean;
  /** Bytes that came. */
  readonly onBytes: (count: number) => void;
}

/** Asks the holders of a blob side by side, at most MAX_IN_FLIGHT requests of MAX_REQUEST_ROW_BYTES each at a peer, until K rows are verified. */
export class RowFetch {
  readonly #options: RowFetchOptions;
  readonly #stop = createStopController();
  readonly #perRequest: number;
  readonly #inFlight = new InFlight();
  /** Requests by peer id. */
  readonly #load = new Map<string, number>();
  #patientUntil: number;
  #held = 0;

  constructor(options: RowFetchOptions) {
    this.#options = options;
    this.#perRequest = Math.max(1, Math.floor(MAX_REQUEST_ROW_BYTES / options.record.rowSize));
    this.#patientUntil = options.clock.now() + PATIENCE_MS;
  }

  /** @throws NOT_ENOUGH_ROWS when nobody is left to ask; COMMITMENT_MISMATCH when a row shows that the blob is no codeword; ABORTED, and what ails the worker */
  async run(): Promise<void> {
    const { record, clock, signal } = this.#options;
    const stop = this.#stop;
    const onAbort = (): void => stop.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (this.#held < record.k) {
        if (this.#inFlight.failure !== undefined) throw this.#inFlight.failure;
        if (signal.aborted) throw new PerigeeError('ABORTED', 'the retrieval was stopped');
        this.#askAll();
        if (this.#inFlight.size === 0 && !this.#mayWait() && !this.#options.comesElsewhere()) throw this.#notEnough();
        await Promise.race([...this.#inFlight, clock.sleep(LOOK_AGAIN_MS, stop.signal).catch(() => {})]);
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      stop.abort();
    }
  }

  /** Verified rows that are there now: rows may come from elsewhere too. */
  note(held: number): void {
    this.#held = Math.max(this.#held, held);
    this.#patientUntil = this.#options.clock.now() + PATIENCE_MS;
  }

  /** One request to each holder in turn, until nobody takes one more. */
  #askAll(): void {
    const { plan } = this.#options;
    const byMember = this.#reachable();
    const isReachable = (holder: Holder): boolean => byMember.has(holder.member);
    for (let anyone = true; anyone; ) {
      anyone = false;
      for (const holder of plan.holders) {
        const peer = byMember.get(holder.member);
        if (peer === undefined || (this.#load.get(peer.id) ?? 0) >= MAX_IN_FLIGHT) continue;
        const now = this.#options.clock.now();
        const rows = plan.next(holder, this.#perRequest, now, isReachable);
        if (rows.length === 0) continue;
        plan.asked(holder, rows, now);
        this.#begin(peer, holder, rows);
        anyone = true;
      }
    }
  }

  #begin(peer: Peer, holder: Holder, rows: readonly number[]): void {
    this.#load.set(peer.id, (this.#load.get(peer.id) ?? 0) + 1);
    const asked = this.#ask(peer, holder, rows).finally(() => this.#load.set(peer.id, (this.#load.get(peer.id) ?? 1) - 1));
    // the peer's place is free as soon as its answer is here; the verification goes on beside the next request
    this.#inFlight.add(asked);
    this.#inFlight.add(asked.then((proofs) => this.#check(peer, holder, proofs)));
  }

  /** @returns the rows that came */
  async #ask(peer: Peer, holder: Holder, rows: readonly number[]): Promise<RowProof[]> {
    const { record, plan, clock, onLie, onBytes } = this.#options;
    const unanswered = new Set(rows);
    const busy: number[] = [];
    const came: RowProof[] = [];
    try {
      const request = { blobId: record.blobId, indices: [...rows], prime: false };
      for await (const { index, status, proof } of peer.rows(request, { signal: this.#stop.signal, timeoutMs: ROW_TIMEOUT_MS })) {
        if (index === undefined || !unanswered.delete(index)) {
          throw new PerigeeError('PARSE', 'it answers for a row that it was not asked for, or for one twice');
        }
        if (status === ROW_STATUS.busy) busy.push(index);
        else if (status !== ROW_STATUS.row) plan.refused(holder, index, clock.now());
        else if (proof?.index !== index)
          throw new PerigeeError('PARSE', 'it answers with a row that is not there, or with another');
        else {
          onBytes(proof.row.length + proof.path.length);
          if (plan.arrived(holder, index, clock.now())) came.push(proof);
        }
      }
      for (const index of unanswered) plan.refused(holder, index, clock.now());
      unanswered.clear();
    } catch (thrown) {
      if (!this.#stop.signal.aborted) judge(peer, thrown, onLie);
    }
    const nothing = [...busy, ...unanswered];
    if (nothing.length > 0) plan.failed(holder, nothing, clock.now());
    return came;
  }

  async #check(peer: Peer, holder: Holder, proofs: readonly RowProof[]): Promise<void> {
    if (proofs.length === 0 || this.#stop.signal.aborted) return;
    const { plan, record, add, onLie } = this.#options;
    const indices = proofs.map(({ index }) => index);
    const sizes = proofs.map(({ row, path }) => row.length + path.length);
    const { verdicts, held, misfit } = await add(proofs);
    this.note(held);
    if (misfit !== undefined) throw noCodeword(record, misfit);
    for (const [i, index] of indices.entries()) {
      const holds = verdicts[i] === 'verified';
      plan.verified(holder, index, holds);
      if (holds) peer.gave(sizes[i] ?? 0);
      else this.#lied(peer, index, onLie);
    }
  }

  #lied(peer: Peer, index: number, onLie: OnLie): void {
    peer.rowsFailed++;
    const words = `row ${index} of blob ${toHex(this.#options.record.blobId)} does not belong to its commitment`;
    onLie(peer, new PerigeeError('ROW_PATH', words));
  }

  #reachable(): Map<string, Peer> {
    const byMember = new Map<string, Peer>();
    for (const peer of this.#options.peers()) {
      if (peer.usable) for (const member of peer.members) byMember.set(member, peer);
    }
    return byMember;
  }

  /** Whether a row may still come: someone is left alone for a while, or is not connected and may be soon. */
  #mayWait(): boolean {
    const { plan, clock } = this.#options;
    const byMember = this.#reachable();
    const isPatient = clock.now() < this.#patientUntil;
    return plan.holders.some((holder) => (byMember.has(holder.member) || isPatient) && plan.mayGive(holder));
  }

  #notEnough(): PerigeeError {
    const { plan, record } = this.#options;
    const byMember = this.#reachable();
    const words = plan.holders.slice(0, NAMED_HOLDERS).map((holder) => {
      const where = byMember.has(holder.member) ? '' : ' (not connected)';
      return `${holder.verified} of ${holder.rows.length} from ${holder.member}${where}`;
    });
    const more = plan.holders.length - words.length;
    const others = more > 0 ? `, and from ${more} more` : '';
    return new PerigeeError(
      'NOT_ENOUGH_ROWS',
      `${this.#held} of the ${record.k} rows that are needed could be had: ${words.join(', ')}${others}; try again when more of its holders are connected`,
      { data: { have: this.#held, need: record.k } },
    );
  }
}

/** Its signers certified what they never checked; the row itself shows it. */
export function noCodeword({ blobId }: BlobRecord, { index }: RowProof): PerigeeError {
  return new PerigeeError(
    'COMMITMENT_MISMATCH',
    `row ${index} of blob ${toHex(blobId)} is under its root and does not fit its coding: the blob was encoded wrongly`,
  );
}
