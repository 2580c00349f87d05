import { notAuditable, type Reexecuted, reportOf } from '@perigee/light-core/audit';
import { ChainView } from '@perigee/light-core/da';
import { verifyReceipt } from '@perigee/light-core/receipt';
import type { VerifiedState } from '@perigee/light-core/roles';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { limitedSignal } from '@perigee/net/abort';
import {
  type ComputeReport,
  type InferenceReceipt,
  type InferenceRequest,
  MAX_WEIGHTS_BYTES,
  type OpenedReceipt,
  PerigeeError,
  REEXECUTION_MS,
  toHex,
} from '@perigee/wire';
import { createPool } from '@perigee/workers';
import { spawnAuditWorker } from '#audit-worker';
import type { AuditJobs } from '../jobs/audit.job.ts';
import { signedFor } from './signed-for.ts';

/**
 * `agreement`: the model gives what was signed. `fraud`: it gives another answer, or another end. `overcount`: the answer is right, and its tokens or its end are
 * not. `invalid`: the receipt does not hold, so that it says nothing of the provider. `notAuditable`: nobody can execute it again, or not with what is in the file.
 * `undecided`: it could not be done here, for lack of the weights or in the time that there is.
 */
export type AuditOutcome = 'agreement' | 'fraud' | 'overcount' | 'invalid' | 'notAuditable' | 'undecided';

export interface AuditFinding {
  readonly opened: OpenedReceipt;
  readonly outcome: AuditOutcome;
  /** One sentence for people. */
  readonly reason: string;
  /** Of `invalid`: the check of the receipt that failed. Of `undecided`: the code of what kept it from being done. */
  readonly check?: string;
  /** What can be said on chain; none where nothing was found, or what opens the receipt is longer than a report carries. */
  readonly report?: ComputeReport;
}

export interface AuditorOptions {
  /** Whose keys signed, and for which model. */
  readonly state: VerifiedState;
  /** The file of weights with this storage root; `undefined` where there is none here. What it gives need not be trusted. */
  readonly weights: (modelRoot: Uint8Array, signal: AbortSignal) => Promise<Uint8Array | undefined>;
  readonly verifyEd25519: VerifyEd25519;
}

/**
 * Executes answers again, one at a time, in a worker of its own that starts with the first: within REEXECUTION_MS each, and in the memory of one model, which its
 * file bounds.
 */
export class Auditor {
  readonly #options: AuditorOptions;
  readonly #chain: ChainView;
  readonly #pool = createPool<AuditJobs>({ spawn: spawnAuditWorker, size: 1 });

  constructor(options: AuditorOptions) {
    this.#options = options;
    this.#chain = new ChainView(options.state);
  }

  /**
   * Verifies a receipt against what the chain says of its key, and executes its answer again. Whatever is in it, the answer is a finding.
   *
   * @param blobId blob that the receipt was laid out as for auditors: a report names it
   * @throws BUSY before a head is verified; UNPROVEN, PROOF; ABORTED
   */
  async audit(
    opened: OpenedReceipt,
    { signal, blobId }: { readonly signal: AbortSignal; readonly blobId?: Uint8Array },
  ): Promise<AuditFinding> {
    const { receipt, request, answer } = opened;
    const why = notAuditable(receipt, request) ?? (answer === undefined ? 'the answer is not in the file' : undefined);
    if (request === undefined || why !== undefined) {
      return { opened, outcome: 'notAuditable', reason: sentence(why ?? '') };
    }
    const fault = await this.#faultOf(opened, signal);
    if (fault !== undefined) return { opened, outcome: 'invalid', ...fault };
    const found = await this.#reexecute(receipt, request, signal).catch((thrown: unknown) => {
      const error = PerigeeError.from(thrown);
      if (signal.aborted) throw error;
      return error;
    });
    if (found instanceof PerigeeError) {
      return { opened, outcome: 'undecided', reason: sentence(found.message), check: found.code };
    }
    const { difference } = found;
    const outcome = difference === undefined ? 'agreement' : difference === 'answer' ? 'fraud' : 'overcount';
    return { opened, outcome, reason: sentence(found.reason), ...reportIfShort(opened, found, blobId) };
  }

  /** Ends the worker. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  /** Why a receipt says nothing of a provider. */
  async #faultOf(opened: OpenedReceipt, signal: AbortSignal): Promise<Pick<AuditFinding, 'reason' | 'check'> | undefined> {
    const { state, verifyEd25519 } = this.#options;
    const { signer } = opened.receipt;
    const owner = await signedFor(signer, state, signal);
    if (owner === undefined) return { reason: `No provider has registered key ${toHex(signer.key)}.`, check: 'provider' };
    const { genesisHash } = await this.#chain.facts(signal);
    const { verdict, checks } = await verifyReceipt(opened, {
      chainId: this.#chain.head().chainId,
      genesisHash,
      verifyEd25519,
      provider: { account: owner.provider, signer },
      modelRoot: owner.modelRoot,
    });
    if (verdict !== 'fail') return undefined;
    const failed = checks.find((check) => check.verdict === 'fail' && check.name !== 'final');
    return { reason: failed?.reason ?? 'The receipt does not hold.', ...(failed && { check: failed.name }) };
  }

  async #reexecute(receipt: InferenceReceipt, request: InferenceRequest, signal: AbortSignal): Promise<Reexecuted> {
    const { modelRoot } = receipt.execution;
    const limit = { signal: limitedSignal(signal, REEXECUTION_MS) };
    if (!(await this.#pool.run('has', { modelRoot }, limit))) {
      const file = await this.#options.weights(modelRoot, limit.signal);
      if (file === undefined) throw new PerigeeError('NOT_FOUND', `the weights ${toHex(modelRoot)} are not here`);
      if (file.length > MAX_WEIGHTS_BYTES) {
        throw new PerigeeError('PARSE', `a file of weights has at most ${MAX_WEIGHTS_BYTES} bytes, not ${file.length}`);
      }
      await this.#pool.run('open', { file, modelRoot }, limit);
    }
    return this.#pool.run('reexecute', { receipt, request }, limit);
  }
}

function reportIfShort(opened: OpenedReceipt, found: Reexecuted, blobId: Uint8Array | undefined): Pick<AuditFinding, 'report'> {
  try {
    return { report: reportOf(opened, found, blobId) };
  } catch (error) {
    if (PerigeeError.from(error).code !== 'PARSE') throw error;
    return {};
  }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}
