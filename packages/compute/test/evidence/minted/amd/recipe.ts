import type { AmdCollateral, Floors, SnpPolicy } from '@perigee/light-core/attest';
import { concat } from '@perigee/wire';
import { certificateTable } from '../../../../src/evidence/simulated/amd/certificate-table.ts';
import type { AmdChanges, AmdPki, SnpProduct } from '../../../../src/evidence/simulated/amd/pki.ts';
import type { SnpChanges } from '../../../../src/evidence/simulated/amd/report.ts';
import type { Change } from '../../../../src/evidence/simulated/certificate.ts';
import type { Minted } from '../case.ts';
import { NOW_MS, REPORT_DATA, simulation } from '../simulation.ts';

/** What is wanted of an SNP report and what belongs to it; what is left out is valid. */
export interface AmdRecipe {
  readonly product?: SnpProduct;
  readonly pki?: AmdChanges;
  readonly report?: SnpChanges;
  /** The host's certificates stand behind the report, and not in collateral. */
  readonly table?: (pki: AmdPki) => Parameters<typeof certificateTable>[0];
  readonly bytes?: Change<Uint8Array>;
  readonly collateral?: (collateral: AmdCollateral, pki: AmdPki) => AmdCollateral;
  readonly policy?: SnpPolicy;
  readonly floors?: (seen: Floors) => Floors;
}

export function mintAmd({
  product = 'Milan',
  pki: changes,
  report,
  table,
  bytes,
  collateral,
  policy,
  floors,
}: AmdRecipe): Minted {
  const pki = simulation.amd(product, changes);
  const alone = simulation.snpReport(pki, REPORT_DATA, report);
  const minted = table === undefined ? alone : concat(alone, certificateTable(table(pki)));
  const { vcek, ask, ark, crl } = pki;
  const whole: AmdCollateral = table === undefined ? { vcek, ask, ark, crl } : { crl };
  return {
    bytes: bytes === undefined ? minted : bytes(minted),
    collateral: { amd: collateral === undefined ? whole : collateral(whole, pki) },
    policy: policy === undefined ? {} : { amd: policy },
    roots: { amd: [pki.ark] },
    time: NOW_MS,
    ...(floors === undefined ? {} : { floors }),
  };
}
