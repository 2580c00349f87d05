import type { Floors, IntelCollateral, IntelPolicy } from '@perigee/light-core/attest';
import { toHex, utf8 } from '@perigee/wire';
import { type Change, pemOf } from '../../../../src/evidence/simulated/certificate.ts';
import type { IntelChanges, IntelPki } from '../../../../src/evidence/simulated/intel/pki.ts';
import type { QuoteChanges, TdReport, TdxForm } from '../../../../src/evidence/simulated/intel/quote.ts';
import { curveKey } from '../../../../src/evidence/simulated/signing-key.ts';
import type { Minted } from '../case.ts';
import { NOW_MS, REPORT_DATA, SEED, simulation } from '../simulation.ts';

/** What is wanted of an Intel quote and what belongs to it; what is left out is valid. */
export interface IntelRecipe {
  readonly form?: TdxForm | 'sgx';
  readonly pki?: IntelChanges;
  readonly quote?: QuoteChanges;
  /** Certificates of the quote's chain, leaf first. */
  readonly chain?: (pki: IntelPki) => readonly Uint8Array[];
  /** Text of the chain. */
  readonly pem?: Change<string>;
  readonly bytes?: Change<Uint8Array>;
  readonly collateral?: (collateral: IntelCollateral, pki: IntelPki) => IntelCollateral;
  readonly policy?: IntelPolicy;
  readonly floors?: (seen: Floors) => Floors;
  /** Milliseconds from NOW. */
  readonly later?: number;
}

export function mintIntel({
  form = 'v4',
  pki: changes,
  quote = {},
  chain,
  pem,
  bytes,
  collateral,
  policy,
  floors,
  later = 0,
}: IntelRecipe): Minted {
  const pki = simulation.intel(form === 'sgx' ? 'SGX' : 'TDX', changes);
  const all: QuoteChanges = {
    ...quote,
    signature: (fields) => {
      const certificationData = chain === undefined ? fields.certificationData : utf8(pemOf(...chain(pki)));
      const text = pem === undefined ? certificationData : utf8(pem(new TextDecoder().decode(certificationData)));
      const changed = { ...fields, certificationData: text };
      return quote.signature === undefined ? changed : quote.signature(changed);
    },
  };
  const minted = form === 'sgx' ? simulation.sgxQuote(pki, REPORT_DATA, all) : simulation.tdxQuote(pki, form, REPORT_DATA, all);
  const whole = intelCollateralOf(pki);
  return {
    bytes: bytes === undefined ? minted : bytes(minted),
    collateral: { intel: collateral === undefined ? whole : collateral(whole, pki) },
    policy: policy === undefined ? {} : { intel: policy },
    roots: { intel: [pki.root] },
    time: NOW_MS + later,
    ...(floors === undefined ? {} : { floors }),
  };
}

function intelCollateralOf({ services }: IntelPki): IntelCollateral {
  return {
    tcbInfo: utf8(services.tcbInfo.body),
    tcbInfoChain: utf8(services.tcbInfo.issuerChain),
    qeIdentity: utf8(services.qeIdentity.body),
    qeIdentityChain: utf8(services.qeIdentity.issuerChain),
    rootCrl: services.rootCrl,
    pckCrl: services.pckCrl,
  };
}

/** A key that nobody has certified. */
export const STRANGER = curveKey(SEED, 'stranger', 'P-256');

/** The measurements of the simulated trust domain, as a policy names them. */
export const TRUST_DOMAIN = measurementsOf();

function measurementsOf() {
  let found: TdReport | undefined;
  simulation.tdxQuote(simulation.intel('TDX'), 'v4', REPORT_DATA, {
    td: (td) => {
      found = td;
      return td;
    },
  });
  const { mrTd, mrSeam, rtmr } = found as TdReport;
  const [rtmr0, rtmr1, rtmr2, rtmr3] = rtmr.map(toHex) as [string, string, string, string];
  return { mrTd: toHex(mrTd), mrSeam: toHex(mrSeam), rtmr0, rtmr1, rtmr2, rtmr3 };
}
