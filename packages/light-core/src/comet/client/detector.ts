/** Comparing what the primary gave with what witnesses have (CometBFT `light/detector.go`; specification "Light client attack detectors"). */
import {
  EVIDENCE_ATTEMPTS,
  EVIDENCE_RETRY_MS,
  equal,
  type Header,
  MAX_BLOCK_LAG_MS,
  MAX_CLOCK_DRIFT_MS,
  PerigeeError,
  REQUEST_TIMEOUT_MS,
  WITNESS_POLL_MS,
} from '@perigee/wire';
import type { Clock } from '../../roles/index.ts';
import type { VerifyEd25519 } from '../../signature/index.ts';
import { type Attack, attackOf, type Divergence } from '../attack.ts';
import { headerHash } from '../header-hash.ts';
import { unixNanos } from '../time.ts';
import type { VerifiedLightBlock } from '../verified.ts';
import { blameOf, isCutOff } from './faults.ts';
import { limited } from './limited.ts';
import type { LightProvider } from './provider.ts';
import { type FetchedBlock, fetchedOf, type Verification } from './verification.ts';

export interface DetectorOptions {
  readonly verification: Verification;
  readonly clock: Clock;
  readonly verifyEd25519: VerifyEd25519;
  readonly clockDriftMs?: number;
  readonly blockLagMs?: number;
}

/** What a witness says of a block. */
type Testimony =
  | { readonly kind: 'same' }
  /** Another header of this height, or one below it that is not earlier. */
  | { readonly kind: 'other'; readonly height: number }
  | { readonly kind: 'silent' | 'wrong'; readonly error: PerigeeError };

/** Two providers whose blocks part after a common one, each verified from it. */
export interface Split {
  readonly primary: LightProvider;
  readonly witness: LightProvider;
  /** The side of the witness: from the common block to the first one that differs. */
  readonly witnessTrace: readonly VerifiedLightBlock[];
  /** What the primary has instead of the last of these. */
  readonly primaryBlock: VerifiedLightBlock;
}

/** What came of comparing a verified block. */
export interface Comparison {
  /** Witnesses that have the same. */
  readonly same: number;
  readonly split: Split | undefined;
  /** Witnesses that were wrong, or could not show that they are right. */
  readonly wrong: readonly LightProvider[];
}

/** An attack that was found, and what became of the evidence. */
export interface AttackReport {
  /** Of the last block that both sides have, and of the first that differs. */
  readonly commonHeight: number;
  readonly height: number;
  readonly primary: string;
  readonly witness: string;
  /** If the witness is right. It was handed to the witness. */
  readonly againstPrimary: ReportedAttack;
  /** If the primary is right. It was handed to the primary; `undefined` when that could not show its side. */
  readonly againstWitness: ReportedAttack | undefined;
}

export interface ReportedAttack extends Attack {
  /** Why the provider that it is for did not take it, or was not given it. */
  readonly refused: PerigeeError | undefined;
}

export class Detector {
  readonly #options: DetectorOptions;

  constructor(options: DetectorOptions) {
    this.#options = options;
  }

  /**
   * Compares the last block of a trace with what the witnesses have, all at once. One that lags is waited for: it may be the only honest one.
   *
   * @param trace what the primary was verified by; at least two blocks
   * @throws UNREACHABLE when a witness has another header and is then cut off: who can do that must not have the block believed
   */
  async compare(
    trace: readonly VerifiedLightBlock[],
    primary: LightProvider,
    witnesses: readonly LightProvider[],
    signal: AbortSignal,
  ): Promise<Comparison> {
    const target = trace.at(-1);
    if (target === undefined) throw new PerigeeError('INVALID_ARGUMENT', 'an empty trace has nothing to compare');
    const wrong: LightProvider[] = [];
    let same = 0;
    let unheard: PerigeeError | undefined;
    for (const { witness, testimony } of await this.hear(witnesses, target, signal)) {
      if (testimony.kind === 'same') same++;
      else if (testimony.kind === 'wrong') wrong.push(witness);
      else if (testimony.kind === 'other') {
        try {
          const theirs = await this.#options.verification.fetchBlock(witness, testimony.height, signal);
          const { sourceTrace, traceBlock } = await this.#examine(trace, theirs, witness, signal);
          const split = { primary, witness, witnessTrace: sourceTrace, primaryBlock: traceBlock };
          return { same, split, wrong };
        } catch (error) {
          if (blameOf(error) === 'ours') throw error;
          if (isCutOff(error)) unheard = notHeard(witness, error);
          else wrong.push(witness); // it has another header, and does not show that the validators signed it
        }
      }
    }
    if (unheard !== undefined) throw unheard;
    return { same, split: undefined, wrong };
  }

  /** What each witness has in place of a verified block. */
  hear(witnesses: readonly LightProvider[], block: VerifiedLightBlock, signal: AbortSignal) {
    return Promise.all(witnesses.map(async (witness) => ({ witness, testimony: await this.#hearOne(witness, block, signal) })));
  }

  /** Makes evidence against each side, and hands it to the other: one of both is honest, and nobody can say which. */
  async report({ primary, witness, witnessTrace, primaryBlock }: Split, signal: AbortSignal): Promise<AttackReport> {
    const [common, trusted] = [witnessTrace[0], witnessTrace.at(-1)];
    if (common === undefined || trusted === undefined) throw new PerigeeError('INTERNAL', 'a split without a trace');
    const againstPrimary = await this.#accuse(witness, { common, trusted, conflicting: primaryBlock }, signal);
    const againstWitness = await this.#counter(primary, witnessTrace, primaryBlock, signal);
    return {
      commonHeight: common.header.height,
      height: primaryBlock.header.height,
      primary: primary.name,
      witness: witness.name,
      againstPrimary,
      againstWitness,
    };
  }

  async #counter(
    primary: LightProvider,
    witnessTrace: readonly VerifiedLightBlock[],
    primaryBlock: VerifiedLightBlock,
    signal: AbortSignal,
  ): Promise<ReportedAttack | undefined> {
    try {
      const { sourceTrace, traceBlock } = await this.#examine(witnessTrace, fetchedOf(primaryBlock), primary, signal);
      const [common, trusted] = [sourceTrace[0], sourceTrace.at(-1)];
      if (common === undefined || trusted === undefined) return undefined;
      return await this.#accuse(primary, { common, trusted, conflicting: traceBlock }, signal);
    } catch {
      return undefined; // a primary that lied has little reason to answer
    }
  }

  /**
   * Hands evidence to the provider that is taken to be right. A full node judges by its own commit, which it has when the next block is there; so
   * when it refuses, evidence is made anew from the commit that it has by then. Evidence of amnesia is for people only.
   */
  async #accuse(judge: LightProvider, divergence: Divergence, signal: AbortSignal): Promise<ReportedAttack> {
    const { clock, verifyEd25519 } = this.#options;
    let { trusted } = divergence;
    for (let attempt = 1; ; attempt++) {
      const attack = await attackOf({ ...divergence, trusted }, verifyEd25519);
      if (attack.kind === 'amnesia') return { ...attack, refused: keptFromNodes() };
      if (judge.reportEvidence === undefined) {
        return { ...attack, refused: new PerigeeError('UNSUPPORTED', `there is no way to hand evidence to ${judge.name}`) };
      }
      try {
        await limited(clock, REQUEST_TIMEOUT_MS, signal, async (until) =>
          judge.reportEvidence?.(attack.evidence, { signal: until }),
        );
        return { ...attack, refused: undefined };
      } catch (error) {
        const refused = PerigeeError.from(error);
        if (attempt === EVIDENCE_ATTEMPTS || signal.aborted) return { ...attack, refused };
        await clock.sleep(EVIDENCE_RETRY_MS, signal).catch(() => {});
        trusted = await this.#again(judge, divergence.common, trusted, signal).catch(() => trusted);
      }
    }
  }

  /** The same block with the commit that the provider has now. */
  async #again(judge: LightProvider, common: VerifiedLightBlock, block: VerifiedLightBlock, signal: AbortSignal) {
    if (block.header.height === common.header.height) return block;
    const { verification } = this.#options;
    const fetched = await verification.fetchBlock(judge, block.header.height, signal);
    const again = (await verification.trace(judge, common, fetched, signal)).at(-1);
    return again !== undefined && equal(again.headerHash, block.headerHash) ? again : block;
  }

  async #hearOne(witness: LightProvider, target: VerifiedLightBlock, signal: AbortSignal): Promise<Testimony> {
    try {
      const header = await this.#headerFor(witness, target.header, signal);
      if (equal(headerHash(header), target.headerHash)) return { kind: 'same' };
      return { kind: 'other', height: header.height };
    } catch (error) {
      const blame = blameOf(error);
      if (blame === 'ours') throw error;
      return { kind: blame === 'fault' ? 'wrong' : 'silent', error: PerigeeError.from(error) };
    }
  }

  /**
   * What the witness has in the target's place: its header of that height, or its latest when that is not earlier than the target: its own chain will never
   * have the target then. Waits as long as an honest one may lag behind.
   */
  async #headerFor(witness: LightProvider, { height, time }: Header, signal: AbortSignal): Promise<Header> {
    const { verification, clock, clockDriftMs = MAX_CLOCK_DRIFT_MS, blockLagMs = MAX_BLOCK_LAG_MS } = this.#options;
    const until = clock.now() + 2 * clockDriftMs + blockLagMs;
    for (;;) {
      try {
        return (await verification.fetchHeader(witness, height, signal)).header;
      } catch (error) {
        if (!(error instanceof PerigeeError) || error.code !== 'NOT_FOUND') throw error;
        const { header: latest } = await verification.fetchHeader(witness, 0, signal);
        if (latest.height < height && unixNanos(latest.time) >= unixNanos(time)) return latest;
        if (clock.now() >= until) throw error;
      }
      await clock.sleep(WITNESS_POLL_MS, signal);
    }
  }

  /**
   * Follows a trace with what another provider has, to where they part.
   *
   * @param target what the source has in place of the last block of the trace
   * @returns what the source was verified by, from the last common block to the first that differs, and what the trace has in its place
   * @throws when the source does not show that its blocks follow from the same trusted one
   */
  async #examine(
    trace: readonly VerifiedLightBlock[],
    target: FetchedBlock,
    source: LightProvider,
    signal: AbortSignal,
  ): Promise<{ readonly sourceTrace: readonly VerifiedLightBlock[]; readonly traceBlock: VerifiedLightBlock }> {
    const { verification } = this.#options;
    const [root, ...later] = trace;
    if (root === undefined || target.height <= root.header.height) {
      throw new PerigeeError('HEADER', `${source.name} has nothing after the trusted header to compare`);
    }
    const { header: theirRoot } = await verification.fetchHeader(source, root.header.height, signal);
    if (!equal(headerHash(theirRoot), root.headerHash)) {
      throw new PerigeeError('HEADER', `${source.name} has another header than the trusted one at height ${root.header.height}`);
    }
    let common = root;
    let sourceTrace: readonly VerifiedLightBlock[] = [root];
    for (const block of later) {
      const { height, time } = block.header;
      if (height > target.height) {
        // the trace is ahead of the source, in heights and not in time
        if (common.header.height < target.height) sourceTrace = await verification.trace(source, common, target, signal);
        const end = sourceTrace.at(-1) ?? common;
        if (unixNanos(time) > unixNanos(end.header.time)) {
          throw new PerigeeError('HEADER_TIME', `${source.name} lags behind header ${height} and contradicts nothing`);
        }
        return { sourceTrace, traceBlock: block };
      }
      const theirs = height === target.height ? target : await verification.fetchBlock(source, height, signal);
      sourceTrace = await verification.trace(source, common, theirs, signal);
      const end = sourceTrace.at(-1) ?? common;
      if (!equal(end.headerHash, block.headerHash)) return { sourceTrace, traceBlock: block };
      common = end;
    }
    throw new PerigeeError('HEADER', `${source.name} gave another header first and then the same ones`);
  }
}

function notHeard({ name }: LightProvider, cause: unknown): PerigeeError {
  const { message } = PerigeeError.from(cause);
  return new PerigeeError(
    'UNREACHABLE',
    `${name} has another header, and does not show now whether the validators signed it (${message}); try again, or without it`,
    { cause },
  );
}

/**
 * CometBFT 0.38 takes evidence that names nobody from its RPC, and finds it invalid in the blocks that it then proposes (an empty list is not `nil` there): the
 * node that it was handed to could make no block until it has expired.
 */
function keptFromNodes(): PerigeeError {
  return new PerigeeError('UNSUPPORTED', 'evidence of amnesia names nobody, and a node that takes it can propose no valid block');
}
