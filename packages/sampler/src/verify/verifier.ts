/** Past 400 lines: all jobs of a verify worker share its trusted headers and primed blobs, which leave it by none of them. */
import {
  anchor,
  headerAnswerOf,
  headerHash,
  restoreVerified,
  signedShare,
  type TrustAnchor,
  unixMs,
  unverified,
  type VerifiedLightBlock,
  type VerifyOptions,
  verify,
  verifyPrevious,
  verifyTxInclusion,
  verifyTxResult,
} from '@perigee/light-core/comet';
import { assignRows, checkCommittee, checkPrimeRowRoot, permuteRows, verdictOf, verifyPeerRecord } from '@perigee/light-core/da';
import { makeEvidence } from '@perigee/light-core/evidence';
import type { VerifiedHead } from '@perigee/light-core/roles';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { verifyStateProof } from '@perigee/light-core/state';
import { type Codec, type PrimedBlob, PrimedCache } from '@perigee/wasm-codec';
import {
  Committee,
  commitmentOf,
  equal,
  HeaderAnswer,
  MAX_PRIMED_BYTES,
  PeerRecord,
  PerigeeError,
  type Prime,
  type RowProof,
  StateProof,
  TxProofAnswer,
  toHex,
} from '@perigee/wire';
import { type CheckKvInput, checkKv, type KvProved } from './check-kv.ts';

/** Heads whose app hash is kept, so that proofs that were asked for a moment ago still find theirs. */
const KEPT_HEADS = 64;
/** Headers that are kept whole, to compare other peers' with and to verify those by. */
const KEPT_BLOCKS = 8;
/** Enough for the engine to compile the permutation. */
const WARM_ROWS = 4_096;
/** A drift that no header exceeds: time itself is limited to the years 1 to 9999. */
const ANY_DRIFT_MS = 1e15;

/** What a header is believed by: the trust root, this device, or the header of a height, right before it or not. */
export type HeaderWay =
  | { readonly kind: 'anchor' | 'kept' }
  | { readonly kind: 'sequential' | 'skipping'; readonly from: number };

/** A verified head as it leaves the worker. */
export interface HeadResult {
  readonly head: VerifiedHead;
  readonly validators: number;
  /** Address of who proposed the block, 20 bytes. */
  readonly proposer: Uint8Array;
  readonly way: HeaderWay;
  /** Signatures that were checked for it. */
  readonly signatures: number;
  /** Milliseconds that the verification took. */
  readonly verifyMs: number;
}

/** Two headers of one height that follow from a common one, each an encoded `HeaderAnswer`. */
export interface Conflict {
  readonly kind: 'conflict';
  readonly common: Uint8Array;
  readonly first: Uint8Array;
  readonly second: Uint8Array;
}

/** What came of comparing two peers' headers of one height. */
export type Comparison = { readonly kind: 'same' | 'unknown' } | Conflict;

export interface VerifierDependencies {
  /** Loads the kernel; called when the first blob is primed. */
  readonly codec: () => Promise<Codec>;
  readonly verifyEd25519: VerifyEd25519;
  /** Monotonic time, milliseconds. */
  readonly performanceNow: () => number;
}

export interface BlobShape {
  readonly blobId: Uint8Array;
  readonly k: number;
  readonly n: number;
  readonly rowSize: number;
  readonly rowRoot: Uint8Array;
}

/**
 * Everything that a light node believes passes through here: raw bytes of peers in, verified values out, or an error with its code.
 * It runs in the verify worker and keeps what must not leave it: the trusted header and primed blobs. A worker that died comes back
 * without them and says NOT_FOUND, upon which the caller gives it back what it had.
 */
export function createVerifier({ codec, verifyEd25519, performanceNow }: VerifierDependencies) {
  let trusted: VerifiedLightBlock | undefined;
  const heads = new Map<number, VerifiedHead>();
  const blocks = new Map<number, VerifiedLightBlock>();
  const primed = new PrimedCache(MAX_PRIMED_BYTES);

  function keep(
    block: VerifiedLightBlock,
    { startedAt, ...how }: Pick<HeadResult, 'way' | 'signatures'> & StartedAt,
  ): HeadResult {
    trusted = block;
    const head = headOf(block);
    heads.set(head.height, head);
    blocks.set(head.height, block);
    forget(heads, KEPT_HEADS);
    forget(blocks, KEPT_BLOCKS);
    const { proposerAddress: proposer } = block.header;
    return { head, validators: block.validators.length, proposer, ...how, verifyMs: performanceNow() - startedAt };
  }

  /**
   * Verifies by the clock. A header that is wrong in nothing but its time is told apart from a lie: then the local clock may be what is wrong.
   *
   * @throws HEADER_FUTURE with `data.aheadMs`, and what the verification throws
   */
  async function byClock(
    now: number,
    check: (options: VerifyOptions) => Promise<VerifiedLightBlock>,
    verifySignature = verifyEd25519,
  ): Promise<VerifiedLightBlock> {
    try {
      return await check({ now, verifyEd25519: verifySignature });
    } catch (error) {
      if (!(error instanceof PerigeeError) || error.code !== 'HEADER_FUTURE') throw error;
      const { header } = await check({ now, verifyEd25519, clockDriftMs: ANY_DRIFT_MS });
      throw new PerigeeError('HEADER_FUTURE', error.message, {
        data: { height: header.height, aheadMs: unixMs(header.time) - now },
      });
    }
  }

  function find(blobId: string): PrimedBlob {
    const blob = primed.get(blobId);
    if (blob === undefined) throw new PerigeeError('NOT_FOUND', `blob ${blobId} is not primed in this worker`);
    return blob;
  }

  return {
    /** Takes the header of the trust root as the first one that is trusted. */
    async anchor(input: { trustRoot: TrustAnchor; answer: Uint8Array; now: number }): Promise<HeadResult> {
      const startedAt = performanceNow();
      const { trustRoot, now } = input;
      const answer = unverified(HeaderAnswer.decode(input.answer));
      const signatures = counted(verifyEd25519);
      const block = await byClock(now, (options) => anchor(trustRoot, answer, options), signatures.verify);
      return keep(block, { way: { kind: 'anchor' }, signatures: signatures.count(), startedAt });
    },

    /** Verifies a later header by the latest trusted one. @throws NOT_FOUND before `anchor` */
    async advance(input: { answer: Uint8Array; now: number }): Promise<HeadResult> {
      const startedAt = performanceNow();
      const from = trusted;
      if (from === undefined) throw new PerigeeError('NOT_FOUND', 'this worker has no trusted header');
      const answer = unverified(HeaderAnswer.decode(input.answer));
      const signatures = counted(verifyEd25519);
      const block = await byClock(input.now, (options) => verify(from, answer, options), signatures.verify);
      const { height } = from.header;
      const kind = block.header.height === height + 1 ? 'sequential' : 'skipping';
      return keep(block, { way: { kind, from: height }, signatures: signatures.count(), startedAt });
    },

    /**
     * Compares what another peer has at a height that was verified here.
     *
     * @returns `same`; `unknown` when nothing is left to compare it with; `conflict` when it is another header that follows from the same
     *   earlier one, with encoded `HeaderAnswer`s of that one, of ours and of theirs
     * @throws what `advance` throws when it is no header of this chain at all
     */
    async compare(input: { answer: Uint8Array; now: number }): Promise<Comparison> {
      const answer = HeaderAnswer.decode(input.answer);
      const { header } = answer.block.signedHeader ?? {};
      if (header === undefined) throw new PerigeeError('HEADER', 'the light block has no header');
      const ours = heads.get(header.height);
      if (ours === undefined) return { kind: 'unknown' };
      if (equal(ours.headerHash, headerHash(header))) return { kind: 'same' };
      const common = [...blocks.values()].filter((block) => block.header.height < header.height).at(-1);
      const first = blocks.get(header.height);
      if (common === undefined || first === undefined) return { kind: 'unknown' };
      await byClock(input.now, (options) => verify(common, unverified(answer), options));
      const [before, mine] = [common, first].map((block) => HeaderAnswer.encode(headerAnswerOf(block))) as [
        Uint8Array,
        Uint8Array,
      ];
      return { kind: 'conflict', common: before, first: mine, second: input.answer };
    },

    /** Share of the voting power that signed a header verified before, 0 to 1; `undefined` when it is kept no longer. */
    async signedPower(input: { height: number }): Promise<number | undefined> {
      const block = blocks.get(input.height);
      return block === undefined ? undefined : signedShare(block, verifyEd25519);
    },

    /**
     * Trusts again what was verified here before the worker died.
     *
     * @param input `answer`: what `anchor` or `advance` has verified, kept by the caller; never what comes from elsewhere
     */
    restore(input: { answer: Uint8Array; chainId: string }): HeadResult {
      const startedAt = performanceNow();
      const block = restoreVerified(HeaderAnswer.decode(input.answer), input.chainId);
      return keep(block, { way: { kind: 'kept' }, signatures: 0, startedAt });
    },

    /**
     * Checks proofs of the state before header `height`.
     *
     * @returns a value for each key, `undefined` where its absence was proved
     */
    prove(input: { height: number; store: string; keys: readonly Uint8Array[]; proofs: readonly Uint8Array[] }) {
      const head = heads.get(input.height);
      if (head === undefined) throw new PerigeeError('NOT_FOUND', `header ${input.height} was not verified in this worker`);
      if (input.proofs.length !== input.keys.length) {
        throw new PerigeeError('PROOF', `${input.proofs.length} proofs came for ${input.keys.length} keys`);
      }
      return input.keys.map((key, i) => {
        const proof = StateProof.decode(input.proofs[i] as Uint8Array);
        if (proof.height !== input.height - 1) {
          throw new PerigeeError('PROOF', `the proof is of height ${proof.height}, not of ${input.height - 1}`);
        }
        return verifyStateProof(proof, { appHash: head.appHash, store: input.store, key });
      });
    },

    /**
     * Checks what a peer proved of a stream.
     *
     * @throws NOT_FOUND when header `height` is not known here any more, and what `checkKv` throws
     */
    kv(input: CheckKvInput): KvProved {
      const startedAt = performanceNow();
      const head = heads.get(input.height);
      if (head === undefined) throw new PerigeeError('NOT_FOUND', `header ${input.height} was not verified in this worker`);
      const proved = checkKv(input, head.appHash);
      return { ...proved, timeMs: head.timeMs, verifyMs: performanceNow() - startedAt };
    },

    /**
     * Checks what a peer proved of a stream as it was under an earlier header.
     *
     * @param input `header`: an encoded `HeaderAnswer` that was verified by `step`, `previous` or `advance`
     * @throws PROOF for another header than that of `height`, and what `checkKv` throws
     */
    kvUnder(input: CheckKvInput & { chainId: string; header: Uint8Array }): { head: VerifiedHead; proved: KvProved } {
      const startedAt = performanceNow();
      const head = headOf(restoreVerified(HeaderAnswer.decode(input.header), input.chainId));
      if (head.height !== input.height) {
        throw new PerigeeError('PROOF', `header ${head.height} was given for proofs under header ${input.height}`);
      }
      const proved = checkKv(input, head.appHash);
      return { head, proved: { ...proved, timeMs: head.timeMs, verifyMs: performanceNow() - startedAt } };
    },

    /**
     * Who holds the rows that were drawn.
     *
     * @param input `committee`: its proved bytes
     * @returns for each index the places of its holders in the committee
     */
    owners(input: { committee: Uint8Array; blobId: Uint8Array; k: number; n: number; indices: readonly number[] }): number[][] {
      const committee = checkCommittee(Committee.decodeCanonical(input.committee));
      const assignment = assignRows(committee, commitmentOf(input.blobId), { k: input.k, n: input.n });
      return input.indices.map((index) => assignment.ownersOf(index));
    },

    /**
     * Checks where members say that they can be reached.
     *
     * @param input `committee`: its proved bytes
     * @returns places in `records` of those that hold
     */
    async peerRecords(input: {
      records: readonly Uint8Array[];
      committee: Uint8Array;
      genesisHash: Uint8Array;
      epoch: number;
      now: number;
    }): Promise<number[]> {
      const { records, genesisHash, epoch, now: nowMs } = input;
      const committee = checkCommittee(Committee.decodeCanonical(input.committee));
      const context = { genesisHash, epoch, committee, nowMs, verifyEd25519 };
      const results = await Promise.allSettled(
        records.map(async (record) => verifyPeerRecord(PeerRecord.decode(record), context)),
      );
      return results.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []));
    },

    /**
     * Makes a blob ready for `verifyRows`, from what a peer says its prime is and what the record says its row root is.
     *
     * @throws COMMITMENT_MISMATCH its sender is at fault
     * @throws ROW_ROOT_MISMATCH its certificate's signers are at fault
     */
    async prime(input: { shape: BlobShape; key: string; rowRoot: Uint8Array; rlcOriginal: Uint8Array }): Promise<void> {
      const { blobId, k, n, rowSize, rowRoot } = input.shape;
      const kernel = await codec();
      primed.delete(input.key);
      const blob = kernel.prime({
        commitment: commitmentOf(blobId),
        rowRoot: input.rowRoot,
        rlcOriginal: input.rlcOriginal,
        k,
        n,
        rowSize,
      });
      try {
        checkPrimeRowRoot(rowRoot, input.rowRoot);
      } catch (error) {
        blob.free();
        throw error;
      }
      primed.add(input.key, blob);
    },

    /**
     * @param input encoded `RowProof`s of one primed blob
     * @returns a verdict for each, and the microseconds that one took on average. @throws NOT_FOUND when the blob is not primed here
     */
    async verifyRows(input: { key: string; proofs: readonly RowProof[] }) {
      const blob = find(input.key);
      const kernel = await codec();
      const startedAt = performanceNow();
      const verdicts = kernel.verifyRows(blob, input.proofs).map(verdictOf);
      return { verdicts, microseconds: (1_000 * (performanceNow() - startedAt)) / Math.max(1, input.proofs.length) };
    },

    /**
     * Whether a header is that of the trust root, or an earlier one vouches for it; nothing is kept of it.
     *
     * @param input `trusted`: the earlier one, which was verified so itself
     * @throws what `anchor` and `verify` throw
     */
    async step(input: {
      trustRoot: TrustAnchor;
      trusted: Uint8Array | undefined;
      answer: Uint8Array;
      now: number;
    }): Promise<void> {
      const { trustRoot, trusted, now } = input;
      const answer = unverified(HeaderAnswer.decode(input.answer));
      const options = { now, verifyEd25519 };
      if (trusted === undefined) await anchor(trustRoot, answer, options);
      else await verify(restoreVerified(HeaderAnswer.decode(trusted), trustRoot.chainId), answer, options);
    },

    /**
     * Whether a header is the one that a later one follows. The rest of its answer is well-formed then: whoever gave it is to be told of what is not,
     * and not who gives the one before.
     *
     * @param input `next`: the later one, which was verified by `step`, `advance` or this
     * @throws what `verifyPrevious` throws; VALIDATOR_SET, COMMIT
     */
    previous(input: { chainId: string; next: Uint8Array; answer: Uint8Array }): void {
      previousOf(input);
      restoreVerified(HeaderAnswer.decode(input.answer), input.chainId);
    },

    /**
     * Whether a block holds a transaction with this result.
     *
     * @param input `answer`, `next`: the header of the block and the one after it, which were verified by `previous` and `step`
     * @throws PROOF
     */
    tx(input: { chainId: string; next: Uint8Array; answer: Uint8Array; txId: Uint8Array; proof: Uint8Array }): void {
      const { next, block } = previousOf(input);
      const { height, tx, index, total, txPath, result, resultPath } = TxProofAnswer.decode(input.proof);
      if (height !== block.header.height)
        throw new PerigeeError('PROOF', `the proof is of block ${height}, not ${block.header.height}`);
      if (!equal(verifyTxInclusion(block, tx, { index, total, path: txPath }), input.txId)) {
        throw new PerigeeError('PROOF', `the proof is of another transaction than ${toHex(input.txId)}`);
      }
      verifyTxResult(next, result, { index, total, path: resultPath });
    },

    /**
     * Makes a file of evidence, and judges it as a stranger would.
     *
     * @throws what `makeEvidence` throws
     */
    async evidence(input: {
      trustRoot: TrustAnchor & { genesisHash: Uint8Array };
      headers: readonly Uint8Array[];
      blobId: Uint8Array;
      record: Uint8Array;
      committee: Uint8Array;
      prime: Prime;
      row: RowProof | undefined;
      foundAt: number;
      now: number;
    }): Promise<Uint8Array> {
      const { trustRoot, blobId, prime, row, foundAt, now } = input;
      const headers = input.headers.map((header) => HeaderAnswer.decode(header));
      const record = StateProof.decode(input.record);
      const committee = Committee.decodeCanonical(input.committee);
      const kernel = await codec();
      const parts = { headers, blobId, record, committee, prime, row, foundAt };
      return makeEvidence(parts, { trustRoot, now, verifyEd25519, codec: kernel });
    },

    release(input: { key: string }): void {
      primed.delete(input.key);
    },

    /** Loads the kernel before it is needed, and runs what is slow the first time: who holds which row takes 40 ms then, and 10 ms later. */
    async warm(): Promise<void> {
      await codec();
      permuteRows(new Uint8Array(32), new Uint8Array(32), WARM_ROWS);
    },
  };
}

export type Verifier = ReturnType<typeof createVerifier>;

interface StartedAt {
  readonly startedAt: number;
}

function headOf({ header, headerHash }: VerifiedLightBlock): VerifiedHead {
  const { height, chainId, time, appHash } = header;
  return { height, headerHash, chainId, timeMs: unixMs(time), appHash };
}

/** A header and the one that it follows. */
function previousOf(input: { chainId: string; next: Uint8Array; answer: Uint8Array }) {
  const next = restoreVerified(HeaderAnswer.decode(input.next), input.chainId);
  const { header } = HeaderAnswer.decode(input.answer).block.signedHeader ?? {};
  if (header === undefined) throw new PerigeeError('HEADER', 'the light block has no header');
  return { next, block: verifyPrevious(next, unverified(header)) };
}

/** Tells how many signatures one verification has looked at. */
function counted(verifyEd25519: VerifyEd25519): { readonly verify: VerifyEd25519; readonly count: () => number } {
  let count = 0;
  return {
    verify: (...signature) => {
      count += 1;
      return verifyEd25519(...signature);
    },
    count: () => count,
  };
}

/** Drops the oldest. */
function forget(map: Map<number, unknown>, limit: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= limit) return;
    map.delete(oldest);
  }
}
