import { webcrypto, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { sha256 } from '@noble/hashes/sha2.js';
import { type AttestSubtle, verifyEvidence, webCryptoAttest } from '@perigee/light-core/attest';
import { rootsOfDevelopment } from '@perigee/light-core/attest/development';
import { nobleAttest } from '@perigee/light-core/attest/noble';
import { concat, toHex, utf8 } from '@perigee/wire';
import { expect, it } from 'vitest';
import { developmentSimulation, Simulation } from '../../src/evidence/simulated/index.ts';
import { NOW_MS, REPORT_DATA, simulation } from './minted/simulation.ts';

const VECTORS = new URL('../../../../tests/vectors/simulated.json', import.meta.url);
const signal = new AbortController().signal;
const PLATFORMS = ['intel-tdx', 'intel-sgx', 'amd-sev-snp', 'aws-nitro'] as const;

it('mints for a seed and a time what it always minted', async () => {
  const hashes: Record<string, string> = {};
  for (const platform of PLATFORMS) {
    const { bytes, certificates = new Uint8Array() } = await simulation.source(platform).quote(REPORT_DATA, signal);
    hashes[platform] = toHex(sha256(concat(bytes, certificates)));
  }
  const gpu = simulation.gpu();
  hashes['nvidia-gpu'] = toHex(sha256(simulation.gpuEvidence(gpu, REPORT_DATA.subarray(0, 32))));
  hashes.rim = toHex(sha256(simulation.gpuRim(gpu, 'driver')));
  if (process.env.PERIGEE_WRITE_FIXTURES === '1')
    writeFileSync(VECTORS, `${JSON.stringify({ version: 1, sha256: hashes }, null, 2)}\n`);
  expect(hashes).toEqual((JSON.parse(readFileSync(VECTORS, 'utf8')) as { sha256: object }).sha256);
});

it('mints something else for another seed, time or data', async () => {
  const quote = async (seed: string, now: number, data: Uint8Array) => {
    const { bytes } = await new Simulation({ seed: utf8(seed), clock: { now: () => now } })
      .source('aws-nitro')
      .quote(data, signal);
    return toHex(bytes);
  };
  const all = [
    await quote('a', NOW_MS, REPORT_DATA),
    await quote('b', NOW_MS, REPORT_DATA),
    await quote('a', NOW_MS + 1_000, REPORT_DATA),
    await quote('a', NOW_MS, new Uint8Array(64)),
  ];
  expect(new Set(all).size).toBe(4);
});

it('writes certificates that another reader takes, and that say what they are', () => {
  const { root, platformCa, pck } = simulation.intel('TDX');
  const [first, second, third] = [pck, platformCa, root].map((der) => new X509Certificate(der)) as [
    X509Certificate,
    X509Certificate,
    X509Certificate,
  ];
  expect([first.verify(second.publicKey), second.verify(third.publicKey), third.verify(third.publicKey)]).toEqual([
    true,
    true,
    true,
  ]);
  expect([first.ca, second.ca, third.ca]).toEqual([false, true, true]);
  expect(first.checkIssued(second) && second.checkIssued(third)).toBe(true);
  const { ark, ask, vcek } = simulation.amd('Milan');
  const [line, signer, chip] = [ark, ask, vcek].map((der) => new X509Certificate(der)) as [
    X509Certificate,
    X509Certificate,
    X509Certificate,
  ];
  expect([signer.checkIssued(line), chip.checkIssued(signer)]).toEqual([true, true]);
  expect([signer.verify(line.publicKey), chip.verify(signer.publicKey)]).toEqual([true, true]);
  const all = [
    root,
    platformCa,
    pck,
    ark,
    ask,
    vcek,
    ...Object.values(simulation.gpu().certificates),
    ...Object.values(simulation.nitro().certificates),
  ];
  for (const der of all) expect(new X509Certificate(der).subject).toMatch(/O=Perigee simulation\\?, no \w+ hardware/);
});

it('gives the roots of development chains that programs carry, under which its evidence passes', {
  timeout: 300_000,
}, async () => {
  const development = developmentSimulation({ now: () => NOW_MS });
  const roots = rootsOfDevelopment({ development: true });
  expect(roots).toEqual(development.roots());
  // AMD's with keys as long as AMD's
  const { vcek, ask, ark, crl, ...pki } = development.amd('Genoa');
  const bytes = development.snpReport({ vcek, ask, ark, crl, ...pki }, REPORT_DATA);
  const crypto = webCryptoAttest(webcrypto.subtle as unknown as AttestSubtle);
  const options = { collateral: { amd: { vcek, ask, ark, crl } }, policy: {}, time: NOW_MS, roots };
  expect(await verifyEvidence(bytes, { ...options, crypto })).toMatchObject({ status: 'simulated', overall: 'pass' });
  expect(await verifyEvidence(bytes, { ...options, crypto: nobleAttest })).toMatchObject({
    status: 'simulated',
    overall: 'pass',
  });
});
