/** What vendors say about their platforms: signed by them, so any peer may bring it. */

/** Bytes as Intel's service answers; each is verified, and what is missing leaves its checks unmade. */
export interface IntelCollateral {
  /** Body of `/tdx/certification/v4/tcb` or `/sgx/…`, JSON, and the PEM chain of its signer (`TCB-Info-Issuer-Chain`). */
  readonly tcbInfo?: Uint8Array;
  readonly tcbInfoChain?: Uint8Array;
  /** Body of `/tdx/certification/v4/qe/identity` or `/sgx/…`, JSON, and the PEM chain of its signer. */
  readonly qeIdentity?: Uint8Array;
  readonly qeIdentityChain?: Uint8Array;
  /** DER. */
  readonly rootCrl?: Uint8Array;
  /** Of the CA that issued the quote's PCK certificate, DER. */
  readonly pckCrl?: Uint8Array;
}

/** AMD's certificates and revocation lists, DER. */
export interface AmdCollateral {
  /** Of the chip, or the cloud's VLEK, where the evidence does not carry it. */
  readonly vcek?: Uint8Array;
  /** Or the ASVK, which issues VLEKs. */
  readonly ask?: Uint8Array;
  /** The root key's own certificate. */
  readonly ark?: Uint8Array;
  /** Of the root key. */
  readonly crl?: Uint8Array;
}

export interface NvidiaCollateral {
  /** PEM chain of the GPU, leaf first, where the evidence does not carry it. */
  readonly chain?: Uint8Array;
  /** Of the root, and of the identity of the GPU's line (`l1-root.crl`, `l2-gh100.crl`), DER. */
  readonly rootCrl?: Uint8Array;
  readonly identityCrl?: Uint8Array;
  /** Golden values, of the driver and of the VBIOS: signed XML. */
  readonly rims?: readonly Uint8Array[];
}

export interface Collateral {
  readonly intel?: IntelCollateral;
  readonly amd?: AmdCollateral;
  readonly nvidia?: NvidiaCollateral;
}

/**
 * Numbers below which collateral is refused although it is signed and unexpired: what a caller, or the chain, has seen before. By name, such as
 * `intel/tcbInfo/tdx/b0c06f000000`, so that one platform's numbers are not held against another's.
 */
export type Floors = Readonly<Record<string, number>>;

/** The numbers of the collateral that was verified, by the same names. Only authentic numbers are in it, so keeping the highest is safe. */
export type Seen = Readonly<Record<string, number>>;

/** The highest of both, by name: what a caller keeps after a verification. */
export function raiseFloors(floors: Floors, seen: Seen): Floors {
  const raised: Record<string, number> = { ...floors };
  for (const [name, number] of Object.entries(seen)) raised[name] = Math.max(raised[name] ?? 0, number);
  return raised;
}
