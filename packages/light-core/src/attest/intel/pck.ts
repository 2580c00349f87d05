import { malformed } from '../code.ts';
import { type Der, readDer, sequence, TAG } from '../der.ts';
import { octetsOf, oidOf, smallOf } from '../der-values.ts';
import type { Certificate } from '../x509.ts';

/** What a PCK certificate says of its platform (Intel SGX PCK Certificate and CRL Profile, §1.3.5). */
export interface PckPlatform {
  readonly cpuSvns: readonly number[];
  readonly pceSvn: number;
  readonly pceId: Uint8Array;
  readonly fmspc: Uint8Array;
}

const SGX_EXTENSIONS = '1.2.840.113741.1.13.1';
const TCB = `${SGX_EXTENSIONS}.2`;
const PCE_ID = `${SGX_EXTENSIONS}.3`;
const FMSPC = `${SGX_EXTENSIONS}.4`;
const COMPONENTS = 16;
/** Place of the PCE's SVN behind those of the components, in the TCB's object identifiers. */
const PCE_SVN = 17;

/** @throws ATTESTATION (DER, CERTIFICATE) */
export function pckPlatformOf({ extensions }: Certificate): PckPlatform {
  const extension = extensions.get(SGX_EXTENSIONS);
  if (extension === undefined) throw malformed('CERTIFICATE', 'a PCK certificate');
  const parts = pairsOf(readDer(extension));
  const tcb = pairsOf(parts.get(TCB));
  const [pceId, fmspc] = [octetsOf(parts.get(PCE_ID)), octetsOf(parts.get(FMSPC))];
  if (pceId.length !== 2 || fmspc.length !== 6) throw malformed('CERTIFICATE', 'a PCK certificate');
  const cpuSvns = Array.from({ length: COMPONENTS }, (_, i) => smallOf(tcb.get(`${TCB}.${i + 1}`)));
  return { cpuSvns, pceSvn: smallOf(tcb.get(`${TCB}.${PCE_SVN}`)), pceId, fmspc };
}

/** Sequence of pairs of an object identifier and a value. */
function pairsOf(list: Der | undefined): ReadonlyMap<string, Der> {
  const pairs = new Map<string, Der>();
  for (const pair of sequence(list)) {
    const [id, value, ...more] = sequence(pair);
    const name = oidOf(id);
    if (value === undefined || more.length > 0 || pairs.has(name) || id?.tag !== TAG.oid)
      throw malformed('CERTIFICATE', 'a PCK certificate');
    pairs.set(name, value);
  }
  return pairs;
}
