/** Where things lie in an attestation report: SEV-SNP Firmware ABI (AMD 56860, revision 1.58), ATTESTATION_REPORT. All numbers are little-endian. */

/** Bytes of a report, whatever its version. */
export const SNP_REPORT_BYTES = 0x4a0;

/** Versions whose reserved fields we know. 3 named the processor, 5 added the mitigation vectors. */
export const SNP_REPORT_VERSIONS = [2, 3, 4, 5] as const;

/** Offset and length of each field, bytes. */
export const SNP_FIELDS = {
  version: [0x000, 4],
  guestSvn: [0x004, 4],
  policy: [0x008, 8],
  familyId: [0x010, 16],
  imageId: [0x020, 16],
  vmpl: [0x030, 4],
  signatureAlgorithm: [0x034, 4],
  currentTcb: [0x038, 8],
  platformInfo: [0x040, 8],
  signerInfo: [0x048, 4],
  reportData: [0x050, 64],
  measurement: [0x090, 48],
  hostData: [0x0c0, 32],
  idKeyDigest: [0x0e0, 48],
  authorKeyDigest: [0x110, 48],
  reportId: [0x140, 32],
  reportIdMigrationAgent: [0x160, 32],
  reportedTcb: [0x180, 8],
  /** Family, model and stepping of the processor, from version 3. */
  cpuid: [0x188, 3],
  chipId: [0x1a0, 64],
  committedTcb: [0x1e0, 8],
  /** Build, minor and major of the firmware that runs. */
  currentFirmware: [0x1e8, 3],
  committedFirmware: [0x1ec, 3],
  launchTcb: [0x1f0, 8],
  /** From version 5. */
  launchMitigations: [0x1f8, 8],
  currentMitigations: [0x200, 8],
  /** r and s, 72 bytes each. */
  signature: [0x2a0, 144],
} as const satisfies Record<string, readonly [offset: number, length: number]>;

/** The signature covers what lies before it. */
export const SNP_SIGNED_BYTES = SNP_FIELDS.signature[0];
/** r or s of the signature: 48 bytes of number, 24 of zeros. */
export const SNP_SCALAR_BYTES = 72;

/** ECDSA P-384 with SHA-384, the one algorithm of reports. */
export const SNP_ECDSA_P384_SHA384 = 1;

/** Bits of the signer information. */
export const SNP_SIGNER = { authorKey: 0x1, maskChipKey: 0x2, keyShift: 2, keyMask: 0x7 } as const;
/** Which key signed, as the signer information counts. */
export const SNP_SIGNING_KEYS = { vcek: 0, vlek: 1, none: 7 } as const;

/** Bits of the guest policy (table "Guest Policy"); 0 to 15 are the least ABI, minor and major. */
export const SNP_POLICY_BITS = {
  smt: 16n,
  /** Always one. */
  reservedOne: 17n,
  migrationAgent: 18n,
  debug: 19n,
  singleSocket: 20n,
  cxl: 21n,
  memoryAes256Xts: 22n,
  raplDisabled: 23n,
  ciphertextHiding: 24n,
  /** From version 5 of the report. */
  pageSwapDisabled: 25n,
} as const;

/** Bits of the platform information. */
export const SNP_PLATFORM_BITS = {
  smt: 0n,
  tsme: 1n,
  ecc: 2n,
  raplDisabled: 3n,
  ciphertextHiding: 4n,
  /** No two addresses of memory mean one place (BadRAM). From version 3. */
  aliasCheckComplete: 5n,
  /** From version 5. */
  tio: 7n,
} as const;
