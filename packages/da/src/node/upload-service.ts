import type { ChainView } from '@perigee/light-core/da';
import {
  assignRows,
  blobFee,
  type CanonicalCommittee,
  certificateSignBytes,
  certificateTerms,
  memberIndex,
  promiseIdOf,
  verifyPromise,
} from '@perigee/light-core/da';
import type { Clock } from '@perigee/light-core/roles';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { lastHeightOfEpoch } from '@perigee/light-core/state';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import { type Asker, FairPlaces } from '@perigee/net';
import {
  type AppState,
  type BlobPromise,
  commitmentOf,
  MAX_OPEN_UPLOADS,
  MAX_OPEN_UPLOADS_PER_PEER,
  MAX_REMEMBERED_SIGNATURES,
  MAX_REQUEST_ROW_BYTES,
  PerigeeError,
  type Prime,
  type PromiseBody,
  type RowProof,
  toHex,
  UNCERTIFIED_BLOCKS,
  UPLOAD_IDLE_MS,
  type UploadAnswer,
  type UploadRequest,
} from '@perigee/wire';
import type { PrimeInput } from '../codec/codec-jobs.ts';
import type { CodecPool } from '../codec/codec-pool.ts';
import { layoutOf, type RowFileHeader } from '../store/row-file-format.ts';
import type { Holding, RowStore } from '../store/row-store.ts';
import type { Reservations, Reserved } from './reservations.ts';

export interface UploadServiceParts {
  readonly chain: ChainView;
  readonly store: RowStore;
  readonly pool: CodecPool;
  readonly reservations: Reservations;
  readonly clock: Clock;
  readonly verifyEd25519: VerifyEd25519;
  /** The member's committee key. */
  readonly signer: Ed25519Signer;
  /** The member's address in the committee. */
  readonly address: Uint8Array;
}

/** Who asks. */
export interface Uploader extends Asker {
  readonly signal: AbortSignal;
}

interface Upload {
  readonly body: PromiseBody;
  readonly committee: CanonicalCommittee;
  readonly prime: PrimeInput;
  readonly holding: Holding;
  readonly reserved: Reserved;
  /** Gives its place to others. */
  readonly leave: () => void;
  touchedMs: number;
}

/**
 * Takes the rows that are assigned to this member, checks each of them, keeps them, and signs when all are on disk. Steps may be
 * repeated, and come from several publishers of one blob at a time.
 */
export class UploadService {
  readonly #parts: UploadServiceParts;
  /** By promiseId, hexadecimal. */
  readonly #uploads = new Map<string, Upload>();
  /** Those that are being opened: they have a place too. */
  readonly #opening = new Set<string>();
  readonly #places = new FairPlaces(MAX_OPEN_UPLOADS, MAX_OPEN_UPLOADS_PER_PEER);
  readonly #signatures = new Map<string, Uint8Array>();

  constructor(parts: UploadServiceParts) {
    this.#parts = parts;
  }

  /** @throws whatever refuses the step; nothing of a refused step is kept */
  async answer(request: UploadRequest, from: Uploader): Promise<UploadAnswer> {
    const { open, rows, sign } = request;
    if ([open, rows, sign].filter((step) => step !== undefined).length !== 1) {
      throw new PerigeeError('PARSE', 'an upload request holds one step: open, rows or sign');
    }
    if (open !== undefined) return heldRows(await this.#open(open, from));
    if (rows !== undefined) return { missing: await this.#take(rows.promiseId, rows.rows, from) };
    return { missing: 0, signature: await this.#sign(sign ?? new Uint8Array(0)) };
  }

  get openUploads(): number {
    return this.#uploads.size;
  }

  async #open({ promise, prime }: { promise: BlobPromise; prime: Prime }, from: Uploader): Promise<Holding> {
    const id = toHex(promiseIdOf(promise.body));
    const known = this.#uploads.get(id);
    if (known !== undefined) {
      known.touchedMs = this.#parts.clock.now();
      return known.holding;
    }
    let isLost = false;
    const leave = this.#admit(id, from, () => {
      isLost = true;
      this.#uploads.delete(id); // rows that it brought are kept, and whoever opens it again goes on
    });
    try {
      const upload = { ...(await this.#prepare(promise, prime, from)), leave, touchedMs: this.#parts.clock.now() };
      if (isLost) throw new PerigeeError('BUSY', 'others wait, and too many uploads of this network are open');
      this.#uploads.set(id, upload);
      return upload.holding;
    } catch (error) {
      leave();
      throw error;
    } finally {
      this.#opening.delete(id);
    }
  }

  /** Everything that can be refused is, cheapest first, before a byte is written. */
  async #prepare(
    promise: BlobPromise,
    { rowRoot, rlcOriginal }: Prime,
    from: Uploader,
  ): Promise<Omit<Upload, 'leave' | 'touchedMs'>> {
    const { chain, store, pool, reservations, verifyEd25519, address } = this.#parts;
    const { genesisHash, appState } = await chain.facts(from.signal);
    const { height } = chain.head();
    const epoch = await chain.epoch(from.signal);
    const { maxRetentionBlocks } = appState;
    const sessionOf = (account: Uint8Array, key: Uint8Array) => chain.session(account, key, from.signal);
    const context = { genesisHash, height, epoch, maxRetentionBlocks, verifyEd25519, sessionOf };
    const { body, session } = await verifyPromise(promise, context);
    const record = await chain.record(body.blobId, from.signal);
    // the next block is the first that can record it
    checkFee(body, appState, Math.max(height + 1, record?.expiryHeight ?? 0));
    const { balance: owned = 0n } = (await chain.account(body.publisher, from.signal)) ?? {};
    const balance = session === undefined || owned < session.left ? owned : session.left;
    const committee = await chain.committee(body.epoch, from.signal);
    const member = memberIndex(committee, address);
    if (member < 0) throw new PerigeeError('REFUSED', `this node is not in the committee of epoch ${body.epoch}`);
    const commitment = commitmentOf(body.blobId);
    const { blobId, k, n, rowSize } = body;
    const input: PrimeInput = { commitment, rowRoot, rlcOriginal, k, n, rowSize };
    await pool.run('prime', input, { affinity: toHex(commitment), signal: from.signal });

    const indices = [...assignRows(committee, commitment, body).rowsOf(member)];
    const header: RowFileHeader = { blobId, committeeHash: committee.hash, k, n, rowSize, rowRoot, indices };
    const until = height + UNCERTIFIED_BLOCKS;
    const bytes = layoutOf(header).totalBytes;
    const reserved = reservations.add({ body, committeeHash: committee.hash, peerId: from.peerId, bytes, until, balance });
    try {
      const holding = await store.prepare(header, rlcOriginal, until);
      return { body, committee, prime: input, holding, reserved };
    } catch (error) {
      reserved.release();
      throw error;
    }
  }

  async #take(promiseId: Uint8Array, rows: readonly RowProof[], { signal }: Uploader): Promise<number> {
    const { pool } = this.#parts;
    const upload = this.#find(promiseId);
    const { holding, prime } = upload;
    const bytes = rows.reduce((sum, { row, path }) => sum + row.length + path.length, 0);
    if (bytes > MAX_REQUEST_ROW_BYTES) {
      throw new PerigeeError(
        'FRAME_TOO_LARGE',
        `${bytes} bytes of rows in one request; at most ${MAX_REQUEST_ROW_BYTES} are taken`,
      );
    }
    const assigned = new Set(holding.header.indices);
    const wanted = new Map<number, RowProof>();
    for (const proof of rows) {
      if (!assigned.has(proof.index)) throw new PerigeeError('ROW_INDEX', `row ${proof.index} is not assigned to this member`);
      if (holding.missing.has(proof.index)) wanted.set(proof.index, proof);
    }
    if (wanted.size > 0) {
      const fresh = [...wanted.values()];
      const findings = await pool.run('verifyRows', { prime, rows: fresh }, { affinity: toHex(prime.commitment), signal });
      const bad = findings.findIndex((finding) => finding !== undefined);
      const code = findings[bad];
      if (code !== undefined || findings.length !== fresh.length) {
        throw new PerigeeError(code ?? 'INTERNAL', `row ${fresh[bad]?.index} of this blob does not verify`);
      }
      await this.#stored(promiseId, holding.write(fresh));
    }
    upload.touchedMs = this.#parts.clock.now();
    return holding.missing.size;
  }

  async #sign(promiseId: Uint8Array): Promise<Uint8Array> {
    const id = toHex(promiseId);
    const known = this.#signatures.get(id);
    if (known !== undefined) return known;
    const { chain, signer } = this.#parts;
    const { holding, reserved, body, committee, prime } = this.#find(promiseId);
    const { genesisHash, appState } = await chain.facts();
    // whoever has the signatures may wait until the last block that takes the certificate: the rows have to wait too
    const lastCertificate = lastHeightOfEpoch(body.epoch + 1, appState.epochBlocks);
    reserved.extend(lastCertificate);
    await this.#stored(promiseId, holding.seal(lastCertificate));
    // the promise to serve up to a height is given while that height is still to come
    const { height } = chain.head();
    if (body.expiryHeight <= height) throw new PerigeeError('PROMISE', `promise expired at height ${body.expiryHeight}`);
    const signature = await signer.sign(certificateSignBytes(certificateTerms(body, prime.rowRoot, committee), genesisHash));
    const [oldest] = this.#signatures.keys();
    if (this.#signatures.size >= MAX_REMEMBERED_SIGNATURES && oldest !== undefined) this.#signatures.delete(oldest);
    this.#signatures.set(id, signature);
    this.#end(id);
    return signature;
  }

  /** An upload whose rows the store lost or cannot take must be opened again. */
  async #stored(promiseId: Uint8Array, act: Promise<void>): Promise<void> {
    try {
      await act;
    } catch (error) {
      if (!(error instanceof PerigeeError && error.code === 'NOT_ENOUGH_ROWS')) this.#end(toHex(promiseId));
      throw error;
    }
  }

  #find(promiseId: Uint8Array): Upload {
    const upload = this.#uploads.get(toHex(promiseId));
    if (upload === undefined) throw new PerigeeError('NOT_FOUND', 'no such upload is open here; open it again');
    return upload;
  }

  #end(id: string): void {
    this.#uploads.get(id)?.leave();
    this.#uploads.delete(id);
  }

  /**
   * @param onLost called when its place was given to somebody who has fewer
   * @returns gives the place back
   * @throws BUSY when this peer has too many uploads open, or all have and nobody more than it
   */
  #admit(id: string, from: Uploader, onLost: () => void): () => void {
    const now = this.#parts.clock.now();
    for (const [open, { touchedMs }] of this.#uploads) if (now - touchedMs > UPLOAD_IDLE_MS) this.#end(open);
    if (this.#opening.has(id)) throw new PerigeeError('BUSY', 'this upload is being opened');
    const leave = this.#places.take(from, onLost);
    if (leave === undefined) throw new PerigeeError('BUSY', 'too many uploads are open; finish one, or try again later');
    this.#opening.add(id);
    return leave;
  }
}

/**
 * A promise must offer what the chain will ask for: the gas, and the time of its rows.
 *
 * @param fromHeight from which the blob is not paid for yet
 * @throws PROMISE
 */
function checkFee(body: PromiseBody, appState: AppState, fromHeight: number): void {
  const gasFee = appState.gasPrice > 0n ? 1n : 0n; // how much gas it takes is known when the certificate is there
  const least = gasFee + blobFee(body, appState, fromHeight, body.expiryHeight);
  if (body.maxFee < least) {
    throw new PerigeeError('PROMISE', `promise offers a fee of ${body.maxFee}; serving these rows costs at least ${least}`);
  }
}

/** Which of its rows a member has, so that nobody sends them again. */
function heldRows({ header, missing }: Holding): UploadAnswer {
  const held = new Uint8Array(Math.ceil(header.indices.length / 8));
  header.indices.forEach((index, i) => {
    if (!missing.has(index)) held[i >> 3] = (held[i >> 3] ?? 0) | (1 << (i & 7));
  });
  return { missing: missing.size, held };
}
