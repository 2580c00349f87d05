import type { Floors, IntelCollateral } from '@perigee/light-core/attest';
import { NAMES } from '../../../../src/evidence/simulated/intel/names.ts';
import type { IntelPki } from '../../../../src/evidence/simulated/intel/pki.ts';
import type { RevocationListFields } from '../../../../src/evidence/simulated/revocation-list.ts';
import type { BadCase } from '../case.ts';
import { NOW, serialOf, simulation } from '../simulation.ts';
import { type IntelRecipe, STRANGER } from './recipe.ts';

const issued = simulation.intel('TDX');
const [pck, platformCa, tcbSigner] = [serialOf(issued.pck), serialOf(issued.platformCa), serialOf(issued.tcbSigner)];
const OTHER = Uint8Array.of(1, 2, 3);
const revoking =
  (...serials: Uint8Array[]) =>
  (crl: RevocationListFields) => ({ ...crl, revoked: serials.map((serial) => ({ serial, at: NOW - 100 })) });
const rootCrl = (change: Partial<RevocationListFields>): IntelRecipe => ({ pki: { rootCrl: (crl) => ({ ...crl, ...change }) } });
const pckCrl = (change: Partial<RevocationListFields>): IntelRecipe => ({ pki: { pckCrl: (crl) => ({ ...crl, ...change }) } });
const collateral = (change: (all: IntelCollateral, pki: IntelPki) => Partial<IntelCollateral>): IntelRecipe => ({
  collateral: (all, pki) => ({ ...all, ...change(all, pki) }),
});
const without = (name: keyof IntelCollateral): IntelRecipe => ({ collateral: ({ [name]: _, ...rest }) => rest });
const critical = { oid: '2.5.29.28', critical: true, value: Uint8Array.of(0x30, 0x03, 0x84, 0x01, 0xff) }; // an indirect list

/** Floors one above, or equal to, what the twin has shown. */
const floors = (pattern: RegExp, by: number) => (seen: Floors) =>
  Object.fromEntries(Object.entries(seen).map(([name, number]) => [name, pattern.test(name) ? number + by : number]));

/** Revocation lists: present, authentic, current, and what they say. */
export const REVOCATION_CASES: readonly BadCase<IntelRecipe>[] = [
  {
    name: 'the PCK certificate is revoked',
    twin: { pki: { pckCrl: revoking(OTHER) } },
    bad: { pki: { pckCrl: revoking(OTHER, pck) } },
    check: 'revocation',
    code: 'REVOKED',
  },
  {
    name: 'its CA is revoked',
    twin: { pki: { rootCrl: revoking(OTHER) } },
    bad: { pki: { rootCrl: revoking(platformCa) } },
    check: 'revocation',
    code: 'REVOKED',
  },
  {
    name: 'the signer of TCB information is revoked',
    twin: { pki: { rootCrl: revoking(OTHER) } },
    bad: { pki: { rootCrl: revoking(tcbSigner) } },
    check: 'tcbInfo',
    code: 'REVOKED',
  },
  {
    name: 'the PCK certificate is the last of 2,000 that are revoked',
    twin: { pki: { pckCrl: revoking(...Array.from({ length: 2_000 }, (_, i) => Uint8Array.of(1, i >> 8, i & 255))) } },
    bad: { pki: { pckCrl: revoking(...Array.from({ length: 1_999 }, (_, i) => Uint8Array.of(1, i >> 8, i & 255)), pck) } },
    check: 'revocation',
    code: 'REVOKED',
  },
  {
    name: 'the root list is missing',
    bad: without('rootCrl'),
    check: 'rootCrl',
    code: 'COLLATERAL_MISSING',
    verdict: 'notChecked',
  },
  {
    name: 'the root list is missing, so nothing is known of revocation',
    bad: without('rootCrl'),
    check: 'revocation',
    code: 'DEPENDS',
    verdict: 'notChecked',
  },
  { name: 'the PCK list is missing', bad: without('pckCrl'), check: 'pckCrl', code: 'COLLATERAL_MISSING', verdict: 'notChecked' },
  { name: 'the PCK list is empty', bad: collateral(() => ({ pckCrl: new Uint8Array() })), check: 'pckCrl', code: 'DER' },
  { name: 'the PCK list is a zero byte', bad: collateral(() => ({ pckCrl: Uint8Array.of(0) })), check: 'pckCrl', code: 'DER' },
  {
    name: 'the root list is garbage',
    bad: collateral(() => ({ rootCrl: new Uint8Array(300).fill(0xff) })),
    check: 'rootCrl',
    code: 'DER',
  },
  {
    name: 'the PCK list is cut off',
    bad: collateral(({ pckCrl }) => ({ pckCrl: pckCrl?.subarray(0, -1) ?? OTHER })),
    check: 'pckCrl',
    code: 'DER',
  },
  {
    name: 'a byte stands behind the root list',
    bad: collateral(({ rootCrl }) => ({ rootCrl: Uint8Array.of(...(rootCrl ?? []), 0) })),
    check: 'rootCrl',
    code: 'TRAILING_BYTES',
  },
  { name: 'a stranger signed the PCK list', bad: pckCrl({ signer: STRANGER }), check: 'pckCrl', code: 'SIGNATURE' },
  { name: 'a stranger signed the root list', bad: rootCrl({ signer: STRANGER }), check: 'rootCrl', code: 'SIGNATURE' },
  {
    name: 'the PCK list is that of the root',
    bad: collateral(({ rootCrl }) => ({ pckCrl: rootCrl ?? OTHER })),
    check: 'pckCrl',
    code: 'CRL',
  },
  {
    name: 'the root list is that of the CA',
    bad: collateral(({ pckCrl }) => ({ rootCrl: pckCrl ?? OTHER })),
    check: 'rootCrl',
    code: 'CRL',
  },
  {
    name: 'the root list is a certificate',
    bad: collateral((_, { root }) => ({ rootCrl: root })),
    check: 'rootCrl',
    code: 'CRL',
  },
  {
    name: 'the root signed the PCK list, in the name of the CA',
    bad: { pki: { pckCrl: (crl) => ({ ...crl, signer: simulation.intel('TDX').keys.root, issuer: NAMES.platformCa }) } },
    check: 'pckCrl',
    code: 'SIGNATURE',
  },
  {
    name: 'the PCK list has expired',
    twin: pckCrl({ nextUpdate: NOW }),
    bad: pckCrl({ nextUpdate: NOW - 1 }),
    check: 'pckCrl',
    code: 'EXPIRED',
  },
  {
    name: 'the root list has expired',
    twin: rootCrl({ nextUpdate: NOW }),
    bad: rootCrl({ nextUpdate: NOW - 1 }),
    check: 'rootCrl',
    code: 'EXPIRED',
  },
  {
    name: 'the PCK list is not valid yet',
    twin: pckCrl({ thisUpdate: NOW }),
    bad: pckCrl({ thisUpdate: NOW + 1 }),
    check: 'pckCrl',
    code: 'NOT_YET_VALID',
  },
  { name: 'the PCK list does not say until when it holds', bad: pckCrl({ nextUpdate: undefined }), check: 'pckCrl', code: 'DER' },
  {
    name: 'the PCK list has no number',
    bad: pckCrl({ number: undefined, extensions: [{ ...critical, critical: false }] }),
    check: 'pckCrl',
    code: 'CRL',
  },
  {
    name: 'the PCK list is not about all certificates',
    twin: pckCrl({ extensions: [{ ...critical, critical: false }] }),
    bad: pckCrl({ extensions: [critical] }),
    check: 'pckCrl',
    code: 'CRITICAL_EXTENSION',
  },
  {
    name: 'a list with a higher number was seen before',
    twin: { floors: floors(/number/, 0) },
    bad: { floors: floors(/number/, 1) },
    check: 'rollback',
    code: 'ROLLBACK',
  },
  {
    name: 'a list of a later day was seen before',
    twin: { floors: floors(/thisUpdate/, 0) },
    bad: { floors: floors(/thisUpdate/, 1) },
    check: 'rollback',
    code: 'ROLLBACK',
  },
  {
    name: 'TCB information of a later evaluation was seen before',
    twin: { floors: floors(/tcbInfo/, 0) },
    bad: { floors: floors(/tcbInfo/, 1) },
    check: 'rollback',
    code: 'ROLLBACK',
  },
  {
    name: 'an identity of a later evaluation was seen before',
    twin: { floors: floors(/qeIdentity/, 0) },
    bad: { floors: floors(/qeIdentity/, 1) },
    check: 'rollback',
    code: 'ROLLBACK',
  },
];
