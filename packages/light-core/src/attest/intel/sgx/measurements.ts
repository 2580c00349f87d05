import { toHex } from '@perigee/wire';
import type { EnclaveReport } from '../enclave-report.ts';
import { isSame, oneOf } from '../measurements.ts';
import type { EnclaveMeasurements, IntelPolicy } from '../policy.ts';

/**
 * The code is one that the policy names.
 *
 * @returns a sentence
 * @throws ATTESTATION (MEASUREMENT); `notChecked` (NOT_ASKED)
 */
export function checkEnclaveMeasurements(enclave: EnclaveReport, { enclaves = [] }: IntelPolicy): string {
  const fits = ({ mrEnclave, mrSigner, isvProdId, minIsvSvn = 0, configId }: EnclaveMeasurements): boolean =>
    (mrEnclave !== undefined || (mrSigner !== undefined && isvProdId !== undefined)) &&
    isSame(enclave.mrEnclave, mrEnclave) &&
    isSame(enclave.mrSigner, mrSigner) &&
    isSame(enclave.configId, configId) &&
    (isvProdId === undefined || enclave.isvProdId === isvProdId) &&
    enclave.isvSvn >= minIsvSvn;
  return oneOf(enclaves, fits, `the enclave with MRENCLAVE ${toHex(enclave.mrEnclave)}`);
}
