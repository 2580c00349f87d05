import type { Floors, NvidiaCollateral } from '@perigee/light-core/attest';
import { fromUtf8, toHex, utf8 } from '@perigee/wire';
import { basicConstraints } from '../../../../src/evidence/simulated/certificate.ts';
import { GPU_DRIVER, GPU_VBIOS } from '../../../../src/evidence/simulated/nvidia/evidence.ts';
import { type GpuPlace, gpuPki } from '../../../../src/evidence/simulated/nvidia/pki.ts';
import { curveKey } from '../../../../src/evidence/simulated/signing-key.ts';
import type { BadCase } from '../case.ts';
import { NOW, SEED, serialOf, simulation, withFields } from '../simulation.ts';
import { type GpuRecipe, NONCE } from './recipe.ts';

const stranger = curveKey(SEED, 'stranger', 'P-384');
const smallCurve = curveKey(SEED, 'small curve', 'P-256');
const certificate = (place: GpuPlace, change: Parameters<typeof withFields>[0]): GpuRecipe => ({
  pki: { certificates: { [place]: withFields(change) } },
});
const without = (name: keyof NvidiaCollateral): GpuRecipe => ({ collateral: ({ [name]: _, ...rest }) => rest });
const rim = (change: (xml: string) => string): GpuRecipe => ({
  collateral: (all) => ({ ...all, rims: (all.rims ?? []).map((file, i) => (i === 0 ? utf8(change(fromUtf8(file))) : file)) }),
});
const patched = (at: number, value: number): GpuRecipe => ({
  bytes: (bytes) => {
    const out = bytes.slice();
    out[at] = value;
    return out;
  },
});
const floors = (by: number) => (seen: Floors) =>
  Object.fromEntries(Object.entries(seen).map(([name, number]) => [name, number + by]));
const noise = new Uint8Array(48).fill(9);
const serial = (place: GpuPlace) => serialOf(simulation.gpu().certificates[place]);

export const GPU_CASES: readonly BadCase<GpuRecipe>[] = [
  {
    name: 'another nonce than was asked with',
    twin: { policy: { nonce: toHex(NONCE) } },
    bad: { policy: { nonce: '00'.repeat(32) } },
    check: 'nonce',
    code: 'NONCE',
  },
  { name: 'the nonce was changed', twin: { policy: { nonce: toHex(NONCE) } }, bad: patched(4, 0), check: 'nonce', code: 'NONCE' },
  { name: 'the nonce was changed, and nobody asked for one', bad: patched(4, 0), check: 'signature', code: 'SIGNATURE' },
  { name: 'a measurement was changed', bad: patched(60, 0), check: 'signature', code: 'SIGNATURE' },
  {
    name: 'a stranger signed it',
    bad: { evidence: (fields) => ({ ...fields, signer: stranger }) },
    check: 'signature',
    code: 'SIGNATURE',
  },
  {
    name: 'a measurement that is not as it must be',
    bad: { evidence: (fields) => ({ ...fields, measurements: [noise, ...fields.measurements.slice(1)] }) },
    check: 'measurements',
    code: 'MEASUREMENT',
  },
  {
    name: 'the measurement of a decoder that is on',
    twin: {
      evidence: (fields) => ({ ...fields, measurements: fields.measurements.map((value, i) => (i === 35 ? noise : value)) }),
    },
    bad: {
      evidence: (fields) => ({
        ...fields,
        measurements: fields.measurements.map((value, i) => (i === 35 ? noise : value)),
        opaque: fields.opaque.map(([type, value]) => [type, type === 11 ? Uint8Array.of(0xaa) : value] as const),
      }),
    },
    check: 'measurements',
    code: 'MEASUREMENT',
  },
  {
    name: 'fewer measurements than reference values',
    bad: { evidence: (fields) => ({ ...fields, measurements: fields.measurements.slice(0, 63) }) },
    check: 'measurements',
    code: 'MEASUREMENT',
  },
  {
    name: 'a driver that the policy does not take',
    twin: { policy: { drivers: [GPU_DRIVER] } },
    bad: { policy: { drivers: ['550.90.07'] } },
    check: 'driver',
    code: 'POLICY',
  },
  {
    name: 'a VBIOS that the policy does not take',
    twin: { policy: { vbios: [GPU_VBIOS] } },
    bad: { policy: { vbios: ['96.00.00.00.00'] } },
    check: 'vbios',
    code: 'POLICY',
  },
  {
    name: 'other firmware than its key was made for',
    twin: {
      pki: { firmware: noise },
      evidence: (fields) => ({
        ...fields,
        opaque: fields.opaque.map(([type, value]) => [type, type === 20 ? noise : value] as const),
      }),
    },
    bad: { pki: {} },
    check: 'firmware',
    code: 'BINDING',
  },
  { name: 'its key names no firmware', bad: { pki: { firmware: null } }, check: 'firmware', code: 'CERTIFICATE' },
  {
    name: 'it asks for one measurement',
    bad: { evidence: (fields) => ({ ...fields, request: Uint8Array.of(0x11, 0xe0, 0x01, 0x01) }) },
    check: 'evidence',
    code: 'PARSE',
  },
  {
    name: 'it asks for no signature',
    bad: { evidence: (fields) => ({ ...fields, request: Uint8Array.of(0x11, 0xe0, 0x00, 0xff) }) },
    check: 'evidence',
    code: 'PARSE',
  },
  {
    name: 'another version of SPDM',
    bad: { evidence: (fields) => ({ ...fields, request: Uint8Array.of(0x12, 0xe0, 0x01, 0xff) }) },
    check: 'parse',
    code: 'PLATFORM',
  },
  { name: 'the answer from another slot', bad: patched(40, 1), check: 'evidence', code: 'PARSE' },
  { name: 'a measurement in another place', bad: patched(45, 2), check: 'evidence', code: 'PARSE' },
  { name: 'more measurements said than there are', bad: patched(41, 65), check: 'evidence', code: 'PARSE' },
  { name: 'a record longer than there is', bad: patched(44, 0xff), check: 'evidence', code: 'PARSE' },
  {
    name: 'an opaque field twice',
    bad: { evidence: (fields) => ({ ...fields, opaque: [...fields.opaque, fields.opaque[0]!] }) },
    check: 'evidence',
    code: 'PARSE',
  },
  {
    name: 'no driver version',
    bad: { evidence: (fields) => ({ ...fields, opaque: fields.opaque.slice(1) }) },
    check: 'evidence',
    code: 'PARSE',
  },
  { name: 'cut off by a byte', bad: { bytes: (bytes) => bytes.subarray(0, -1) }, check: 'evidence', code: 'PARSE' },
  { name: 'a byte behind it', bad: { bytes: (bytes) => Uint8Array.of(...bytes, 0) }, check: 'evidence', code: 'TRAILING_BYTES' },
  {
    name: 'its key has expired',
    twin: certificate('leaf', { notAfter: NOW }),
    bad: certificate('leaf', { notAfter: NOW - 1 }),
    check: 'chain',
    code: 'EXPIRED',
  },
  {
    name: 'the provisioner is not valid yet',
    twin: certificate('provisioner', { notBefore: NOW }),
    bad: certificate('provisioner', { notBefore: NOW + 1 }),
    check: 'chain',
    code: 'NOT_YET_VALID',
  },
  { name: 'its key is on P-256', bad: certificate('leaf', { spki: smallCurve.spki }), check: 'signature', code: 'KEY' },
  {
    name: 'its key is an issuer',
    bad: {
      pki: { certificates: { leaf: (leaf) => ({ ...leaf, extensions: [basicConstraints(true), ...leaf.extensions.slice(4)] }) } },
    },
    check: 'chain',
    code: 'CHAIN_CA',
  },
  {
    name: 'the chip is no issuer',
    bad: {
      pki: {
        certificates: {
          device: (device) => ({ ...device, extensions: [...device.extensions.slice(0, 3), basicConstraints(false)] }),
        },
      },
    },
    check: 'chain',
    code: 'CHAIN_CA',
  },
  { name: 'a stranger signed its key', bad: certificate('leaf', { signer: stranger }), check: 'chain', code: 'SIGNATURE' },
  {
    name: 'the chain lacks the provisioner',
    bad: { chain: ({ certificates: { leaf, device, identity, root } }) => [leaf, device, identity, root] },
    check: 'chain',
    code: 'CHAIN_LENGTH',
  },
  {
    name: 'the chain of another authority',
    bad: {
      chain: ({ certificates: { leaf, device, provisioner, identity } }) => [
        leaf,
        device,
        provisioner,
        identity,
        gpuPki(utf8('another'), NOW).certificates.root,
      ],
    },
    check: 'chain',
    code: 'ROOT',
  },
  {
    name: 'chip and provisioner are exchanged',
    bad: {
      chain: ({ certificates: { leaf, device, provisioner, identity, root } }) => [leaf, provisioner, device, identity, root],
    },
    check: 'chain',
    code: 'CHAIN_NAME',
  },
  { name: 'the chain is missing', bad: without('chain'), check: 'chain', code: 'COLLATERAL_MISSING', verdict: 'notChecked' },
  {
    name: 'the identity of the line is revoked',
    twin: { pki: { rootCrl: (crl) => ({ ...crl, revoked: [{ serial: serial('provisioner'), at: NOW - 1 }] }) } },
    bad: { pki: { rootCrl: (crl) => ({ ...crl, revoked: [{ serial: serial('identity'), at: NOW - 1 }] }) } },
    check: 'revocation',
    code: 'REVOKED',
  },
  {
    name: 'the provisioner is revoked',
    twin: { pki: { identityCrl: (crl) => ({ ...crl, revoked: [{ serial: serial('identity'), at: NOW - 1 }] }) } },
    bad: { pki: { identityCrl: (crl) => ({ ...crl, revoked: [{ serial: serial('provisioner'), at: NOW - 1 }] }) } },
    check: 'revocation',
    code: 'REVOKED',
  },
  {
    name: 'a list is missing',
    bad: without('identityCrl'),
    check: 'revocation',
    code: 'COLLATERAL_MISSING',
    verdict: 'notChecked',
  },
  {
    name: 'a list has expired',
    twin: { pki: { rootCrl: (crl) => ({ ...crl, nextUpdate: NOW }) } },
    bad: { pki: { rootCrl: (crl) => ({ ...crl, nextUpdate: NOW - 1 }) } },
    check: 'revocation',
    code: 'EXPIRED',
  },
  {
    name: 'a stranger signed a list',
    bad: { pki: { identityCrl: (crl) => ({ ...crl, signer: stranger }) } },
    check: 'revocation',
    code: 'SIGNATURE',
  },
  {
    name: 'lists with higher numbers were seen before',
    twin: { floors: floors(0) },
    bad: { floors: floors(1) },
    check: 'revocation',
    code: 'ROLLBACK',
  },
  {
    name: 'reference values are missing',
    bad: without('rims'),
    check: 'measurements',
    code: 'COLLATERAL_MISSING',
    verdict: 'notChecked',
  },
  {
    name: 'reference values of the driver alone',
    bad: { collateral: (all) => ({ ...all, rims: (all.rims ?? []).slice(0, 1) }) },
    check: 'measurements',
    code: 'COLLATERAL',
  },
  {
    name: 'reference values of another driver',
    bad: { driverRim: (fields) => ({ ...fields, version: '550.90.07' }) },
    check: 'measurements',
    code: 'COLLATERAL',
  },
  {
    name: 'reference values of another product',
    bad: { driverRim: (fields) => ({ ...fields, product: 'GB100' }) },
    check: 'measurements',
    code: 'COLLATERAL',
  },
  {
    name: 'reference values that name none',
    bad: { vbiosRim: (fields) => ({ ...fields, golden: new Map() }) },
    check: 'measurements',
    code: 'COLLATERAL',
  },
  {
    name: 'a reference value was changed',
    bad: rim((xml) => xml.replace(/Hash0="../, 'Hash0="00')),
    check: 'measurements',
    code: 'SIGNATURE',
  },
  {
    name: 'a reference value was taken out',
    bad: rim((xml) => xml.replace(/<Resource.*?<\/Resource>/, '')),
    check: 'measurements',
    code: 'SIGNATURE',
  },
  {
    name: 'a stranger signed reference values',
    bad: { driverRim: (fields) => ({ ...fields, signer: stranger }) },
    check: 'measurements',
    code: 'SIGNATURE',
  },
  {
    name: 'the chip signed reference values',
    bad: { driverRim: (fields) => ({ ...fields, certificates: [fields.certificates[0]!, simulation.gpu().certificates.root] }) },
    check: 'measurements',
    code: 'CHAIN_NAME',
  },
  {
    name: 'who signs reference values has expired',
    twin: certificate('rimSigner', { notAfter: NOW }),
    bad: certificate('rimSigner', { notAfter: NOW - 1 }),
    check: 'measurements',
    code: 'EXPIRED',
  },
  {
    name: 'reference values with a document type',
    bad: rim((xml) => `<!DOCTYPE x [<!ENTITY a "b">]>${xml}`),
    check: 'measurements',
    code: 'PARSE',
  },
  {
    name: 'reference values signed in part',
    bad: rim((xml) => xml.replace('URI=""', 'URI="#x"')),
    check: 'measurements',
    code: 'PARSE',
  },
];
