import { webcrypto } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { sha256 } from '@noble/hashes/sha2.js';
import { type AttestSubtle, developmentRoots, raiseFloors, verifyEvidence, webCryptoAttest } from '@perigee/light-core/attest';
import { type Bundle, decodeBundle, encodeBundle, verifyBundle } from '@perigee/light-core/attest/bundle';
import { nobleAttest } from '@perigee/light-core/attest/noble';
import {
  COLLATERAL_MAGIC,
  CollateralBundle,
  concat,
  fromBase64,
  MAX_COLLATERAL_BUNDLE_BYTES,
  type PerigeeError,
  toBase64,
  utf8,
} from '@perigee/wire';
import { expect, it } from 'vitest';
import { amdBundle, intelBundle } from '../../src/evidence/simulated/bundles.ts';
import { pemOf } from '../../src/evidence/simulated/certificate.ts';
import type { IntelChanges } from '../../src/evidence/simulated/intel/pki.ts';
import { curveKey } from '../../src/evidence/simulated/signing-key.ts';
import { NOW, NOW_MS, REPORT_DATA, SEED, serialOf, simulation, withFields } from '../evidence/minted/simulation.ts';

const VECTORS = new URL('../../../../tests/vectors/collateral.json', import.meta.url);
const INTEL = 'intel/tdx/ff7065726900/platform';
const AMD = 'amd/Milan/vcek';
const stranger = curveKey(SEED, 'stranger', 'P-256');
const web = webCryptoAttest(webcrypto.subtle as unknown as AttestSubtle);
const roots = () => developmentRoots({ development: true }, simulation.roots());

const intel = (changes?: IntelChanges): Bundle => intelBundle('tdx', simulation.intel('TDX', changes));
const amd = (): Bundle => amdBundle(simulation.amd('Milan'));
const verified = (bundle: Bundle | Uint8Array, subject = INTEL, more: object = {}) =>
  verifyBundle(bundle instanceof Uint8Array ? bundle : encodeBundle(bundle), {
    crypto: web,
    time: NOW_MS,
    roots: roots(),
    subject,
    ...more,
  });

async function refused(work: Promise<unknown>): Promise<PerigeeError> {
  return work.then(
    () => Promise.reject(new Error('it passed')),
    (error: PerigeeError) => error,
  );
}

it('reads and writes files as it always did', () => {
  const files = { intel: encodeBundle(intel()), amd: encodeBundle(amd()) };
  if (process.env.PERIGEE_WRITE_FIXTURES === '1') {
    writeFileSync(
      VECTORS,
      `${JSON.stringify({ version: 1, intel: toBase64(files.intel), amd: toBase64(files.amd) }, null, 2)}\n`,
    );
  }
  const stored = JSON.parse(readFileSync(VECTORS, 'utf8')) as { intel: string; amd: string };
  expect(toBase64(files.intel)).toBe(stored.intel);
  expect(toBase64(files.amd)).toBe(stored.amd);
  expect(decodeBundle(fromBase64(stored.intel))).toEqual(intel());
  expect(decodeBundle(fromBase64(stored.amd))).toEqual(amd());
});

it('verifies a bundle by itself, with the numbers that evidence shows', async () => {
  const found = await verified(intel());
  expect([found.issuedMs, found.untilMs]).toEqual([NOW_MS - 86_400_000, NOW_MS + 29 * 86_400_000]);
  const quote = simulation.tdxQuote(simulation.intel('TDX'), 'v4', REPORT_DATA);
  const report = await verifyEvidence(quote, {
    collateral: found.collateral,
    policy: {},
    time: NOW_MS,
    crypto: web,
    roots: roots(),
  });
  expect(report.overall).toBe('pass');
  expect(report.seen).toEqual(found.seen);
  expect(await verified(intel(), INTEL, { crypto: nobleAttest })).toEqual(found);

  const other = await verified(amd(), AMD);
  const pki = simulation.amd('Milan');
  const collateral = { amd: { ...other.collateral.amd, vcek: pki.vcek } };
  const chip = await verifyEvidence(simulation.snpReport(pki, REPORT_DATA), {
    collateral,
    policy: {},
    time: NOW_MS,
    crypto: web,
    roots: roots(),
  });
  expect([chip.overall, chip.seen]).toEqual(['pass', other.seen]);
});

it.each<[string, IntelChanges, string, string]>([
  [
    'TCB information that has expired',
    { tcbInfo: (info) => ({ ...info, nextUpdate: '2026-01-01T00:00:00Z' }) },
    'tcbInfo',
    'EXPIRED',
  ],
  ['TCB information of another model', { tcbInfo: (info) => ({ ...info, fmspc: 'B0C06F000000' }) }, 'tcbInfo', 'IDENTITY'],
  ['an identity of SGX', { qeIdentity: (identity) => ({ ...identity, id: 'QE' }) }, 'qeIdentity', 'COLLATERAL'],
  ['a root list that has expired', { rootCrl: (crl) => ({ ...crl, nextUpdate: NOW - 1 }) }, 'rootCrl', 'EXPIRED'],
  ['a PCK list of a stranger', { pckCrl: (crl) => ({ ...crl, signer: stranger }) }, 'pckCrl', 'SIGNATURE'],
  ['an issuer of a stranger', { platformCa: withFields({ signer: stranger }) }, 'pckCrlChain', 'SIGNATURE'],
  ['an issuer that has expired', { platformCa: withFields({ notAfter: NOW - 1 }) }, 'pckCrlChain', 'EXPIRED'],
  [
    'an issuer that is revoked',
    { rootCrl: (crl) => ({ ...crl, revoked: [{ serial: serialOf(simulation.intel('TDX').platformCa), at: NOW - 1 }] }) },
    'pckCrlChain',
    'REVOKED',
  ],
  [
    'a signer that is revoked',
    { rootCrl: (crl) => ({ ...crl, revoked: [{ serial: serialOf(simulation.intel('TDX').tcbSigner), at: NOW - 1 }] }) },
    'tcbInfo',
    'REVOKED',
  ],
])('refuses %s', async (_, changes, part, check) => {
  const { code, data } = await refused(verified(intel(changes)));
  expect([code, data]).toEqual(['ATTESTATION', expect.objectContaining({ part, check })]);
});

it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('takes no %s for a time, in which nothing would be late', async (time) => {
  expect((await refused(verified(intel(), INTEL, { time }))).code).toBe('INVALID_ARGUMENT');
});

it('refuses what is not of the platform that was asked for, or of its authority', async () => {
  expect((await refused(verified(intel(), AMD))).data).toMatchObject({ check: 'IDENTITY' });
  const sgx = intelBundle('tdx', simulation.intel('SGX'));
  expect((await refused(verified(sgx))).data).toMatchObject({ part: 'tcbInfo', check: 'COLLATERAL' });
  const processor: Bundle = {
    ...intelBundle('tdx', simulation.intel('TDX')),
    subject: { vendor: 'intel', tee: 'tdx', fmspc: 'ff7065726900', ca: 'processor' },
  };
  expect((await refused(verified(processor, INTEL.replace('platform', 'processor')))).data).toMatchObject({
    check: 'CHAIN_NAME',
  });
  expect((await refused(verified(intel(), INTEL, { roots: 'vendor' }))).data).toMatchObject({ check: 'ROOT' });
  expect((await refused(verified(amd(), AMD, { roots: 'vendor' }))).data).toMatchObject({ part: 'ark', check: 'ROOT' });
  const { root, tcbSigner } = simulation.intel('TDX');
  const swapped = intelBundle('tdx', simulation.intel('TDX'));
  const leaf: Bundle = { ...swapped, parts: { ...swapped.parts, pckCrlChain: utf8(pemOf(tcbSigner, root)) } };
  expect((await refused(verified(leaf))).data).toMatchObject({ part: 'pckCrlChain', check: 'CHAIN_CA' });
  // both issuers stand right below the same root: who hands on one for the other would keep all reports of that kind from being verified
  const own = amdBundle(simulation.amd('Milan'));
  const cloud: Bundle = { ...own, subject: { ...own.subject, key: 'vlek' } };
  expect((await refused(verified(cloud, 'amd/Milan/vlek'))).data).toMatchObject({ part: 'ask', check: 'CHAIN_NAME' });
  const crossed = amdBundle(simulation.amd('Milan'));
  const genoa: Bundle = { ...crossed, parts: { ...crossed.parts, crl: simulation.amd('Genoa').crl } };
  expect((await refused(verified(genoa, AMD))).data).toMatchObject({ part: 'crl', check: 'CRL' });
});

it('refuses what is older than what was seen before, by each number', async () => {
  const { seen } = await verified(intel());
  for (const name of Object.keys(seen)) {
    const floors = { [name]: (seen[name] as number) + 1 };
    expect((await refused(verified(intel(), INTEL, { floors }))).data).toMatchObject({ check: 'ROLLBACK' });
  }
  expect((await verified(intel(), INTEL, { floors: seen })).seen).toEqual(seen);
  expect(raiseFloors(seen, seen)).toEqual(seen);
  // what is simulated does not raise the floor of what is real, nor the other way round
  const real = Object.fromEntries(Object.entries(seen).map(([name, number]) => [name.replace('simulated/', ''), number + 9]));
  expect((await verified(intel(), INTEL, { floors: real })).seen).toEqual(seen);
});

it('refuses files that are not in the one form', () => {
  const file = encodeBundle(intel());
  const seal = (body: Uint8Array) => concat(COLLATERAL_MAGIC, sha256(body), body);
  const body = CollateralBundle.decode(file.subarray(36));
  const codeOf = (bytes: Uint8Array) => {
    try {
      decodeBundle(bytes);
    } catch (error) {
      return (error as PerigeeError).code;
    }
    return 'none';
  };
  expect(codeOf(new Uint8Array())).toBe('PARSE');
  expect(codeOf(file.subarray(1))).toBe('PARSE');
  expect(codeOf(file.subarray(0, -1))).toBe('PARSE');
  expect(codeOf(new Uint8Array(MAX_COLLATERAL_BUNDLE_BYTES + 1))).toBe('FRAME_TOO_LARGE');
  expect(codeOf(seal(CollateralBundle.encode({ ...body, version: 2 })))).toBe('UNKNOWN_VERSION');
  expect(codeOf(seal(concat(CollateralBundle.encode(body), Uint8Array.of(0xf8, 0x3f, 1))))).toBe('NOT_CANONICAL');
  expect(codeOf(seal(CollateralBundle.encode({ ...body, parts: body.parts.slice(1) })))).toBe('PARSE');
  expect(codeOf(seal(CollateralBundle.encode({ ...body, parts: [...body.parts].reverse() })))).toBe('PARSE');
  expect(codeOf(seal(CollateralBundle.encode({ ...body, subject: 'intel/tdx/B0C06F000000/platform' })))).toBe('INVALID_ARGUMENT');
  expect(codeOf(seal(CollateralBundle.encode({ ...body, subject: '../../etc/passwd' })))).toBe('INVALID_ARGUMENT');
  for (let i = 0; i < file.length; i += 97) expect(codeOf(file.map((byte, at) => (at === i ? byte ^ 1 : byte)))).toBe('PARSE');
});
