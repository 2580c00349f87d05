export type { SnpCheck, SnpClaims, SnpPolicy, SnpProduct, SnpReport, SnpTcb } from './amd/index.ts';
export { type Check, LABELS, type Label, type Level, type Verdict } from './check.ts';
export type { AttestCode } from './code.ts';
export {
  type AmdCollateral,
  type Collateral,
  type Floors,
  type IntelCollateral,
  type NvidiaCollateral,
  raiseFloors,
  type Seen,
} from './collateral.ts';
export type { AttestCrypto, Curve, EcKey, PublicKey, RsaKey } from './crypto.ts';
export { HARDWARE_SUPPORT, type HardwareStatus, type HardwareSupport } from './hardware.ts';
export type {
  EnclaveMeasurements,
  IntelCheckName,
  IntelClaims,
  IntelPolicy,
  TcbStatus,
  TdMeasurements,
} from './intel/index.ts';
export type { NitroCheck, NitroClaims, NitroDocument, NitroPolicy } from './nitro/index.ts';
export type { GpuCheck, GpuClaims, GpuEvidence, GpuPolicy } from './nvidia/index.ts';
export type { AttestationReport, Field, Platform, RealReport, SimulatedReport } from './report.ts';
export { type DevelopmentRoots, developmentRoots, type RootBytes, type Roots } from './roots.ts';
export { floorsUnder } from './simulated-names.ts';
export { type EvidenceClaims, type EvidenceOptions, type EvidencePolicy, verifyEvidence } from './verify.ts';
export { type AttestSubtle, webCryptoAttest } from './web-crypto.ts';
