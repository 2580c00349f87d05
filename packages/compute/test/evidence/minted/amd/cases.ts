import type { AmdCollateral, Floors } from '@perigee/light-core/attest';
import { concat, toHex, u32le, utf8 } from '@perigee/wire';
import { certificateTable } from '../../../../src/evidence/simulated/amd/certificate-table.ts';
import { type AmdPki, amdPki, type SnpChip, type SnpProduct } from '../../../../src/evidence/simulated/amd/pki.ts';
import { type SnpReportFields, tcbBytes } from '../../../../src/evidence/simulated/amd/report.ts';
import { basicConstraints } from '../../../../src/evidence/simulated/certificate.ts';
import { seeded } from '../../../../src/evidence/simulated/seed.ts';
import { curveKey } from '../../../../src/evidence/simulated/signing-key.ts';
import type { BadCase } from '../case.ts';
import { NOW, REPORT_DATA, SEED, serialOf, simulation, withFields } from '../simulation.ts';
import type { AmdRecipe } from './recipe.ts';

const stranger = curveKey(SEED, 'stranger', 'P-384');
const smallCurve = curveKey(SEED, 'small curve', 'P-256');
const report = (
  change: Partial<SnpReportFields> | ((fields: SnpReportFields) => Partial<SnpReportFields>),
  more: AmdRecipe = {},
): AmdRecipe => ({ report: (valid) => ({ ...valid, ...(typeof change === 'function' ? change(valid) : change) }), ...more });
const chip = (change: Partial<SnpChip>): AmdRecipe => ({ pki: { chip: (valid) => ({ ...valid, ...change }) } });
const without = (name: keyof AmdCollateral): AmdRecipe => ({ collateral: ({ [name]: _, ...rest }) => rest });
const collateral = (change: (all: AmdCollateral, pki: AmdPki) => Partial<AmdCollateral>): AmdRecipe => ({
  collateral: (all, pki) => ({ ...all, ...change(all, pki) }),
});
const patched = (at: number, value: Uint8Array): AmdRecipe => ({
  bytes: (bytes) => {
    const out = bytes.slice();
    out.set(value, at);
    return out;
  },
});
const all = ({ vcek, ask, ark }: AmdPki) => ({ vcek, ask, ark });
const floors = (by: number) => (seen: Floors) =>
  Object.fromEntries(Object.entries(seen).map(([name, number]) => [name, number + by]));
const levels = { bootloader: 4, tee: 0, snp: 22, microcode: 213 };
const milan = (change: Partial<typeof levels>) => tcbBytes('Milan', { ...levels, ...change });
const zeros = new Uint8Array(64);
const MEASUREMENT = toHex(seeded(SEED, 'amd/measurement', 48));
const HOST_DATA = toHex(seeded(SEED, 'amd/host-data', 32));
const another = () =>
  amdPki(utf8('another'), 'Milan', { ...simulation.amd('Milan').keys, ark: simulation.amd('Milan').keys.ask }, NOW);

export const AMD_CASES: readonly BadCase<AmdRecipe>[] = [
  ...(['Milan', 'Genoa', 'Turin'] as const).map(
    (product: SnpProduct): BadCase<AmdRecipe> => ({
      name: `a ${product} that may be debugged`,
      twin: { product },
      bad: report(({ policy }) => ({ policy: policy | (1n << 19n) })),
      check: 'guestPolicy',
      code: 'DEBUG',
    }),
  ),
  {
    name: 'a guest that another may move',
    twin: report({ policy: 0x70000n }, { policy: { allowMigrationAgent: true } }),
    bad: { policy: {} },
    check: 'guestPolicy',
    code: 'ATTRIBUTES',
  },
  {
    name: 'a guest that shares its cores',
    twin: { policy: { allowSmt: true } },
    bad: { policy: { allowSmt: false } },
    check: 'guestPolicy',
    code: 'ATTRIBUTES',
  },
  {
    name: 'a guest for older firmware than the policy asks',
    twin: report({ policy: 0x30137n }, { policy: { minAbi: { major: 1, minor: 0x37 } } }),
    bad: { policy: { minAbi: { major: 1, minor: 0x38 } } },
    check: 'guestPolicy',
    code: 'ATTRIBUTES',
  },
  {
    name: 'a guest policy without the bit that is always one',
    bad: report({ policy: 0x10000n }),
    check: 'report',
    code: 'RESERVED',
  },
  {
    name: 'a guest policy with a bit that is not defined',
    bad: report({ policy: 0x30000n | (1n << 40n) }),
    check: 'report',
    code: 'RESERVED',
  },
  {
    name: 'a privilege level below that of the guest kernel',
    twin: report({ vmpl: 1 }, { policy: { vmpl: 1 } }),
    bad: { policy: {} },
    check: 'vmpl',
    code: 'ATTRIBUTES',
  },
  { name: 'a report that the host asked for', bad: report({ vmpl: 0xffffffff }), check: 'vmpl', code: 'ATTRIBUTES' },
  { name: 'another chip than the key is for', bad: report({ chipId: zeros.slice().fill(7) }), check: 'chip', code: 'BINDING' },
  {
    name: 'a Turin with more than the chip id of its key',
    twin: { product: 'Turin' },
    bad: report(({ chipId }) => ({ chipId: chipId.map((byte, i) => (i === 8 ? 1 : byte)) })),
    check: 'chip',
    code: 'BINDING',
  },
  {
    name: 'a chip that is hidden',
    twin: report({ chipId: zeros, signerInfo: 2 }, { policy: { allowMaskedChip: true } }),
    bad: { policy: {} },
    check: 'chip',
    code: 'BINDING',
  },
  {
    name: 'a chip that says it hides and does not',
    twin: report({ chipId: zeros, signerInfo: 2 }, { policy: { allowMaskedChip: true } }),
    bad: report({ signerInfo: 2 }),
    check: 'chip',
    code: 'BINDING',
  },
  {
    name: 'a key for other levels than are reported',
    bad: report({ reportedTcb: milan({ microcode: 212 }) }),
    check: 'tcbBinding',
    code: 'BINDING',
  },
  {
    name: 'a key for a Turin with another FMC',
    twin: { product: 'Turin' },
    bad: report({ reportedTcb: tcbBytes('Turin', { fmc: 0, ...levels }) }),
    check: 'tcbBinding',
    code: 'BINDING',
  },
  {
    name: 'levels reported above the committed ones',
    bad: report({ committedTcb: milan({ snp: 21 }) }),
    check: 'tcbOrder',
    code: 'TCB_LEVEL',
  },
  {
    name: 'firmware below the committed one',
    bad: report({ currentTcb: milan({ snp: 21 }) }),
    check: 'tcbOrder',
    code: 'TCB_LEVEL',
  },
  {
    name: 'firmware on trial, which its host can roll back',
    twin: report({ currentTcb: milan({ snp: 23 }) }, { policy: { allowUncommittedFirmware: true } }),
    bad: { policy: {} },
    check: 'tcbOrder',
    code: 'TCB_LEVEL',
  },
  {
    name: 'levels below the least',
    twin: { policy: { minTcb: { Milan: { snp: 22 } } } },
    bad: { policy: { minTcb: { Milan: { snp: 23 } } } },
    check: 'tcbFloor',
    code: 'TCB_LEVEL',
  },
  {
    name: 'a guest launched below the least',
    twin: { policy: { minTcb: { Milan: { microcode: 213 } } } },
    bad: report({ launchTcb: milan({ microcode: 212 }) }),
    check: 'tcbFloor',
    code: 'TCB_LEVEL',
  },
  {
    name: 'a line without least levels',
    twin: { policy: { minTcb: { Milan: { snp: 0 } } } },
    bad: { policy: { minTcb: { Genoa: { snp: 0 } } } },
    check: 'tcbFloor',
    code: 'TCB_LEVEL',
  },
  {
    name: 'a line that the policy does not take',
    twin: { policy: { products: ['Milan'] } },
    bad: { policy: { products: ['Genoa', 'Turin'] } },
    check: 'product',
    code: 'POLICY',
  },
  {
    name: 'a Genoa with the key of a Milan',
    twin: { product: 'Genoa' },
    bad: chip({ productName: 'Milan-B1' }),
    check: 'product',
    code: 'PLATFORM',
  },
  { name: 'a key for a product that is not known', bad: chip({ productName: 'Naples-A0' }), check: 'chain', code: 'CERTIFICATE' },
  {
    name: 'a processor that is not known',
    twin: { product: 'Genoa' },
    bad: report({ cpu: [0x17, 0x31, 0] }),
    check: 'report',
    code: 'PLATFORM',
  },
  {
    name: 'another launch measurement',
    twin: { policy: { measurements: [MEASUREMENT] } },
    bad: { policy: { measurements: ['00'.repeat(48)] } },
    check: 'measurement',
    code: 'MEASUREMENT',
  },
  {
    name: 'other host data',
    twin: { policy: { hostData: [HOST_DATA] } },
    bad: { policy: { hostData: ['00'.repeat(32)] } },
    check: 'hostData',
    code: 'POLICY',
  },
  {
    name: 'other report data',
    twin: { policy: { reportData: toHex(REPORT_DATA) } },
    bad: { policy: { reportData: '00'.repeat(64) } },
    check: 'reportData',
    code: 'REPORT_DATA',
  },
  {
    name: 'another identity key',
    twin: { policy: { idKeyDigests: ['00'.repeat(48)] } },
    bad: { policy: { idKeyDigests: ['01'.repeat(48)] } },
    check: 'idKey',
    code: 'IDENTITY',
  },
  {
    name: 'an author key that is not in use',
    twin: report(
      { signerInfo: 1, authorKeyDigest: new Uint8Array(48).fill(4) },
      { policy: { authorKeyDigests: ['04'.repeat(48)] } },
    ),
    bad: report({ authorKeyDigest: new Uint8Array(48).fill(4) }),
    check: 'authorKey',
    code: 'IDENTITY',
  },
  {
    name: 'an older guest than the policy asks',
    twin: { policy: { minGuestSvn: 1 } },
    bad: { policy: { minGuestSvn: 2 } },
    check: 'guestSvn',
    code: 'POLICY',
  },
  { name: 'a stranger signed it', bad: report({ signer: stranger }), check: 'signature', code: 'SIGNATURE' },
  { name: 'its measurement was changed', bad: patched(144, Uint8Array.of(1)), check: 'signature', code: 'SIGNATURE' },
  { name: 'its signature is one of zeros', bad: patched(0x2a0, new Uint8Array(144)), check: 'signature', code: 'SIGNATURE' },
  { name: 'its r has more than 48 bytes', bad: patched(0x2a0 + 48, Uint8Array.of(1)), check: 'report', code: 'RESERVED' },
  { name: 'something stands behind its signature', bad: patched(0x49f, Uint8Array.of(1)), check: 'report', code: 'RESERVED' },
  { name: 'another algorithm', bad: report({ signatureAlgorithm: 2 }), check: 'report', code: 'ALGORITHM' },
  { name: 'nobody signed it, as it says', bad: report({ signerInfo: 7 << 2 }), check: 'report', code: 'SIGNATURE' },
  { name: 'version 1', bad: report({ version: 1 }), check: 'parse', code: 'PLATFORM' },
  { name: 'a byte short', bad: { bytes: (bytes) => bytes.subarray(0, -1) }, check: 'parse', code: 'PLATFORM' },
  {
    name: 'a cloud said to have signed, and the key of a chip',
    bad: report({ signerInfo: 1 << 2 }),
    check: 'chain',
    code: 'CERTIFICATE',
  },
  {
    name: 'the key has expired',
    twin: { pki: { vcek: withFields({ notAfter: NOW }) } },
    bad: { pki: { vcek: withFields({ notAfter: NOW - 1 }) } },
    check: 'chain',
    code: 'EXPIRED',
  },
  {
    name: 'the key is not valid yet',
    twin: { pki: { vcek: withFields({ notBefore: NOW }) } },
    bad: { pki: { vcek: withFields({ notBefore: NOW + 1 }) } },
    check: 'chain',
    code: 'NOT_YET_VALID',
  },
  { name: 'the key is on P-256', bad: { pki: { vcek: withFields({ spki: smallCurve.spki }) } }, check: 'signature', code: 'KEY' },
  {
    name: 'the key is an issuer',
    bad: { pki: { vcek: (vcek) => ({ ...vcek, extensions: [...vcek.extensions, basicConstraints(true)] }) } },
    check: 'chain',
    code: 'CHAIN_CA',
  },
  {
    name: 'the key names no chip',
    bad: { pki: { vcek: (vcek) => ({ ...vcek, extensions: vcek.extensions.filter(({ oid }) => !oid.endsWith('.3704.1.4')) }) } },
    check: 'chain',
    code: 'CERTIFICATE',
  },
  {
    name: 'the ASK is no issuer',
    bad: { pki: { ask: (ask) => ({ ...ask, extensions: [...ask.extensions.slice(0, 3), basicConstraints(false)] }) } },
    check: 'chain',
    code: 'CHAIN_CA',
  },
  {
    name: 'the ASK has expired',
    twin: { pki: { ask: withFields({ notAfter: NOW }) } },
    bad: { pki: { ask: withFields({ notAfter: NOW - 1 }) } },
    check: 'chain',
    code: 'EXPIRED',
  },
  {
    name: 'the ASK signed itself',
    bad: { pki: { ask: (ask) => ({ ...ask, signer: simulation.amd('Milan').keys.ask }) } },
    check: 'chain',
    code: 'SIGNATURE',
  },
  { name: 'the root is another with its name', bad: collateral(() => ({ ark: another().ark })), check: 'chain', code: 'ROOT' },
  {
    name: 'the chain of another line',
    bad: collateral(() => {
      const { ask, ark } = simulation.amd('Genoa');
      return { ask, ark };
    }),
    check: 'chain',
    code: 'ROOT',
  },
  {
    name: 'the ASK of another line',
    bad: collateral(() => ({ ask: simulation.amd('Genoa').ask })),
    check: 'chain',
    code: 'CHAIN_NAME',
  },
  { name: 'the key is missing', bad: without('vcek'), check: 'chain', code: 'COLLATERAL_MISSING', verdict: 'notChecked' },
  { name: 'the ASK is missing', bad: without('ask'), check: 'chain', code: 'COLLATERAL_MISSING', verdict: 'notChecked' },
  {
    name: 'the ASK is revoked',
    twin: { pki: { crl: (crl) => ({ ...crl, revoked: [{ serial: Uint8Array.of(5), at: NOW - 1 }] }) } },
    bad: { pki: { crl: (crl) => ({ ...crl, revoked: [{ serial: serialOf(simulation.amd('Milan').ask), at: NOW - 1 }] }) } },
    check: 'revocation',
    code: 'REVOKED',
  },
  { name: 'the list is missing', bad: without('crl'), check: 'revocation', code: 'COLLATERAL_MISSING', verdict: 'notChecked' },
  {
    name: 'the list has expired',
    twin: { pki: { crl: (crl) => ({ ...crl, nextUpdate: NOW }) } },
    bad: { pki: { crl: (crl) => ({ ...crl, nextUpdate: NOW - 1 }) } },
    check: 'revocation',
    code: 'EXPIRED',
  },
  {
    name: 'the ASK signed the list',
    bad: { pki: { crl: (crl) => ({ ...crl, signer: simulation.amd('Milan').keys.ask }) } },
    check: 'revocation',
    code: 'SIGNATURE',
  },
  {
    name: 'the list is that of another line',
    bad: collateral(() => ({ crl: simulation.amd('Genoa').crl })),
    check: 'revocation',
    code: 'CRL',
  },
  {
    name: 'a list with a higher number was seen before',
    twin: { floors: floors(0) },
    bad: { floors: floors(1) },
    check: 'revocation',
    code: 'ROLLBACK',
  },
  {
    name: 'the host brings no key',
    twin: { table: all },
    bad: { table: ({ ask, ark }) => ({ ask, ark }) },
    check: 'chain',
    code: 'COLLATERAL_MISSING',
    verdict: 'notChecked',
  },
  {
    name: 'a byte behind the table of certificates',
    twin: { table: all },
    bad: { bytes: (bytes) => concat(bytes, Uint8Array.of(1)) },
    check: 'report',
    code: 'TRAILING_BYTES',
  },
  {
    name: 'an entry of the table lies outside it',
    twin: { table: all },
    bad: {
      bytes: (bytes) => {
        const out = bytes.slice();
        out.set(u32le(0xffffffff), 0x4a0 + 20);
        return out;
      },
    },
    check: 'report',
    code: 'PARSE',
  },
  {
    name: 'the table has an entry that is not known',
    twin: { table: all },
    bad: {
      bytes: (bytes) => {
        const out = bytes.slice();
        out[0x4a0] = 1;
        return out;
      },
    },
    check: 'report',
    code: 'PARSE',
  },
  {
    name: 'the table does not end',
    twin: { table: all },
    bad: { bytes: (bytes) => bytes.subarray(0, 0x4a0 + 40) },
    check: 'report',
    code: 'PARSE',
  },
  {
    name: 'a table of nothing',
    twin: { bytes: (bytes) => concat(bytes, certificateTable({})) },
    bad: { bytes: (bytes) => concat(bytes, Uint8Array.of(0)) },
    check: 'report',
    code: 'PARSE',
  },
];
