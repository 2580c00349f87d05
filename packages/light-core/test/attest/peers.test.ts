/** What real hardware signed, out of other people's packages (`tests/peers/tee`), up to the vendors' own roots. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AttestationReport, type Collateral, HARDWARE_SUPPORT, verifyEvidence } from '@perigee/light-core/attest';
import { nobleAttest } from '@perigee/light-core/attest/noble';
import { toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { readEndorsement } from '../../src/attest/amd/endorsement.ts';
import { SNP_ROOTS } from '../../src/attest/amd/roots.ts';
import { verifyChain } from '../../src/attest/chain.ts';
import { verifyRim } from '../../src/attest/nvidia/rim/verify.ts';
import { rootsFor } from '../../src/attest/pinned.ts';
import { RSA } from '../../src/attest/rsa.ts';
import { checkOf, faults, webCrypto } from './both.ts';
import { sha } from './mint/certificate.ts';

const folder = fileURLToPath(new URL('../../../../tests/peers/tee/', import.meta.url));
const LONG = process.env.PERIGEE_LONG === '1';

/** Where the packages lie that `cargo fetch --locked` brought, by name. */
function crates(): ReadonlyMap<string, string> {
  const { status, stdout } = spawnSync('cargo', ['metadata', '--offline', '--locked', '--format-version', '1'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) return new Map();
  const { packages } = JSON.parse(stdout) as { packages: readonly { name: string; manifest_path: string }[] };
  return new Map(packages.map(({ name, manifest_path }) => [name, dirname(manifest_path)]));
}

const found = LONG ? crates() : new Map<string, string>();
const cargoReason = !LONG ? 'only in test:long' : found.size === 0 ? 'its packages are not fetched' : undefined;
const gpuReason = !LONG ? 'only in test:long' : existsSync(join(folder, 'gpu')) ? undefined : 'its package is not installed';
const named = (what: string, reason: string | undefined) => `${what}${reason === undefined ? '' : ` (skipped: ${reason})`}`;

function file(name: string, path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(found.get(name) ?? '', path)));
}

function pems(bytes: Uint8Array): [Uint8Array, Uint8Array] {
  const blocks = [...new TextDecoder().decode(bytes).matchAll(/-----BEGIN CERTIFICATE-----([\s\S]+?)-----END/g)];
  return blocks.map(([, text = '']) => new Uint8Array(Buffer.from(text, 'base64'))) as [Uint8Array, Uint8Array];
}

/** By both implementations, against the vendors' roots. */
async function real(bytes: Uint8Array, date: string | number, collateral: Collateral, policy = {}): Promise<AttestationReport> {
  const options = { time: new Date(date).getTime(), roots: 'vendor', collateral, policy } as const;
  const report = await verifyEvidence(bytes, { ...options, crypto: webCrypto });
  expect(await verifyEvidence(bytes, { ...options, crypto: nobleAttest })).toEqual(report);
  return report;
}

const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

describe.skipIf(cargoReason !== undefined)(named('reports of AMD and AWS', cargoReason), () => {
  const milan = () => {
    const [ask, ark] = pems(file('sev', 'tests/certs_data/cert_chain_milan'));
    const report = Buffer.from(new TextDecoder().decode(file('sev', 'tests/certs_data/report_milan.hex')).trim(), 'hex');
    return { report: new Uint8Array(report), amd: { vcek: file('sev', 'tests/certs_data/vcek_milan.der'), ask, ark } };
  };

  it('a Milan signed: all that its files allow passes', async () => {
    const { report, amd } = milan();
    const policy = { amd: { minTcb: { Milan: { snp: 8 } }, measurements: [toHex(report.subarray(0x90, 0xc0))] } };
    const { checks, hardware, status } = await real(report, '2024-01-01', { amd }, policy);
    expect(faults(checks)).toEqual(['revocation notChecked COLLATERAL_MISSING', 'reportData notChecked NOT_ASKED']);
    expect({ hardware, status }).toEqual({ hardware: 'tested', status: 'real-fail' });
    for (const at of [0x50, 0x90, 0x1a0, 0x2a1]) {
      expect(checkOf((await real(flipped(report, at), '2024-01-01', { amd }, policy)).checks, 'signature').verdict).toBe('fail');
    }
    expect(checkOf((await real(report, '2024-01-01', { amd: { ...amd, ark: amd.ask } })).checks, 'chain').code).toBe('ROOT');
  });

  it('a Turin has an endorsement that is read and chains to its root', async () => {
    const [ask, ark] = pems(file('sev', 'tests/certs_data/cert_chain_turin'));
    const roots = await rootsFor('vendor', 'amd', [SNP_ROOTS.Turin], ark, webCrypto);
    const leaf = file('sev', 'tests/certs_data/vcek_turin.der');
    const [certificate] = await verifyChain([leaf, ask, ark], {
      crypto: webCrypto,
      time: Date.UTC(2026, 0),
      roots,
      length: 3,
      rsa: RSA,
    });
    const { product, chipId, tcb } = readEndorsement(certificate, 'vcek');
    expect({ product, chip: chipId?.length }).toEqual({ product: 'Turin', chip: 8 });
    expect(tcb.fmc).toBeGreaterThanOrEqual(0);
  });

  it('a Nitro enclave signed: all but its debug mode passes', async () => {
    const text = new TextDecoder().decode(file('remote-attestation-verifier', 'fixtures/example_attestation')).trim();
    const said = new Uint8Array(Buffer.from(text, 'base64'));
    const { checks, hardware } = await real(said, '2024-09-09T19:50:00Z', {});
    expect(faults(checks)).toEqual(['debug fail DEBUG', 'pcrs notChecked NOT_ASKED', 'nonce notChecked NOT_ASKED']);
    expect(hardware).toBe('tested');
    for (const at of [60, said.length - 1])
      expect((await real(flipped(said, at), '2024-09-09T19:50:00Z', {})).overall).toBe('fail');
    expect(checkOf((await real(said, '2024-09-10T19:50:00Z', {})).checks, 'chain').code).toBe('EXPIRED');
  });
});

describe.skipIf(gpuReason !== undefined)(named('evidence of an H100', gpuReason), () => {
  const sample = (name: string) => new Uint8Array(readFileSync(join(folder, 'gpu/verifier/samples', name)));

  it('that it signed: all that its files allow passes', async () => {
    const evidence = new Uint8Array(Buffer.from(new TextDecoder().decode(sample('hopperAttestationReport.txt')).trim(), 'hex'));
    const nvidia = { chain: sample('hopperCertChain.txt') };
    const nonce = '931d8dd0add203ac3d8b4fbde75e115278eefcdceac5b87671a748f32364dfcb';
    const { checks, hardware, fields } = await real(evidence, '2026-01-01', { nvidia }, { nvidia: { nonce } });
    expect(faults(checks)).toEqual([
      'revocation notChecked COLLATERAL_MISSING',
      'measurements notChecked COLLATERAL_MISSING',
      'rimSigner notChecked DEPENDS',
    ]);
    expect(hardware).toBe('tested');
    expect(fields).toContainEqual({ name: 'driverVersion', value: '550.90.07' });
    for (const at of [4, 60, 3570, evidence.length - 1]) {
      expect(checkOf((await real(flipped(evidence, at), '2026-01-01', { nvidia })).checks, 'signature').verdict).toBe('fail');
    }
  });

  it('and reference values that NVIDIA signed are read and verified', async () => {
    const rim = sample('1010_0200_882_96005E0001_PROD.swidtag');
    const context = { crypto: webCrypto, time: Date.UTC(2024, 0), roots: 'vendor' } as const;
    const { product, version, golden } = await verifyRim(rim, context);
    expect({ product, version, values: golden.size }).toEqual({ product: 'GH100', version: '96.00.5E.00.01', values: 12 });
    const driver = await verifyRim(sample('Driver_RIM_test_no_gpu.swidtag'), context);
    expect(driver.golden.get(35)?.length).toBe(2);
    await expect(verifyRim(flipped(rim, 900), context)).rejects.toMatchObject({ code: 'ATTESTATION' });
    await expect(verifyRim(rim, { ...context, time: Date.UTC(2026, 0) })).rejects.toThrow(/expired/);
    expect(toHex(sha('sha256', rim))).toHaveLength(64);
  });
});

it('every platform that is called tested has a test here or with the vectors', () => {
  const tested = HARDWARE_SUPPORT.filter(({ status }) => status === 'tested').map(
    ({ platform, variant }) => `${platform} ${variant}`,
  );
  expect(tested).toEqual(['intel-tdx TDX', 'amd-sev-snp Milan', 'nvidia-gpu H100', 'aws-nitro Enclaves']);
});

it('the documentation has the same list', () => {
  const text = readFileSync(new URL('../../../../docs/attestation.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \| (\S+) \| (.+) \|$/gm)].map(([, platform, variant, status]) => ({
    platform,
    variant,
    status,
  }));
  expect(rows).toEqual(HARDWARE_SUPPORT);
});
