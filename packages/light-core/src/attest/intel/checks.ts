import type { CheckNames } from '../check.ts';

const COMMON = {
  /** The bytes are a quote of a kind that is known. */
  parse: 'hardware',
  /** Behind the quote there is nothing but zeros. */
  trailingBytes: 'hardware',
  /** PCK certificate, its CA and the pinned root: the processor is one of Intel's. */
  pckChain: 'hardware',
  /** The root's revocation list is authentic and current. */
  rootCrl: 'hardware',
  /** So is that of the CA of the PCK certificate. */
  pckCrl: 'hardware',
  /** Neither the PCK certificate nor its CA is revoked. */
  revocation: 'hardware',
  /** TCB information is authentic and current, and its signer not revoked. */
  tcbInfo: 'hardware',
  /** So is the identity of the quoting enclave. */
  qeIdentity: 'hardware',
  /** All collateral is as new as what was seen before, and as the policy asks. */
  rollback: 'hardware',
  /** TCB information is of the model of platform that the PCK certificate names. */
  platformIdentity: 'hardware',
  /** The processor signed the report of the quoting enclave. */
  qeReport: 'hardware',
  /** The quoting enclave vouches for the attestation key. */
  attestationKey: 'hardware',
  /** The quoting enclave is Intel's. */
  quotingEnclave: 'hardware',
  /** The attestation key signed the quote. */
  quoteSignature: 'hardware',
  /** The platform's firmware has a level. */
  tcbLevel: 'hardware',
} as const;

/** The policy takes what Intel judges of all parts together. */
const STATUS = { tcbStatus: 'hardware' } as const;
/** The code is one that the policy names; what it put into its report is what is due. */
const CODE = { measurements: 'code', reportData: 'content' } as const;

/** Checks of a TDX quote. */
export const TDX_CHECKS = {
  ...COMMON,
  /** The TDX module is Intel's. */
  tdxModule: 'hardware',
  ...STATUS,
  /** The trust domain is closed to its host. */
  trustDomain: 'hardware',
  ...CODE,
} as const satisfies CheckNames<string>;

/** Checks of an SGX quote. */
export const SGX_CHECKS = {
  ...COMMON,
  ...STATUS,
  /** The enclave is closed to its host. */
  enclave: 'hardware',
  ...CODE,
} as const satisfies CheckNames<string>;

export type IntelCheckName = keyof typeof TDX_CHECKS | keyof typeof SGX_CHECKS;
