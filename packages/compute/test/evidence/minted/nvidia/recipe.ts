import type { Floors, GpuPolicy, NvidiaCollateral } from '@perigee/light-core/attest';
import { utf8 } from '@perigee/wire';
import { type Change, pemOf } from '../../../../src/evidence/simulated/certificate.ts';
import type { GpuEvidenceFields } from '../../../../src/evidence/simulated/nvidia/evidence.ts';
import type { GpuChanges, GpuPki } from '../../../../src/evidence/simulated/nvidia/pki.ts';
import type { RimFields } from '../../../../src/evidence/simulated/nvidia/rim.ts';
import type { Minted } from '../case.ts';
import { NOW_MS, simulation } from '../simulation.ts';

/** What is wanted of a GPU's evidence and what belongs to it; what is left out is valid. */
export interface GpuRecipe {
  readonly pki?: GpuChanges;
  readonly evidence?: Change<GpuEvidenceFields>;
  /** Certificates, leaf first. */
  readonly chain?: (pki: GpuPki) => readonly Uint8Array[];
  readonly driverRim?: Change<RimFields>;
  readonly vbiosRim?: Change<RimFields>;
  readonly bytes?: Change<Uint8Array>;
  readonly collateral?: (collateral: NvidiaCollateral, pki: GpuPki) => NvidiaCollateral;
  readonly policy?: GpuPolicy;
  readonly floors?: (seen: Floors) => Floors;
}

export const NONCE = new Uint8Array(32).fill(0x4e);

export function mintGpu({
  pki: changes,
  evidence,
  chain,
  driverRim,
  vbiosRim,
  bytes,
  collateral,
  policy,
  floors,
}: GpuRecipe): Minted {
  const pki = simulation.gpu(changes);
  const minted = simulation.gpuEvidence(pki, NONCE, evidence);
  const { leaf, device, provisioner, identity, root, rimRoot } = pki.certificates;
  const whole: NvidiaCollateral = {
    chain: utf8(pemOf(...(chain?.(pki) ?? [leaf, device, provisioner, identity, root]))),
    rootCrl: pki.rootCrl,
    identityCrl: pki.identityCrl,
    rims: [simulation.gpuRim(pki, 'driver', driverRim), simulation.gpuRim(pki, 'vbios', vbiosRim)],
  };
  return {
    bytes: bytes === undefined ? minted : bytes(minted),
    collateral: { nvidia: collateral === undefined ? whole : collateral(whole, pki) },
    policy: policy === undefined ? {} : { nvidia: policy },
    roots: { nvidia: [root, rimRoot] },
    time: NOW_MS,
    ...(floors === undefined ? {} : { floors }),
  };
}
