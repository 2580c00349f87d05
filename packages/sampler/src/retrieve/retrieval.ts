import type { CanonicalCommittee } from '@perigee/light-core/da';
import type { Clock } from '@perigee/light-core/roles';
import { eitherSignal } from '@perigee/net';
import {
  type BlobRecord,
  Committee,
  equal,
  PerigeeError,
  type Prime,
  RETRIEVED_ROWS_PER_JOB,
  type RowProof,
  toHex,
} from '@perigee/wire';
import { createPool, type Pool, type WorkerLike } from '@perigee/workers';
import { askPrime } from '../blob/ask-prime.ts';
import type { BadEncoding } from '../blob/blob-sampler.ts';
import type { Pages } from '../pages/index.ts';
import type { OnLie } from '../peers/lies.ts';
import type { Peer } from '../peers/peer.ts';
import type { RetrievedBlob, RetrieveOptions, RetrieveProgress } from '../requests.ts';
import type { PageFetch } from './page-fetch.ts';
import type { BlobToRetrieve, Retriever, RowFindings } from './retriever.ts';
import { RowFetch } from './row-fetch.ts';
import { RowPlan } from './row-plan.ts';
import { writeOut } from './write-out.ts';

/** How long a holder that is not connected is waited for before there is no prime, milliseconds. */
const PATIENCE_MS = 5_000;

export interface RetrievalOptions extends Omit<RetrieveOptions, 'signal'> {
  /** Proved under a verified header, as is the committee of its epoch. */
  readonly record: BlobRecord;
  readonly committee: CanonicalCommittee;
  readonly peers: () => readonly Peer[];
  /** Rows that an earlier visit has kept; they are verified once more. */
  readonly keptRows: () => Promise<readonly RowProof[]>;
  /** Other pages, and what is kept for them; `undefined` where nothing is shared. */
  readonly pages: () => Pages | undefined;
  readonly spawn: () => WorkerLike;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onLie: OnLie;
}

/**
 * One blob from its record to its data, in a worker of its own that ends with it. The window only moves buffers: rows in, pieces of
 * the data out.
 */
export class Retrieval {
  readonly #options: RetrievalOptions;
  readonly #worker: Pool<Retriever>;
  readonly #signal: AbortSignal;
  /** Ends what goes on beside. */
  readonly #stop = new AbortController();
  #isGathered = false;
  #held = 0;
  #originals = 0;
  #bytesIn = 0;
  #prime: Prime | undefined;
  #misfit: RowProof | undefined;

  constructor(options: RetrievalOptions) {
    this.#options = options;
    this.#signal = eitherSignal(options.signal, this.#stop.signal);
    this.#worker = createPool<Retriever>({ spawn: options.spawn, size: 1 });
  }

  /** What convicts the signers, where they are at fault and a row or the prime shows it. */
  get badEncoding(): BadEncoding | undefined {
    const { record } = this.#options;
    const prime = this.#prime;
    if (prime === undefined || (this.#misfit === undefined && equal(prime.rowRoot, record.rowRoot))) return undefined;
    return { prime, row: this.#misfit };
  }

  /**
   * @throws UNREACHABLE when no peer gave a prime, NOT_ENOUGH_ROWS; ROW_ROOT_MISMATCH, COMMITMENT_MISMATCH: its signers are at fault; BLOB_VERSION,
   *   BLOB_LENGTH, BLOB_PADDING: its publisher broke the form; what the sink throws; ABORTED, OUT_OF_MEMORY, INTERNAL (the worker)
   */
  async run(): Promise<RetrievedBlob> {
    const { sink, record } = this.#options;
    try {
      await this.#gather();
      this.#isGathered = true;
      this.#tell(this.#originals < record.k ? 'reconstruct' : 'compare');
      await this.#worker.run('restore', undefined, { signal: this.#signal });
      const sha256 = this.#worker.run('digest', undefined, { signal: this.#signal });
      sha256.catch(() => {}); // awaited below, unless the sink fails first
      const { length } = record;
      await writeOut(this.#worker, length, { sink, signal: this.#signal, onPiece: () => this.#tell('write') });
      const found = await sha256;
      await sink.close();
      this.#tell('done');
      const blobId = toHex(record.blobId);
      return { blobId, length, sha256: found, rows: this.#held, originals: this.#originals, segments: 0, bytesIn: this.#bytesIn };
    } finally {
      this.#stop.abort();
      await this.#worker.close();
    }
  }

  /** Until the worker holds K verified rows. */
  async #gather(): Promise<void> {
    const { record, committee, peers, pages, clock, onLie } = this.#options;
    const { blobId, k, n, rowSize, length, rowRoot } = record;
    this.#worker.run('warm', undefined, { signal: this.#signal }).catch(() => {}); // the next job says why
    const bytes = Committee.encode({ members: committee.members });
    const rows = await this.#worker.run('assignment', { committee: bytes, blobId, k, n }, { signal: this.#signal });
    const members = committee.members.map(({ address }, i) => ({ member: toHex(address), rows: rows[i] ?? new Uint16Array() }));
    const now = clock.now();
    const plan = new RowPlan(record, members, now);
    this.#tell('rows');
    const toRetrieve = { blobId, k, n, rowSize, length, rowRoot };
    const load = (prime: Prime) => this.#load(toRetrieve, prime);
    const all = () => [...peers(), ...(pages()?.usable() ?? [])];
    const primed = askPrime({ record, peers: all, load, clock, signal: this.#signal, patientUntil: now + PATIENCE_MS, onLie });
    const common = {
      record,
      add: async (proofs: readonly RowProof[]) => {
        await primed;
        return this.#add(proofs);
      },
      clock,
      signal: this.#signal,
      onLie,
      onBytes: (count: number) => {
        this.#bytesIn += count;
      },
    };
    let fromPages: PageFetch | undefined;
    const fetch = new RowFetch({ ...common, plan, peers, comesElsewhere: () => fromPages?.isActive ?? false });
    const gather = async (): Promise<void> => {
      const help = pages();
      if (help === undefined || help.usable().length === 0) return fetch.run();
      const { PageFetch } = await import('./page-fetch.ts');
      fromPages = new PageFetch({ ...common, help, plan, note: (held) => fetch.note(held) });
      return fromPages.before(() => fetch.run());
    };
    await Promise.all([primed, this.#addKept(primed, plan, fetch), gather()]);
  }

  async #load(record: BlobToRetrieve, prime: Prime): Promise<void> {
    try {
      await this.#worker.run('prime', { record, prime }, { signal: this.#signal });
      this.#prime = prime;
      this.#options.pages()?.shelf.addPrime(toHex(record.blobId), prime);
    } catch (error) {
      if (error instanceof PerigeeError && error.code === 'ROW_ROOT_MISMATCH') this.#prime = prime;
      throw error;
    }
  }

  /** Verifies rows in the worker; their buffers move there. */
  async #add(rows: readonly RowProof[]): Promise<RowFindings> {
    const { pages, record } = this.#options;
    const shelf = pages()?.shelf;
    // copies, because the buffers move away
    const copies =
      shelf === undefined ? [] : rows.map(({ index, row, path }) => ({ index, row: row.slice(), path: path.slice() }));
    const transfer = [...new Set(rows.flatMap(({ row, path }) => [row.buffer, path.buffer]))] as ArrayBuffer[];
    const findings = await this.#worker.run('add', { rows }, { transfer, signal: this.#signal });
    this.#held = findings.held;
    this.#originals = findings.originals;
    this.#misfit ??= findings.misfit;
    copies.forEach((copy, i) => {
      if (findings.verdicts[i] === 'verified') shelf?.add(toHex(record.blobId), copy);
    });
    if (!this.#isGathered) this.#tell('rows'); // rows that were on their way still come in
    return findings;
  }

  /** What an earlier visit has kept need not be asked for; what of it is damaged is. */
  async #addKept(primed: Promise<void>, plan: RowPlan, fetch: RowFetch): Promise<void> {
    const kept = await this.#options.keptRows();
    await primed;
    for (let at = 0; at < kept.length; at += RETRIEVED_ROWS_PER_JOB) {
      const rows = kept
        .slice(at, at + RETRIEVED_ROWS_PER_JOB)
        .map((proof) => ({ ...proof, row: proof.row.slice(), path: proof.path.slice() }));
      const indices = rows.map(({ index }) => index);
      const { verdicts, held } = await this.#add(rows);
      for (const [i, index] of indices.entries()) if (verdicts[i] === 'verified') plan.verified(undefined, index, true);
      fetch.note(held);
    }
  }

  #tell(stage: RetrieveProgress['stage']): void {
    this.#options.onProgress?.({ stage, rows: this.#held, needed: this.#options.record.k, bytesIn: this.#bytesIn });
  }
}
