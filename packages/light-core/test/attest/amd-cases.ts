// Long because it is one table: faults of a report of AMD SEV-SNP.
import { concat, toHex, u32le, u64le } from '@perigee/wire';
import type { SnpPolicy } from '../../src/attest/amd/policy.ts';
import type { SnpCheck } from '../../src/attest/amd/verify.ts';
import type { AmdCollateral } from '../../src/attest/collateral.ts';
import { extension, NOW, p384 } from './mint/certificate.ts';
import { integer } from './mint/der.ts';
import {
  CHIP,
  endorsementOf,
  LEVELS,
  MEASUREMENT,
  type MintedSnp,
  mintSnp,
  REPORT_DATA,
  SNP_KEYS,
  type SnpWish,
  tableOf,
  tcb,
} from './mint/snp.ts';

export const SNP_POLICY: SnpPolicy = {
  measurements: [toHex(MEASUREMENT)],
  reportData: toHex(REPORT_DATA),
  minTcb: { Milan: { snp: 22 }, Genoa: { snp: 22 }, Turin: { snp: 22, fmc: 2 } },
};

/** What is given beside a report that passes, or in its place. */
export interface GivenSnp {
  readonly policy?: SnpPolicy | undefined;
  readonly collateral?: Partial<AmdCollateral>;
  readonly time?: number;
  readonly floors?: { readonly [name: string]: number };
  readonly bytes?: (minted: MintedSnp) => Uint8Array;
  readonly roots?: readonly Uint8Array[];
}

/** A fault, and the nearest thing without it, which passes. */
interface SnpCase {
  readonly name: string;
  readonly wish?: Partial<SnpWish>;
  readonly given?: GivenSnp;
  readonly due: `${SnpCheck} ${'fail' | 'notChecked'} ${string}`;
  readonly twin?: { readonly wish?: Partial<SnpWish>; readonly given?: GivenSnp };
}

const policy = (bits: bigint) => ({ fields: { policy: u64le(bits) } });
const levels = (change: Partial<typeof LEVELS>) => tcb('Milan', { ...LEVELS, ...change });
const asked = (more: SnpPolicy) => ({ policy: { ...SNP_POLICY, ...more } });

export const SNP_CASES: readonly SnpCase[] = [
  // form
  { name: 'version 1', wish: { version: 1 }, due: 'report fail VERSION' },
  { name: 'version 6', wish: { version: 6 }, due: 'report fail VERSION' },
  { name: 'version 258', wish: { fields: { version: u32le(258) } }, due: 'report fail VERSION' },
  { name: 'a byte short', given: { bytes: ({ report }) => report.subarray(1) }, due: 'report fail PARSE' },
  { name: 'a byte behind it', given: { bytes: ({ report }) => concat(report, Uint8Array.of(0)) }, due: 'report fail PARSE' },
  { name: 'another signature algorithm', wish: { fields: { signatureAlgorithm: u32le(2) } }, due: 'report fail ALGORITHM' },
  {
    name: 'processor named in version 2',
    wish: { fields: { cpuid: Uint8Array.of(0x19, 1, 1) } },
    due: 'report fail RESERVED',
    twin: { wish: { version: 3 } },
  },
  {
    name: 'reserved byte behind the processor',
    wish: { version: 3, bytes: { 395: 1 } },
    due: 'report fail RESERVED',
    twin: { wish: { version: 3 } },
  },
  {
    name: 'mitigations in version 4',
    wish: { version: 4, fields: { launchMitigations: u64le(1n) } },
    due: 'report fail RESERVED',
    twin: { wish: { version: 5, fields: { launchMitigations: u64le(1n) } } },
  },
  {
    name: 'reserved byte behind mitigations',
    wish: { version: 5, bytes: { 520: 1 } },
    due: 'report fail RESERVED',
    twin: { wish: { version: 5 } },
  },
  { name: 'reserved byte behind the signer', wish: { bytes: { 76: 1 } }, due: 'report fail RESERVED' },
  { name: 'reserved byte behind the firmware', wish: { bytes: { 491: 1 } }, due: 'report fail RESERVED' },
  {
    name: 'bit 17 of the policy is zero',
    wish: policy(0x1_0000n),
    due: 'report fail RESERVED',
    twin: { wish: policy(0x3_0000n) },
  },
  { name: 'bit 26 of the policy', wish: policy(0x402_0000n), due: 'report fail RESERVED', twin: { wish: policy(0x102_0000n) } },
  {
    name: 'bit 25 of the policy before version 5',
    wish: policy(0x202_0000n),
    due: 'report fail RESERVED',
    twin: { wish: { version: 5, ...policy(0x202_0000n) } },
  },
  { name: 'bit 6 of the platform', wish: { fields: { platformInfo: u64le(0x40n) } }, due: 'report fail RESERVED' },
  {
    name: 'alias check in version 2',
    wish: { fields: { platformInfo: u64le(0x20n) } },
    due: 'report fail RESERVED',
    twin: { wish: { version: 3, fields: { platformInfo: u64le(0x20n) } } },
  },
  { name: 'reserved bit of the signer', wish: { fields: { signerInfo: u32le(0x20) } }, due: 'report fail RESERVED' },
  { name: 'reserved signing key', wish: { fields: { signerInfo: u32le(0x08) } }, due: 'report fail RESERVED' },
  { name: 'no signing key', wish: { fields: { signerInfo: u32le(0x1c) } }, due: 'report fail SIGNATURE' },
  {
    name: 'unknown processor',
    wish: { version: 3, fields: { cpuid: Uint8Array.of(0x17, 1, 1) } },
    due: 'report fail PLATFORM',
    twin: { wish: { version: 3 } },
  },
  {
    name: 'bytes behind the signature',
    given: { bytes: ({ report }) => report.map((byte, i) => (i === 0x330 ? 1 : byte)) },
    due: 'report fail RESERVED',
  },
  {
    name: 'a number of the signature is too long',
    given: { bytes: ({ report }) => report.map((byte, i) => (i === 0x2a0 + 48 ? 1 : byte)) },
    due: 'report fail RESERVED',
  },
  // chain
  { name: 'another root', given: { roots: [mintSnp({ product: 'Genoa' }).ark] }, due: 'chain fail ROOT' },
  {
    name: 'expired endorsement',
    wish: { certificates: { 0: { notAfter: NOW - 1000 } } },
    due: 'chain fail EXPIRED',
    twin: { wish: { certificates: { 0: { notAfter: NOW } } } },
  },
  {
    name: 'endorsement of tomorrow',
    wish: { certificates: { 0: { notBefore: NOW + 1000 } } },
    due: 'chain fail NOT_YET_VALID',
    twin: { wish: { certificates: { 0: { notBefore: NOW } } } },
  },
  { name: 'expired ASK', wish: { certificates: { 1: { notAfter: NOW - 1000 } } }, due: 'chain fail EXPIRED' },
  { name: 'ASK that is no authority', wish: { certificates: { 1: { isCa: false } } }, due: 'chain fail CHAIN_CA' },
  { name: 'endorsement of another issuer', wish: { certificates: { 0: { issuer: 'SEV-Other' } } }, due: 'chain fail CHAIN_NAME' },
  {
    name: 'endorsement that somebody else signed',
    wish: { certificates: { 0: { signer: p384().privateKey } } },
    due: 'chain fail ALGORITHM',
  },
  {
    name: "endorsement that the root signed in its issuer's name",
    wish: { certificates: { 0: { signer: SNP_KEYS.ark.privateKey } } },
    due: 'chain fail SIGNATURE',
  },
  {
    name: 'a VLEK where a VCEK is due',
    wish: { extensions: endorsementOf({ product: 'Milan' }, 'vlek') },
    due: 'chain fail CERTIFICATE',
  },
  {
    name: 'a VCEK where a VLEK is due',
    wish: { kind: 'vlek', extensions: endorsementOf({ product: 'Milan' }, 'vcek') },
    due: 'chain fail CERTIFICATE',
  },
  {
    name: 'an unknown product',
    wish: { productName: 'Venice-A0' },
    due: 'chain fail CERTIFICATE',
    twin: { wish: { productName: 'Milan' } },
  },
  { name: 'a product with two steppings', wish: { productName: 'Milan-B0-B1' }, due: 'chain fail CERTIFICATE' },
  {
    name: 'a level that is missing',
    wish: { extensions: endorsementOf({ product: 'Milan' }, 'vcek').slice(0, 3) },
    due: 'chain fail CERTIFICATE',
  },
  {
    name: 'a level above 255',
    wish: {
      extensions: [
        ...endorsementOf({ product: 'Milan' }, 'vcek').slice(0, 4),
        extension('1.3.6.1.4.1.3704.1.3.8', integer(300)),
        ...endorsementOf({ product: 'Milan' }, 'vcek').slice(5),
      ],
    },
    due: 'chain fail CERTIFICATE',
  },
  { name: 'a chip id of 8 bytes before Turin', wish: { endorsedChip: CHIP.slice(0, 8) }, due: 'chain fail TRAILING_BYTES' },
  // revocation
  {
    name: 'ASK revoked',
    wish: { list: { revoked: [2] } },
    due: 'revocation fail REVOKED',
    twin: { wish: { list: { revoked: [7] } } },
  },
  {
    name: 'list missing',
    given: { collateral: { crl: undefined } as unknown as AmdCollateral },
    due: 'revocation notChecked COLLATERAL_MISSING',
  },
  { name: 'list is garbage', given: { collateral: { crl: Uint8Array.of(1, 2, 3) } }, due: 'revocation fail DER' },
  { name: 'list is empty', given: { collateral: { crl: new Uint8Array(0) } }, due: 'revocation fail DER' },
  {
    name: 'list expired',
    wish: { list: { nextUpdate: NOW - 1000 } },
    due: 'revocation fail EXPIRED',
    twin: { wish: { list: { nextUpdate: NOW } } },
  },
  { name: 'list of tomorrow', wish: { list: { thisUpdate: NOW + 1000 } }, due: 'revocation fail NOT_YET_VALID' },
  { name: 'list of another issuer', wish: { list: { issuer: 'ARK-Genoa' } }, due: 'revocation fail CRL' },
  { name: 'list that somebody else signed', wish: { list: { signer: p384().privateKey } }, due: 'revocation fail ALGORITHM' },
  {
    name: 'list older than one seen',
    given: { floors: { 'amd/Milan/vcek/crl': 6 } },
    due: 'revocation fail ROLLBACK',
    twin: { given: { floors: { 'amd/Milan/vcek/crl': 5, 'amd/Milan/vlek/crl': 9, 'amd/Genoa/vcek/crl': 9 } } },
  },
  // who signed what
  { name: 'another key signed', wish: { signer: p384() }, due: 'signature fail SIGNATURE' },
  {
    name: 'a byte of the signature',
    given: { bytes: ({ report }) => report.map((byte, i) => (i === 0x2a5 ? byte ^ 1 : byte)) },
    due: 'signature fail SIGNATURE',
  },
  {
    name: 'report of another product',
    wish: { version: 3, fields: { cpuid: Uint8Array.of(0x19, 0x11, 1) } },
    due: 'product fail PLATFORM',
    twin: { wish: { version: 3 } },
  },
  {
    name: 'product not accepted',
    given: asked({ products: ['Turin'] }),
    due: 'product fail POLICY',
    twin: { given: asked({ products: ['Milan'] }) },
  },
  {
    name: 'cloud not accepted',
    wish: { kind: 'vlek' },
    given: asked({ clouds: ['Other Cloud'] }),
    due: 'product fail POLICY',
    twin: { wish: { kind: 'vlek' }, given: asked({ clouds: ['Example Cloud'] }) },
  },
  { name: 'endorsed for lower microcode', wish: { levels: { ...LEVELS, microcode: 209 } }, due: 'tcbBinding fail BINDING' },
  { name: 'endorsed for higher microcode', wish: { levels: { ...LEVELS, microcode: 211 } }, due: 'tcbBinding fail BINDING' },
  {
    name: 'reserved byte in a TCB',
    wish: { fields: { launchTcb: Uint8Array.of(4, 1, 1, 0, 0, 0, 22, 210) } },
    due: 'tcbBinding fail RESERVED',
  },
  { name: 'another chip', wish: { fields: { chipId: CHIP.map((byte) => byte ^ 1) } }, due: 'chip fail BINDING' },
  {
    name: 'bytes behind the chip id of Turin',
    wish: { product: 'Turin', fields: { chipId: CHIP } },
    due: 'chip fail BINDING',
    twin: { wish: { product: 'Turin' } },
  },
  {
    name: 'hidden chip',
    wish: { fields: { chipId: new Uint8Array(64) } },
    due: 'chip fail BINDING',
    twin: { wish: { fields: { chipId: new Uint8Array(64) } }, given: asked({ allowMaskedChip: true }) },
  },
  {
    name: 'hides its chip and shows it',
    wish: { fields: { signerInfo: u32le(2) } },
    given: asked({ allowMaskedChip: true }),
    due: 'chip fail BINDING',
    twin: { wish: { fields: { signerInfo: u32le(2), chipId: new Uint8Array(64) } }, given: asked({ allowMaskedChip: true }) },
  },
  // levels
  {
    name: 'reported above committed',
    wish: { fields: { reportedTcb: levels({ snp: 23 }) }, levels: { ...LEVELS, snp: 23 } },
    due: 'tcbOrder fail TCB_LEVEL',
  },
  { name: 'current below committed', wish: { fields: { currentTcb: levels({ snp: 21 }) } }, due: 'tcbOrder fail TCB_LEVEL' },
  {
    name: 'firmware below committed',
    wish: { fields: { currentFirmware: Uint8Array.of(28, 55, 1) } },
    due: 'tcbOrder fail TCB_LEVEL',
  },
  {
    name: 'firmware on trial',
    wish: { fields: { currentFirmware: Uint8Array.of(30, 55, 1) } },
    due: 'tcbOrder fail TCB_LEVEL',
    twin: { wish: { fields: { currentFirmware: Uint8Array.of(30, 55, 1) } }, given: asked({ allowUncommittedFirmware: true }) },
  },
  {
    name: 'levels on trial',
    wish: { fields: { currentTcb: levels({ snp: 23 }) } },
    due: 'tcbOrder fail TCB_LEVEL',
    twin: { wish: { fields: { currentTcb: levels({ snp: 23 }) } }, given: asked({ allowUncommittedFirmware: true }) },
  },
  {
    name: 'below the floor',
    given: asked({ minTcb: { Milan: { microcode: 211 } } }),
    due: 'tcbFloor fail TCB_LEVEL',
    twin: { given: asked({ minTcb: { Milan: { microcode: 210, bootloader: 4, tee: 1, snp: 22 } } }) },
  },
  { name: 'launched below the floor', wish: { fields: { launchTcb: levels({ snp: 21 }) } }, due: 'tcbFloor fail TCB_LEVEL' },
  {
    name: 'a floor of no levels',
    given: asked({ minTcb: { Milan: {} } }),
    due: 'tcbFloor fail TCB_LEVEL',
    twin: { given: asked({ minTcb: { Milan: { snp: 0 } } }) },
  },
  {
    name: 'a least guest version that is no number',
    given: asked({ minGuestSvn: Number.NaN }),
    due: 'guestSvn fail POLICY',
    twin: { given: asked({ minGuestSvn: 0 }) },
  },
  {
    name: 'a least ABI that is no number',
    given: asked({ minAbi: { major: Number.NaN, minor: 0 } }),
    due: 'guestPolicy fail ATTRIBUTES',
    twin: { given: asked({ minAbi: { major: 0, minor: 0 } }) },
  },
  { name: 'no floor for this product', given: asked({ minTcb: { Genoa: { snp: 1 } } }), due: 'tcbFloor fail TCB_LEVEL' },
  { name: 'a floor for what Milan has not got', given: asked({ minTcb: { Milan: { fmc: 0 } } }), due: 'tcbFloor fail TCB_LEVEL' },
  // the guest
  {
    name: 'debugging',
    wish: policy(0xa_0000n),
    due: 'guestPolicy fail DEBUG',
    twin: { wish: policy(0xa_0000n), given: asked({ allowDebug: true }) },
  },
  {
    name: 'migration agent',
    wish: policy(0x6_0000n),
    due: 'guestPolicy fail ATTRIBUTES',
    twin: { wish: policy(0x6_0000n), given: asked({ allowMigrationAgent: true }) },
  },
  {
    name: 'SMT',
    wish: policy(0x3_0000n),
    given: asked({ allowSmt: false }),
    due: 'guestPolicy fail ATTRIBUTES',
    twin: { wish: policy(0x2_0000n), given: asked({ allowSmt: false }) },
  },
  {
    name: 'ABI below the least',
    given: asked({ minAbi: { major: 1, minor: 1 } }),
    due: 'guestPolicy fail ATTRIBUTES',
    twin: { given: asked({ minAbi: { major: 1, minor: 0 } }) },
  },
  {
    name: 'privilege level 1',
    wish: { fields: { vmpl: u32le(1) } },
    due: 'vmpl fail ATTRIBUTES',
    twin: { wish: { fields: { vmpl: u32le(1) } }, given: asked({ vmpl: 1 }) },
  },
  { name: 'asked by the host', wish: { fields: { vmpl: u32le(0xffffffff) } }, due: 'vmpl fail ATTRIBUTES' },
  { name: 'another measurement', wish: { fields: { measurement: new Uint8Array(48) } }, due: 'measurement fail MEASUREMENT' },
  {
    name: 'other report data',
    wish: { fields: { reportData: REPORT_DATA.map((byte, i) => (i === 63 ? 0 : byte)) } },
    due: 'reportData fail REPORT_DATA',
  },
  {
    name: 'other host data',
    given: asked({ hostData: [toHex(new Uint8Array(32).fill(1))] }),
    due: 'hostData fail POLICY',
    twin: { given: asked({ hostData: [toHex(new Uint8Array(32))] }) },
  },
  {
    name: 'another identity key',
    given: asked({ idKeyDigests: [toHex(new Uint8Array(48).fill(1))] }),
    due: 'idKey fail IDENTITY',
    twin: { given: asked({ idKeyDigests: [toHex(new Uint8Array(48))] }) },
  },
  {
    name: 'no author key',
    given: asked({ authorKeyDigests: [toHex(new Uint8Array(48))] }),
    due: 'authorKey fail IDENTITY',
    twin: { wish: { fields: { signerInfo: u32le(1) } }, given: asked({ authorKeyDigests: [toHex(new Uint8Array(48))] }) },
  },
  {
    name: 'old guest',
    given: asked({ minGuestSvn: 8 }),
    due: 'guestSvn fail POLICY',
    twin: { given: asked({ minGuestSvn: 7 }) },
  },
  // certificates behind the report
  {
    name: 'two entries of a kind',
    given: {
      bytes: ({ report, leaf }) => {
        const table = tableOf({ vcek: leaf, ask: leaf });
        table.set(table.subarray(0, 16), 24);
        return concat(report, table);
      },
    },
    due: 'report fail PARSE',
  },
  {
    name: 'an entry that is not known',
    given: {
      bytes: ({ report, leaf }) => {
        const table = tableOf({ vcek: leaf });
        table[0] = 0;
        return concat(report, table);
      },
    },
    due: 'report fail PARSE',
  },
  {
    name: 'an entry beyond the end',
    given: { bytes: ({ report, leaf }) => concat(report, tableOf({ vcek: leaf }).subarray(0, -1)) },
    due: 'report fail PARSE',
  },
  {
    name: 'an entry over the table',
    given: {
      bytes: ({ report, leaf }) => {
        const table = tableOf({ vcek: leaf });
        table.set(u32le(8), 16);
        return concat(report, table);
      },
    },
    due: 'report fail PARSE',
  },
  {
    name: 'a table without an end',
    given: { bytes: ({ report }) => concat(report, new Uint8Array(24).fill(1)) },
    due: 'report fail PARSE',
  },
  {
    name: 'bytes behind the table',
    given: { bytes: ({ report, leaf }) => concat(report, tableOf({ vcek: leaf }), Uint8Array.of(1)) },
    due: 'report fail TRAILING_BYTES',
    twin: { given: { bytes: ({ report, leaf }) => concat(report, tableOf({ vcek: leaf }), Uint8Array.of(0)) } },
  },
  {
    name: 'an offset that wraps',
    given: {
      bytes: ({ report, leaf }) => {
        const table = tableOf({ vcek: leaf });
        table.set(u32le(0xffffffff), 16);
        return concat(report, table);
      },
    },
    due: 'report fail PARSE',
  },
];
