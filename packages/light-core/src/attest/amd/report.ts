import { refuse } from '../code.ts';
import {
  SNP_ECDSA_P384_SHA384,
  SNP_FIELDS,
  SNP_PLATFORM_BITS,
  SNP_POLICY_BITS,
  SNP_REPORT_BYTES,
  SNP_REPORT_VERSIONS,
  SNP_SCALAR_BYTES,
  SNP_SIGNED_BYTES,
  SNP_SIGNER,
  SNP_SIGNING_KEYS,
} from './layout.ts';
import { productOfCpu, type SnpProduct } from './product.ts';

/** An attestation report as its bytes say, nothing verified. TCB versions stay bytes: what they mean depends on the product. */
export interface SnpReport {
  readonly version: (typeof SNP_REPORT_VERSIONS)[number];
  readonly guestSvn: number;
  readonly policy: bigint;
  readonly familyId: Uint8Array;
  readonly imageId: Uint8Array;
  /** Privilege level of who asked for the report, 0 (the highest) to 3; the host asks with 0xffffffff. */
  readonly vmpl: number;
  readonly currentTcb: Uint8Array;
  readonly platformInfo: bigint;
  readonly signingKey: 'vcek' | 'vlek';
  /** The host hides its chip: `chipId` is zeros. */
  readonly maskChipKey: boolean;
  readonly authorKeyEnabled: boolean;
  readonly reportData: Uint8Array;
  readonly measurement: Uint8Array;
  readonly hostData: Uint8Array;
  readonly idKeyDigest: Uint8Array;
  readonly authorKeyDigest: Uint8Array;
  readonly reportId: Uint8Array;
  readonly reportIdMigrationAgent: Uint8Array;
  readonly reportedTcb: Uint8Array;
  /** From version 3. */
  readonly cpu?: { readonly family: number; readonly model: number; readonly stepping: number; readonly product: SnpProduct };
  readonly chipId: Uint8Array;
  readonly committedTcb: Uint8Array;
  readonly currentFirmware: FirmwareVersion;
  readonly committedFirmware: FirmwareVersion;
  readonly launchTcb: Uint8Array;
  /** From version 5: which mitigations were on when the guest was launched, and now. */
  readonly mitigations?: { readonly launch: bigint; readonly current: bigint };
  /** The 672 bytes that are signed. */
  readonly signed: Uint8Array;
  /** r and s, big-endian, 48 bytes each. */
  readonly signature: Uint8Array;
}

export interface FirmwareVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
}

/** What of the signature field is not the signature. */
const SIGNATURE_END = SNP_FIELDS.signature[0] + SNP_FIELDS.signature[1];
const REPORT_DATA_START = SNP_FIELDS.reportData[0];

/**
 * Reads a report. Every reserved byte and bit must be what the specification says for the report's version.
 *
 * @param bytes exactly 1,184
 * @throws refusals: PARSE, VERSION, ALGORITHM, RESERVED, PLATFORM, SIGNATURE
 */
export function readSnpReport(bytes: Uint8Array): SnpReport {
  if (bytes.length !== SNP_REPORT_BYTES)
    throw refuse('PARSE', `The attestation report has ${bytes.length} bytes, not ${SNP_REPORT_BYTES}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const field = (name: keyof typeof SNP_FIELDS) => {
    const [offset, length] = SNP_FIELDS[name];
    return bytes.slice(offset, offset + length);
  };
  const u32 = (name: keyof typeof SNP_FIELDS) => view.getUint32(SNP_FIELDS[name][0], true);
  const u64 = (name: keyof typeof SNP_FIELDS) => view.getBigUint64(SNP_FIELDS[name][0], true);

  const number = u32('version');
  const version = SNP_REPORT_VERSIONS.find((known) => known === number);
  if (version === undefined) {
    throw refuse('VERSION', `The attestation report is of version ${number}; versions 2 to 5 can be verified.`);
  }
  if (u32('signatureAlgorithm') !== SNP_ECDSA_P384_SHA384) {
    throw refuse('ALGORITHM', `The report's signature algorithm is ${u32('signatureAlgorithm')}, not ECDSA P-384 with SHA-384.`);
  }
  const policy = u64('policy');
  if ((policy & policyMask(version)) !== policy || !bit(policy, SNP_POLICY_BITS.reservedOne)) {
    throw refuse(
      'RESERVED',
      `The guest policy 0x${policy.toString(16)} has reserved bits that version ${version} of the report does not allow.`,
    );
  }
  const platformInfo = u64('platformInfo');
  if ((platformInfo & platformMask(version)) !== platformInfo) {
    throw refuse('RESERVED', `The platform information 0x${platformInfo.toString(16)} has reserved bits set.`);
  }
  for (const [from, to] of reservedRanges(version)) {
    if (bytes.subarray(from, to).some((byte) => byte !== 0)) {
      throw refuse('RESERVED', `Reserved bytes of the report from 0x${from.toString(16)} on are not zero.`);
    }
  }
  return {
    version,
    guestSvn: u32('guestSvn'),
    policy,
    familyId: field('familyId'),
    imageId: field('imageId'),
    vmpl: u32('vmpl'),
    currentTcb: field('currentTcb'),
    platformInfo,
    ...signerInfo(u32('signerInfo')),
    reportData: field('reportData'),
    measurement: field('measurement'),
    hostData: field('hostData'),
    idKeyDigest: field('idKeyDigest'),
    authorKeyDigest: field('authorKeyDigest'),
    reportId: field('reportId'),
    reportIdMigrationAgent: field('reportIdMigrationAgent'),
    reportedTcb: field('reportedTcb'),
    ...(version >= 3 ? { cpu: cpu(field('cpuid')) } : {}),
    chipId: field('chipId'),
    committedTcb: field('committedTcb'),
    currentFirmware: firmware(field('currentFirmware')),
    committedFirmware: firmware(field('committedFirmware')),
    launchTcb: field('launchTcb'),
    ...(version >= 5 ? { mitigations: { launch: u64('launchMitigations'), current: u64('currentMitigations') } } : {}),
    signed: bytes.slice(0, SNP_SIGNED_BYTES),
    signature: signature(field('signature')),
  };
}

function bit(word: bigint, at: bigint): boolean {
  return ((word >> at) & 1n) === 1n;
}

function policyMask(version: number): bigint {
  return (1n << (version >= 5 ? SNP_POLICY_BITS.pageSwapDisabled + 1n : SNP_POLICY_BITS.pageSwapDisabled)) - 1n;
}

function platformMask(version: number): bigint {
  const { ciphertextHiding, aliasCheckComplete, tio } = SNP_PLATFORM_BITS;
  let mask = (1n << (ciphertextHiding + 1n)) - 1n;
  if (version >= 3) mask |= 1n << aliasCheckComplete;
  if (version >= 5) mask |= 1n << tio;
  return mask;
}

/** From and to, bytes; `to` is not part of it. */
function reservedRanges(version: number): readonly (readonly [number, number])[] {
  const { cpuid, chipId, currentFirmware, committedFirmware, launchTcb, launchMitigations, currentMitigations } = SNP_FIELDS;
  return [
    [SNP_FIELDS.signerInfo[0] + 4, REPORT_DATA_START],
    [version >= 3 ? cpuid[0] + cpuid[1] : cpuid[0], chipId[0]],
    [currentFirmware[0] + 3, committedFirmware[0]],
    [committedFirmware[0] + 3, launchTcb[0]],
    [version >= 5 ? currentMitigations[0] + 8 : launchMitigations[0], SNP_SIGNED_BYTES],
    [SIGNATURE_END, SNP_REPORT_BYTES],
  ];
}

function signerInfo(word: number): Pick<SnpReport, 'signingKey' | 'maskChipKey' | 'authorKeyEnabled'> {
  const { authorKey, maskChipKey, keyShift, keyMask } = SNP_SIGNER;
  if (word >>> (keyShift + 3) !== 0) throw refuse('RESERVED', 'The signer information has reserved bits set.');
  const key = (word >>> keyShift) & keyMask;
  if (key === SNP_SIGNING_KEYS.none) throw refuse('SIGNATURE', 'The report says itself that no key signed it.');
  const signingKey = key === SNP_SIGNING_KEYS.vcek ? 'vcek' : key === SNP_SIGNING_KEYS.vlek ? 'vlek' : undefined;
  if (signingKey === undefined) throw refuse('RESERVED', `Signing key ${key} is neither VCEK nor VLEK.`);
  return { signingKey, maskChipKey: (word & maskChipKey) !== 0, authorKeyEnabled: (word & authorKey) !== 0 };
}

function cpu([family = 0, model = 0, stepping = 0]: Uint8Array): NonNullable<SnpReport['cpu']> {
  const product = productOfCpu(family, model);
  if (product === undefined) {
    throw refuse(
      'PLATFORM',
      `Family 0x${family.toString(16)}, model 0x${model.toString(16)} is no processor whose root keys are known.`,
    );
  }
  return { family, model, stepping, product };
}

function firmware([build = 0, minor = 0, major = 0]: Uint8Array): FirmwareVersion {
  return { major, minor, build };
}

/** AMD's little-endian r and s in 72 bytes each as 48 big-endian bytes each. */
function signature(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(96);
  for (const half of [0, 1]) {
    const scalar = bytes.subarray(half * SNP_SCALAR_BYTES, (half + 1) * SNP_SCALAR_BYTES);
    if (scalar.subarray(48).some((byte) => byte !== 0))
      throw refuse('RESERVED', 'A number of the signature is longer than 48 bytes.');
    out.set(scalar.slice(0, 48).reverse(), half * 48);
  }
  return out;
}
