import { concat, fromHex, toHex, u16le, u32le } from '@perigee/wire';
import {
  attestationBinding,
  type EnclaveReport,
  type QuoteHeader,
  type QuoteSignature,
  type TdReport,
} from '../../../../src/evidence/simulated/intel/quote.ts';
import { seeded } from '../../../../src/evidence/simulated/seed.ts';
import type { BadCase } from '../case.ts';
import { REPORT_DATA, SEED } from '../simulation.ts';
import { type IntelRecipe, STRANGER, TRUST_DOMAIN } from './recipe.ts';

const header = (change: Partial<QuoteHeader>): IntelRecipe => ({ quote: { header: (valid) => ({ ...valid, ...change }) } });
const td = (change: Partial<TdReport> | ((td: TdReport) => Partial<TdReport>), more: IntelRecipe = {}): IntelRecipe => ({
  quote: { td: (valid) => ({ ...valid, ...(typeof change === 'function' ? change(valid) : change) }) },
  ...more,
});
const enclave = (change: Partial<EnclaveReport>): IntelRecipe => ({
  form: 'sgx',
  quote: { enclave: (valid) => ({ ...valid, ...change }) },
});
const signature = (change: (signature: QuoteSignature) => Partial<QuoteSignature>): IntelRecipe => ({
  quote: { signature: (valid) => ({ ...valid, ...change(valid) }) },
});
const qe = (change: Partial<EnclaveReport>): IntelRecipe =>
  signature(({ qeReport }) => ({ qeReport: { ...qeReport, ...change } }));
const bytes = (change: (bytes: Uint8Array) => Uint8Array, more: IntelRecipe = {}): IntelRecipe => ({ bytes: change, ...more });
const patched = (at: number, value: Uint8Array) => (quote: Uint8Array) => {
  const out = quote.slice();
  out.set(value, at);
  return out;
};
const flags = (hex: string) => fromHex(hex, 8);
const zeros = new Uint8Array(48);
const other = '07'.repeat(48);
const SGX: IntelRecipe = { form: 'sgx' };
const enclaveAttributes = (first: number, second = 0) =>
  Uint8Array.of(first, second, 0, 0, 0, 0, 0, 0, 0xe7, 0, 0, 0, 0, 0, 0, 0);
/** Authentication data of another length than usual. */
const WIDE = new Uint8Array(100).fill(2);
/** Security versions of a TDX module: its own, its major version, microcode. */
const svns = (own: number, major: number, microcode = 2) =>
  Uint8Array.of(own, major, microcode, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
const ENCLAVE = { mrSigner: toHex(seeded(SEED, 'sgx/mrsigner', 32)), isvProdId: 7, minIsvSvn: 3 };
/** A policy that names this trust domain with one value changed. */
const domain = (change: Partial<typeof TRUST_DOMAIN>): IntelRecipe => ({
  policy: { trustDomains: [{ ...TRUST_DOMAIN, ...change }] },
});

/** The quote itself: its form, who signed what, and what it says. */
export const QUOTE_CASES: readonly BadCase<IntelRecipe>[] = [
  { name: 'nothing', bad: bytes(() => new Uint8Array()), check: 'parse', code: 'PLATFORM' },
  { name: 'a megabyte', bad: bytes((quote) => concat(quote, new Uint8Array(1 << 20))), check: 'parse', code: 'TOO_LARGE' },
  { name: 'a version that is not known', bad: header({ version: 6 }), check: 'parse', code: 'PLATFORM' },
  { name: 'version 5 around the body of version 4', bad: header({ version: 5 }), check: 'parse', code: 'PLATFORM' },
  { name: 'version 4 around an enclave', twin: SGX, bad: header({ version: 4 }), check: 'parse', code: 'PLATFORM' },
  { name: 'an attestation key of another type', bad: header({ attestationKeyType: 3 }), check: 'parse', code: 'PLATFORM' },
  { name: 'a trust domain that says it is an enclave', bad: header({ teeType: 0 }), check: 'parse', code: 'PLATFORM' },
  {
    name: 'an enclave that says it is a trust domain',
    twin: SGX,
    bad: header({ teeType: 0x81 }),
    check: 'parse',
    code: 'PLATFORM',
  },
  {
    name: 'a quoting enclave of another vendor',
    bad: header({ qeVendor: new Uint8Array(16) }),
    check: 'parse',
    code: 'PLATFORM',
  },
  {
    name: 'the body of TDX 1.5 with the length of 1.0',
    twin: { form: 'v5 1.5' },
    bad: bytes(patched(50, u32le(584))),
    check: 'parse',
    code: 'PLATFORM',
  },
  {
    name: 'the body of TDX 1.0 called 1.5',
    twin: { form: 'v5 1.0' },
    bad: bytes(patched(48, u16le(3))),
    check: 'parse',
    code: 'PLATFORM',
  },
  { name: 'cut off in the header', bad: bytes((quote) => quote.subarray(0, 40)), check: 'parse', code: 'PLATFORM' },
  { name: 'cut off in the body', bad: bytes((quote) => quote.subarray(0, 400)), check: 'parse', code: 'PARSE' },
  { name: 'cut off by a byte', bad: bytes((quote) => quote.subarray(0, -1)), check: 'parse', code: 'PARSE' },
  {
    name: 'signature data longer than there is',
    bad: bytes((quote) => patched(632, u32le(quote.length))(quote)),
    check: 'parse',
    code: 'PARSE',
  },
  { name: 'signature data of four gigabytes', bad: bytes(patched(632, u32le(0xffffffff))), check: 'parse', code: 'PARSE' },
  {
    name: 'signature data a byte shorter',
    bad: bytes((quote) => patched(632, u32le(quote.length - 637))(quote)),
    check: 'parse',
    code: 'PARSE',
  },
  {
    name: 'bytes behind the quote',
    twin: bytes((quote) => concat(quote, new Uint8Array(100))),
    bad: bytes((quote) => concat(quote, Uint8Array.of(1))),
    check: 'trailingBytes',
    code: 'TRAILING_BYTES',
  },
  {
    name: 'certification data of another type',
    bad: signature(() => ({ certificationType: 4 })),
    check: 'parse',
    code: 'VERSION',
  },
  {
    name: 'a stranger signed the quote',
    bad: signature((valid) => ({ attestationKey: { ...valid.attestationKey, signCompact: STRANGER.signCompact } })),
    check: 'quoteSignature',
    code: 'SIGNATURE',
  },
  {
    name: 'a stranger signed the quote with a key of his own',
    bad: signature(() => ({ attestationKey: STRANGER })),
    check: 'attestationKey',
    code: 'BINDING',
  },
  {
    name: 'a stranger signed the report of the quoting enclave',
    bad: signature(() => ({ qeReportSigner: STRANGER })),
    check: 'qeReport',
    code: 'SIGNATURE',
  },
  {
    name: 'the signature is one of zeros',
    bad: bytes(patched(636, new Uint8Array(64))),
    check: 'quoteSignature',
    code: 'SIGNATURE',
  },
  {
    name: 'r is the order of the curve',
    bad: bytes(patched(636, fromHex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'))),
    check: 'quoteSignature',
    code: 'SIGNATURE',
  },
  {
    name: 'the attestation key is no point of the curve',
    bad: bytes(patched(700, new Uint8Array(64).fill(1))),
    check: 'quoteSignature',
    code: 'SIGNATURE',
  },
  {
    name: 'the report data was changed',
    bad: bytes(patched(568, Uint8Array.of(0xff))),
    check: 'quoteSignature',
    code: 'SIGNATURE',
  },
  {
    name: 'other authentication data than was bound',
    twin: signature(({ attestationKey, qeReport }) => ({
      authData: WIDE,
      qeReport: { ...qeReport, reportData: attestationBinding(attestationKey, WIDE) },
    })),
    bad: signature(() => ({ authData: WIDE })),
    check: 'attestationKey',
    code: 'BINDING',
  },
  {
    name: 'something stands behind the binding',
    bad: signature(({ qeReport }) => ({
      qeReport: { ...qeReport, reportData: concat(qeReport.reportData.subarray(0, 32), new Uint8Array(32).fill(1)) },
    })),
    check: 'attestationKey',
    code: 'BINDING',
  },
  {
    name: 'the quoting enclave runs in debug mode',
    bad: qe({ attributes: enclaveAttributes(0x17) }),
    check: 'quotingEnclave',
    code: 'DEBUG',
  },
  {
    name: 'the quoting enclave is of another signer',
    bad: qe({ mrSigner: new Uint8Array(32) }),
    check: 'quotingEnclave',
    code: 'IDENTITY',
  },
  { name: 'the quoting enclave is that of SGX', bad: qe({ isvProdId: 1 }), check: 'quotingEnclave', code: 'IDENTITY' },
  {
    name: 'the quoting enclave is older than all that Intel knows',
    twin: qe({ isvSvn: 8 }),
    bad: qe({ isvSvn: 5 }),
    check: 'quotingEnclave',
    code: 'TCB_LEVEL',
  },
  {
    name: 'the quoting enclave is out of date',
    twin: qe({ isvSvn: 8 }),
    bad: qe({ isvSvn: 6 }),
    check: 'tcbStatus',
    code: 'TCB_STATUS',
  },
  {
    name: 'a TDX module that Intel does not know',
    twin: td({ teeTcbSvn: svns(5, 3) }),
    bad: td({ teeTcbSvn: svns(5, 2) }),
    check: 'tdxModule',
    code: 'MODULE',
  },
  {
    name: 'a TDX module of another signer',
    bad: td({ mrSignerSeam: zeros.slice().fill(1) }),
    check: 'tdxModule',
    code: 'MODULE',
  },
  {
    name: 'a TDX module with other attributes',
    bad: td({ seamAttributes: flags('0100000000000000') }),
    check: 'tdxModule',
    code: 'ATTRIBUTES',
  },
  {
    name: 'a TDX module older than all that Intel knows',
    twin: td({ teeTcbSvn: svns(4, 1) }),
    bad: td({ teeTcbSvn: svns(1, 1) }),
    check: 'tdxModule',
    code: 'TCB_LEVEL',
  },
  {
    name: 'a TDX module that is out of date',
    twin: td({ teeTcbSvn: svns(4, 1) }),
    bad: td({ teeTcbSvn: svns(3, 1) }),
    check: 'tcbStatus',
    code: 'TCB_STATUS',
  },
  {
    name: 'microcode of TDX older than all levels',
    twin: td({ teeTcbSvn: svns(5, 1, 2) }),
    bad: td({ teeTcbSvn: svns(5, 1, 1) }),
    check: 'tcbLevel',
    code: 'TCB_LEVEL',
  },
  {
    name: 'the trust domain runs in debug mode',
    bad: td({ tdAttributes: flags('0100001000000000') }),
    check: 'trustDomain',
    code: 'DEBUG',
  },
  {
    name: 'it has an attribute that is not defined, of those that its host may know',
    bad: td({ tdAttributes: flags('0200001000000000') }),
    check: 'trustDomain',
    code: 'RESERVED',
  },
  {
    name: 'it has an attribute that is not defined, of those that keep it closed',
    bad: td({ tdAttributes: flags('0001001000000000') }),
    check: 'trustDomain',
    code: 'RESERVED',
  },
  { name: 'it has bit 29', bad: td({ tdAttributes: flags('0000003000000000') }), check: 'trustDomain', code: 'RESERVED' },
  {
    name: 'it has an attribute that is not defined, of the others',
    bad: td({ tdAttributes: flags('0000001001000000') }),
    check: 'trustDomain',
    code: 'RESERVED',
  },
  {
    name: 'it is without SEPT_VE_DISABLE',
    twin: td({ tdAttributes: flags('0000000000000000') }, { policy: { allowSeptVe: true } }),
    bad: { policy: {} },
    check: 'trustDomain',
    code: 'ATTRIBUTES',
  },
  { name: 'it is without SSE', bad: td({ xfam: flags('e502060000000000') }), check: 'trustDomain', code: 'ATTRIBUTES' },
  {
    name: 'it has a processor feature that it cannot have',
    bad: td({ xfam: flags('e702060000000001') }),
    check: 'trustDomain',
    code: 'ATTRIBUTES',
  },
  {
    name: 'a service may move it to another machine',
    twin: td({ mrServiceTd: zeros.slice().fill(3) }, { form: 'v5 1.5', policy: { allowServiceTd: true } }),
    bad: { policy: {} },
    check: 'trustDomain',
    code: 'POLICY',
  },
  {
    name: 'its module is older than the policy allows',
    twin: { policy: { minTeeTcbSvn: [5, 1, 2] } },
    bad: { policy: { minTeeTcbSvn: [6, 1, 2] } },
    check: 'trustDomain',
    code: 'TCB_LEVEL',
  },
  ...(['mrTd', 'rtmr0', 'rtmr1', 'rtmr2', 'rtmr3', 'mrSeam'] as const).map(
    (name): BadCase<IntelRecipe> => ({
      name: `another ${name} than the policy names`,
      twin: domain({}),
      bad: domain({ [name]: other }),
      check: 'measurements',
      code: 'MEASUREMENT',
    }),
  ),
  {
    name: 'another RTMR3 in the quote than the policy names',
    twin: domain({}),
    bad: td(({ rtmr }) => ({ rtmr: [...rtmr.slice(0, 3), zeros] })),
    check: 'measurements',
    code: 'MEASUREMENT',
  },
  {
    name: 'an owner where the policy names none',
    twin: { policy: { trustDomains: [{ ...TRUST_DOMAIN, mrOwner: '00'.repeat(48) }] } },
    bad: td({ mrOwner: zeros.slice().fill(9) }),
    check: 'measurements',
    code: 'MEASUREMENT',
  },
  {
    name: 'other report data than is due',
    twin: { policy: { reportData: toHex(REPORT_DATA) } },
    bad: { policy: { reportData: '00'.repeat(64) } },
    check: 'reportData',
    code: 'REPORT_DATA',
  },
  {
    name: 'an enclave in debug mode',
    twin: SGX,
    bad: enclave({ attributes: enclaveAttributes(0x07) }),
    check: 'enclave',
    code: 'DEBUG',
  },
  {
    name: 'an enclave that is not initialised',
    twin: SGX,
    bad: enclave({ attributes: enclaveAttributes(0x04) }),
    check: 'enclave',
    code: 'ATTRIBUTES',
  },
  {
    name: 'an enclave with attributes that are not defined',
    twin: enclave({ attributes: enclaveAttributes(0x05, 0x04) }),
    bad: enclave({ attributes: enclaveAttributes(0x05, 0x08) }),
    check: 'enclave',
    code: 'RESERVED',
  },
  {
    name: 'another enclave than the policy names',
    twin: { form: 'sgx', policy: { enclaves: [ENCLAVE] } },
    bad: enclave({ mrSigner: new Uint8Array(32) }),
    check: 'measurements',
    code: 'MEASUREMENT',
  },
  {
    name: 'an older enclave than the policy names',
    twin: { form: 'sgx', policy: { enclaves: [ENCLAVE] } },
    bad: enclave({ isvSvn: 2 }),
    check: 'measurements',
    code: 'MEASUREMENT',
  },
];
