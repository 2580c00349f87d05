import type { NitroPolicy } from '@perigee/light-core/attest';
import { utf8 } from '@perigee/wire';
import type { Change } from '../../../../src/evidence/simulated/certificate.ts';
import type { DocumentChanges, NitroRequest } from '../../../../src/evidence/simulated/nitro/document.ts';
import type { NitroChanges } from '../../../../src/evidence/simulated/nitro/pki.ts';
import type { Minted } from '../case.ts';
import { NOW_MS, simulation } from '../simulation.ts';

/** What is wanted of a Nitro document; what is left out is valid. */
export interface NitroRecipe {
  readonly pki?: NitroChanges;
  readonly document?: DocumentChanges;
  readonly request?: Partial<NitroRequest>;
  readonly bytes?: Change<Uint8Array>;
  readonly policy?: NitroPolicy;
  /** Milliseconds from NOW. */
  readonly later?: number;
}

export const BOUND = { nonce: utf8('nonce'), userData: utf8('user data'), publicKey: utf8('public key') };

export function mintNitro({ pki: changes, document, request, bytes, policy, later = 0 }: NitroRecipe): Minted {
  const pki = simulation.nitro(changes);
  const minted = simulation.nitroDocument(pki, { ...BOUND, ...request }, document);
  return {
    bytes: bytes === undefined ? minted : bytes(minted),
    collateral: {},
    policy: policy === undefined ? {} : { nitro: policy },
    roots: { nitro: [pki.certificates.root] },
    time: NOW_MS + later,
  };
}
