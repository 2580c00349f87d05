import type { AttestFinding } from '@perigee/sampler/attest';
import type { ErrorObject } from '@perigee/wire';

/** Evidence of hardware that is to be verified. */
export interface AttestOrder {
  /** A file, or pasted text. */
  readonly evidence: File | string;
  /** What vendors have signed about it, where somebody has it in a file. */
  readonly collateral: File | undefined;
  /** The time for which it is judged, milliseconds since 1970; `undefined` for now. */
  readonly timeMs: number | undefined;
}

/** Evidence of hardware that a person handed over, and what was found. */
export interface AttestationView {
  /** Name of the file, fit to be shown; `undefined` for pasted text. */
  readonly name: string | undefined;
  /** `collateral`: it was verified with what was handed over, and peers are asked for what is missing. */
  readonly doing: 'verify' | 'collateral' | undefined;
  /** May lack what is still asked for. */
  readonly finding: AttestFinding | undefined;
  /** The time for which it was judged, milliseconds since 1970. */
  readonly judgedAtMs: number | undefined;
  /** That time was given by hand. */
  readonly isGivenTime: boolean;
  /** What was handed over cannot be read at all. */
  readonly problem: ErrorObject | undefined;
}

export const NO_ATTESTATION: AttestationView = {
  name: undefined,
  doing: undefined,
  finding: undefined,
  judgedAtMs: undefined,
  isGivenTime: false,
  problem: undefined,
};
