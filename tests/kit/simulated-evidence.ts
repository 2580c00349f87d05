import type { Simulation } from '@perigee/compute/evidence/simulated';
import { encodeBundle } from '@perigee/light-core/attest/bundle';
import { encodeEvidenceBundle } from '@perigee/light-core/attest/file';
import { intelBundle } from '../../packages/compute/src/evidence/simulated/bundles.ts';

const REPORT_DATA_BYTES = 64;

export interface SimulatedEvidence {
  /** A TDX quote of version 4 over zeros. */
  readonly quote: Uint8Array;
  /** What its vendor would have signed, as peers hand it on. */
  readonly collateral: Uint8Array;
  /** Both in one file, as people hand them over. */
  readonly bundle: Uint8Array;
}

/** Evidence of a machine that there is not. @param change what is done to the quote before it is put into the bundle */
export function simulatedEvidence(simulation: Simulation, change: (quote: Uint8Array) => void = () => {}): SimulatedEvidence {
  const pki = simulation.intel('TDX');
  const quote = simulation.tdxQuote(pki, 'v4', new Uint8Array(REPORT_DATA_BYTES));
  change(quote);
  const bundle = intelBundle('tdx', pki);
  const { pckCrlChain: _, ...intel } = bundle.parts;
  return {
    quote,
    collateral: encodeBundle(bundle),
    bundle: encodeEvidenceBundle({ evidence: quote, collateral: { intel } }),
  };
}
