import {
  availabilityBits,
  type CanonicalCommittee,
  drawIndices,
  encodingBits,
  readSigners,
  roundRows,
  samplingGoal,
  samplingOutcome,
  unavailabilityBits,
} from '@perigee/light-core/da';
import type { Clock, RandomBytes } from '@perigee/light-core/roles';
import { eitherSignal } from '@perigee/net';
import { type BlobRecord, Committee, PerigeeError, type Prime, type RowProof, toHex } from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import type { OnLie } from '../peers/lies.ts';
import type { Peer } from '../peers/peer.ts';
import type { Confidence, Outcome, RowVerdict, RowView } from '../state.ts';
import type { Verifier } from '../verify/verifier.ts';
import { RowAsker } from './row-asker.ts';
import { holderOf, type OpenRow, openRow } from './row-requests.ts';
import { RowVerifier } from './row-verifier.ts';

/** How long a holder that is not connected is waited for before others are shown its rows, milliseconds. */
const PATIENCE_MS = 5_000;

/** Shown for what is certain, such as a blob of which K rows were verified: a number that every format holds. */
const CERTAIN_BITS = 9_999;

export type Budget = 'full' | 'light';

/** What convicts a certificate's signers: the prime, and the wrongly coded row unless the prime's row root is enough. */
export interface BadEncoding {
  readonly prime: Prime;
  readonly row: RowProof | undefined;
}

export interface BlobSamplerOptions {
  /** Proved under a verified header. */
  readonly record: BlobRecord;
  /** Of the record's epoch, as state proved it. */
  readonly committee: CanonicalCommittee;
  /** As it is wanted now: who joins a sample may want more of it. */
  readonly budget: () => Budget;
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
  readonly onVerified: (member: string | undefined) => void;
  /** A row was verified: it may be kept. Its bytes are a view that others use later. */
  readonly onProof?: (blobId: string, proof: RowProof) => void;
  /** What the rows are verified against, once that holds. */
  readonly onPrime?: (blobId: string, prime: Prime) => void;
  /** A row has a verdict that somebody is to blame for. */
  readonly onBadRow: (row: RowView) => void;
}

/**
 * Samples one blob in rounds: draws the rows of a round before anything of it is asked, asks until each has its verdict, looks at all rows of all
 * rounds together, and goes on until that says enough or the budget is spent. Every drawn index keeps its place (PROTOCOL §4).
 */
export class BlobSampler {
  readonly key: string;
  readonly #options: BlobSamplerOptions;
  readonly #rows = new Map<number, RowView>();
  /** Committee addresses in their order, hexadecimal. */
  readonly #members: readonly string[];
  readonly #verifier: RowVerifier;
  readonly #asker: RowAsker;
  /** Ends what goes on beside the rows when they have their verdicts. */
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #rounds = 0;
  #phase: 'priming' | 'sampling' = 'priming';
  #isPrimed = false;
  /** Whether every row that is missing so far was asked of all its holders. */
  #isAllAsked = true;
  #badEncoding: BadEncoding | undefined;
  #confidence: { readonly at: string; readonly value: Confidence } | undefined;

  constructor(options: BlobSamplerOptions) {
    this.#options = options;
    this.key = toHex(options.record.blobId);
    this.#signal = eitherSignal(options.signal, this.#stop.signal);
    this.#verifier = new RowVerifier({ ...options, signal: this.#signal, key: this.key });
    const members = options.committee.members.map(({ address }) => toHex(address));
    this.#members = members;
    this.#asker = new RowAsker({
      ...options,
      key: this.key,
      verifier: this.#verifier,
      signers: new Set(readSigners(options.record.signers, members.length).map((place) => members[place] ?? '')),
      onVerdict: (row, verdict, seen, peer) => this.#found(row, verdict, seen, peer),
    });
    this.#draw();
  }

  get phase(): 'priming' | 'sampling' {
    return this.#phase;
  }

  /** Of all rounds, in the order of the draw. */
  rows(): RowView[] {
    return [...this.#rows.values()];
  }

  /** What convicts the signers, once it was found. */
  get badEncoding(): BadEncoding | undefined {
    return this.#badEncoding;
  }

  /** What the rows so far count for. */
  get confidence(): Confidence {
    const { k, n } = this.#options.record;
    const { target, budget } = samplingGoal({ k, n }, this.#options.budget());
    const count = this.#count();
    const rounds = Math.max(1, this.#rounds);
    const failed = this.#badEncoding !== undefined;
    const at = [count.drawn, count.verified, rounds, budget, failed].join();
    if (this.#confidence?.at !== at) {
      const value = {
        ...count,
        rounds,
        budget,
        target,
        availabilityBits: Math.min(CERTAIN_BITS, availabilityBits({ k, n }, count, rounds)),
        unavailabilityBits: Math.min(CERTAIN_BITS, unavailabilityBits({ k, n }, count)),
        encodingBits: encodingBits({ k, n }, count.verified, failed),
      };
      this.#confidence = { at, value };
    }
    return this.#confidence.value;
  }

  /**
   * @returns what all rounds came to
   * @throws ROW_ROOT_MISMATCH when the certificate's signers are at fault; BLOB_EXPIRED when its time ends meanwhile; what ails the
   *   verify worker; ABORTED
   */
  async run(): Promise<Outcome> {
    const patientUntil = this.#options.clock.now() + PATIENCE_MS;
    try {
      for (let drawn = this.#open(); ; drawn = this.#draw()) {
        const outcome = await this.#round(drawn, patientUntil);
        if (outcome !== undefined) return outcome;
      }
    } catch (error) {
      const prime = this.#verifier.misled;
      if (prime !== undefined) this.#badEncoding = { prime, row: undefined };
      throw error;
    } finally {
      this.#stop.abort();
      this.#verifier.release(); // primed memory is for blobs that are being sampled
    }
  }

  /** Draws the rows of the next round, none of which is asked for yet. */
  #draw(): number[] {
    const { record, random, budget } = this.#options;
    const { k, n } = record;
    const count = roundRows({ k, n }, this.#rows.size, samplingGoal({ k, n }, budget()));
    const indices = drawIndices(count, k + n, random, new Set(this.#rows.keys()));
    for (const index of indices) {
      const fresh = {
        peerId: undefined,
        transport: undefined,
        fromPage: false,
        answerMs: undefined,
        verifyUs: undefined,
        bytes: 0,
      };
      this.#rows.set(index, { index, verdict: 'asked', ...fresh });
    }
    return indices;
  }

  #open(): number[] {
    return this.rows().flatMap(({ index, verdict }) => (verdict === 'asked' ? [index] : []));
  }

  /** @returns what all rounds came to so far, `undefined` when another is needed */
  async #round(indices: readonly number[], patientUntil: number): Promise<Outcome | undefined> {
    const { record, isBanned } = this.#options;
    const { k, n } = record;
    const primed = this.#prime(patientUntil);
    primed.catch(() => {}); // who asks for the rows hears of it
    const rows = await this.#openRows(indices);
    const missing = await this.#asker.ask(rows, patientUntil, primed);
    for (const row of missing) this.#settle(row.index, row.otherwise);
    this.#rounds++;
    if (missing.length > 0 && this.#asker.isOver) {
      throw new PerigeeError('BLOB_EXPIRED', `blob ${this.key} expired at height ${record.expiryHeight}, while it was sampled`);
    }
    if (this.#badEncoding !== undefined) return 'badEncoding';
    // rows of who could not be reached, or that came and could not be looked at, say nothing against the blob
    const isTold = ({ isUnseen, holders, reached }: OpenRow) =>
      !isUnseen && holders.every((holder) => reached.has(holder) || isBanned(holder));
    this.#isAllAsked &&= missing.every(isTold);
    const goal = samplingGoal({ k, n }, this.#options.budget());
    const outcome = samplingOutcome({ k, n }, this.#count(), { rounds: this.#rounds, goal, isAllAsked: this.#isAllAsked });
    // more rows would tell nothing while nobody is there to ask, or none can be verified
    const isMute = rows.every((row) => row.reached.size === 0) || (!this.#isPrimed && rows.some((row) => row.isUnseen));
    return outcome ?? (isMute && missing.length === rows.length ? 'inconclusive' : undefined);
  }

  #count(): { drawn: number; verified: number } {
    let verified = 0;
    for (const row of this.#rows.values()) if (row.verdict === 'verified') verified++;
    return { drawn: this.#rows.size, verified };
  }

  /** Who holds what was drawn. */
  async #openRows(indices: readonly number[]): Promise<OpenRow[]> {
    const { record, committee, verify } = this.#options;
    const { blobId, k, n } = record;
    const input = { committee: Committee.encode({ members: committee.members }), blobId, k, n, indices };
    const owners = await verify.run('owners', input, { signal: this.#signal });
    return indices.map((index, i) =>
      openRow(
        index,
        (owners[i] ?? []).map((place) => this.#members[place] ?? ''),
      ),
    );
  }

  /** Once for all rounds; a round after one in which nobody gave a prime tries again. */
  async #prime(patientUntil: number): Promise<void> {
    if (this.#isPrimed) return;
    await this.#verifier.load(patientUntil);
    this.#isPrimed = true;
    this.#phase = 'sampling';
    this.#options.onChange();
  }

  #found(row: OpenRow, verdict: RowVerdict, seen: Partial<RowView>, peer: Peer): void {
    const view = this.#settle(row.index, verdict, seen);
    if (view === undefined) return;
    if (verdict === 'invalid/encoding') {
      const { prime, convicting } = this.#verifier;
      if (prime !== undefined && convicting !== undefined) this.#badEncoding ??= { prime, row: convicting };
    }
    const [member] = peer.members;
    if (verdict === 'verified') this.#options.onVerified(holderOf(row, peer) ?? member);
  }

  #settle(index: number, verdict: RowVerdict, seen: Partial<RowView> = {}): RowView | undefined {
    const row = this.#rows.get(index);
    if (row === undefined || row.verdict !== 'asked') return undefined;
    const view = { ...row, ...seen, verdict };
    this.#rows.set(index, view);
    if (verdict !== 'verified' && verdict !== 'timeout') this.#options.onBadRow(view);
    this.#options.onChange();
    return view;
  }
}
