import { toHex } from '@perigee/wire';
import type { Seen } from '../collateral.ts';
import type { Crl } from '../crl.ts';
import type { Certificate } from '../x509.ts';
import type { QeIdentity } from './qe-identity.ts';
import type { TcbInfo } from './tcb-info.ts';

/** Intel numbers all its lists 1, so the date counts too. */
export function crlNumbers(issuer: Pick<Certificate, 'serial'>, { number, thisUpdate }: Crl): Seen {
  return { [`intel/crl/${issuer.serial}/number`]: number, [`intel/crl/${issuer.serial}/thisUpdate`]: thisUpdate };
}

/** The evaluation of TCB information and of the quoting enclave's identity, as far as they were verified. */
export function evaluations(
  tee: 'tdx' | 'sgx',
  { tcbInfo, qeIdentity }: { readonly tcbInfo: TcbInfo | undefined; readonly qeIdentity: QeIdentity | undefined },
): Seen {
  return {
    ...(tcbInfo === undefined ? {} : { [`intel/tcbInfo/${tee}/${toHex(tcbInfo.fmspc)}`]: tcbInfo.evaluation }),
    ...(qeIdentity === undefined ? {} : { [`intel/qeIdentity/${tee}`]: qeIdentity.evaluation }),
  };
}
