import { concat, u16le } from '@perigee/wire';
import type { Extension } from '../certificate.ts';
import { boolean, enumerated, integer, objectId, octetString, sequence } from '../der-writer.ts';

const SGX = '1.2.840.113741.1.13.1';

/** What a PCK certificate says of its processor. */
export interface SgxPlatform {
  /** 16 bytes. */
  readonly ppid: Uint8Array;
  /** Security version of each component, 16 bytes. */
  readonly cpuSvn: Uint8Array;
  readonly pceSvn: number;
  /** 2 bytes. */
  readonly pceId: Uint8Array;
  /** 6 bytes: family, model, stepping, platform, custom SKU. */
  readonly fmspc: Uint8Array;
}

/** Intel's SGX extension of a PCK certificate ("Intel SGX PCK Certificate and CRL Specification", §1.3.5). */
export function sgxExtension({ ppid, cpuSvn, pceSvn, pceId, fmspc }: SgxPlatform): Extension {
  const field = (arc: string, value: Uint8Array): Uint8Array => sequence(objectId(`${SGX}.${arc}`), value);
  const components = Array.from(cpuSvn, (svn, i) => field(`2.${i + 1}`, integer(svn)));
  const value = sequence(
    field('1', octetString(ppid)),
    field('2', sequence(...components, field('2.17', integer(pceSvn)), field('2.18', octetString(cpuSvn)))),
    field('3', octetString(pceId)),
    field('4', octetString(fmspc)),
    field('5', enumerated(1)), // scalable
    field('6', octetString(concat(ppid.subarray(0, 14), u16le(1)))),
    field('7', sequence(field('7.1', boolean(true)), field('7.2', boolean(false)), field('7.3', boolean(true)))),
  );
  return { oid: SGX, critical: false, value };
}
