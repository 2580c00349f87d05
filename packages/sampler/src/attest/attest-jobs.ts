import type { AttestationReport, AttestCrypto, Collateral, Floors, Roots } from '@perigee/light-core/attest';
import {
  type BoundEvidence,
  subjectOfEvidence,
  type VerifiedBundle,
  verifyBound,
  verifyBundle,
} from '@perigee/light-core/attest/bundle';
import { type EvidenceFiles, type EvidenceFinding, verifyEvidenceFile } from '@perigee/light-core/attest/file';

/** What is to be judged, and by what. */
export interface AttestInput extends EvidenceFiles {
  /** Collateral that peers gave. */
  readonly collateral: Collateral;
  /** Trusted time, milliseconds since 1970. */
  readonly timeMs: number;
  /** Against the roots of a development chain, whose genesis the caller has seen proved; else against those of the vendors. */
  readonly simulated: boolean;
  readonly floors: Floors;
}

export interface AttestFinding extends Omit<EvidenceFinding, 'evidence'> {
  /** The collateral that it needs, where that is bundled. */
  readonly subject?: string;
}

/** A file of collateral that a peer gave. */
export interface BundleInput {
  readonly file: Uint8Array;
  readonly subject: string;
  readonly timeMs: number;
  readonly simulated: boolean;
  readonly floors: Floors;
}

/** Evidence of a registration, and what it must bind. */
export interface BoundInput extends BoundEvidence {
  readonly simulated: boolean;
  readonly floors: Floors;
}

/** Jobs of the worker that verifies evidence of hardware. */
export function createAttestJobs(crypto: AttestCrypto) {
  return {
    /** @throws INVALID_ARGUMENT, PARSE, UNKNOWN_VERSION: what was handed over cannot be read at all */
    async attest({ collateral, timeMs, simulated, floors, ...files }: AttestInput): Promise<AttestFinding> {
      const options = { collateral, time: timeMs, policy: {}, crypto, roots: await rootsFor(simulated), floors };
      const { evidence, ...finding } = await verifyEvidenceFile(files, options);
      const subject = await subjectOfEvidence(evidence).catch(() => undefined);
      return subject === undefined ? finding : { ...finding, subject };
    },

    /** @throws ATTESTATION, PARSE and what else `verifyBundle` throws for collateral that is not good; INVALID_ARGUMENT */
    async bound({ simulated, floors, ...input }: BoundInput): Promise<AttestationReport> {
      return verifyBound(input, { crypto, roots: await rootsFor(simulated), floors });
    },

    /** @throws what `verifyBundle` throws */
    async bundle({ file, subject, timeMs, simulated, floors }: BundleInput): Promise<VerifiedBundle> {
      return verifyBundle(file, { subject, time: timeMs, crypto, roots: await rootsFor(simulated), floors });
    },
  };
}

export type AttestJobs = ReturnType<typeof createAttestJobs>;

/** The roots of development chains are a part of their own, for who needs them. */
async function rootsFor(simulated: boolean): Promise<Roots> {
  if (!simulated) return 'vendor';
  const { rootsOfDevelopment } = await import('@perigee/light-core/attest/development');
  return rootsOfDevelopment({ development: true });
}
