import { equal, MAX_RIMS, toHex } from '@perigee/wire';
import { verifyChain } from '../chain.ts';
import { CheckList, type CheckNames } from '../check.ts';
import { refuse, unchecked } from '../code.ts';
import type { Context, VerifyPlatform } from '../context.ts';
import { hardwareStatus } from '../hardware.ts';
import { commonNameOf } from '../name.ts';
import { oneOf } from '../one-of.ts';
import { readPem } from '../pem.ts';
import { rootsFor } from '../pinned.ts';
import type { Field } from '../report.ts';
import { checkRevocation } from '../revocation.ts';
import type { Certificate } from '../x509.ts';
import { type GpuEvidence, readGpuEvidence } from './evidence.ts';
import { firmwareIdOf } from './firmware-id.ts';
import { judgeMeasurements } from './measurements.ts';
import type { Rim } from './rim/rim.ts';
import { verifyRim } from './rim/verify.ts';
import { GPU_ROOTS } from './roots.ts';

/** What the evidence of a GPU must be besides authentic. */
export interface GpuPolicy {
  /** The nonce that was asked with, 32 bytes in hexadecimal: what the quote of the machine binds. */
  readonly nonce?: string;
  /** Versions that are accepted; all that NVIDIA has signed reference values for by default. */
  readonly drivers?: readonly string[];
  readonly vbios?: readonly string[];
  /** SHA-256 of files of reference values that are accepted, hexadecimal. */
  readonly rims?: readonly string[];
}

/**
 * Checks of the evidence of an NVIDIA GPU. `driver` and `vbios` are made where the policy asks for them. `rimSigner`: NVIDIA says by OCSP alone whether
 * who signed reference values is revoked, so without the network only a pin of the files can stand in for it.
 */
const GPU_CHECKS = {
  evidence: 'gpu',
  chain: 'gpu',
  revocation: 'gpu',
  signature: 'gpu',
  firmware: 'gpu',
  nonce: 'gpu',
  driver: 'gpu',
  vbios: 'gpu',
  measurements: 'gpu',
  rimSigner: 'gpu',
} as const satisfies CheckNames<string>;

export type GpuCheck = keyof typeof GPU_CHECKS;

/** What the evidence of a GPU says. */
export interface GpuClaims extends GpuEvidence {
  readonly platform: 'nvidia-gpu';
}

/** Certificates of a chain: key of the firmware, chip, provisioner, identity of the line, root. */
const GPU_CHAIN_CERTIFICATES = 5;

/** Verifies the evidence of one NVIDIA GPU (H100), as `GET_MEASUREMENTS` of SPDM gives it. Its certificates come as collateral. */
export const verifyGpu: VerifyPlatform<GpuPolicy, GpuClaims> = async (bytes, context) => {
  const policy = context.policy ?? {};
  const checks = new CheckList<GpuCheck>(namesFor(policy), optionalIn(policy));
  const seen: Record<string, number> = {};
  const evidence = await checks.run('evidence', () => {
    const value = readGpuEvidence(bytes);
    return {
      value,
      reason: `The bytes are ${value.measurements.length} measurements of a GPU with driver ${value.driverVersion}.`,
    };
  });
  const chain = evidence && (await checks.run('chain', () => verifyGpuChain(context)));
  if (chain !== undefined) await checks.run('revocation', () => checkGpuRevocation(chain, context, seen));
  if (evidence !== undefined && chain !== undefined) {
    const [leaf] = chain;
    await checks.run('signature', () => checkEvidenceSignature(evidence, leaf, context));
    await checks.run('firmware', () => judgeFirmware(evidence, leaf));
  }
  if (evidence !== undefined) {
    const say = (name: GpuCheck, look: () => string) => checks.run(name, () => ({ value: true, reason: look() }));
    await say('nonce', () => oneOf(evidence.nonce, policy.nonce === undefined ? undefined : [policy.nonce], 'NONCE', 'nonce'));
    const { drivers, vbios } = policy;
    if (drivers !== undefined) await say('driver', () => among(evidence.driverVersion, drivers, 'driver'));
    if (vbios !== undefined) await say('vbios', () => among(evidence.vbiosVersion, vbios, 'VBIOS'));
    const rims = await checks.run('measurements', () => checkMeasurements(evidence, context));
    if (rims !== undefined) await checks.run('rimSigner', () => checkRimPins(rims, context));
  }
  return {
    platform: 'nvidia-gpu',
    hardware: hardwareStatus('nvidia-gpu', chain !== undefined && isH100(chain) ? 'H100' : 'another'),
    checks: checks.all(),
    fields: evidence === undefined ? [] : fieldsOf(evidence),
    claims: evidence === undefined ? undefined : { platform: 'nvidia-gpu', ...evidence },
    seen,
  };
};

function namesFor({ drivers, vbios }: GpuPolicy): CheckNames<GpuCheck> {
  const left = [...(drivers === undefined ? ['driver'] : []), ...(vbios === undefined ? ['vbios'] : [])];
  return Object.fromEntries(Object.entries(GPU_CHECKS).filter(([name]) => !left.includes(name)));
}

function optionalIn({ nonce, rims }: GpuPolicy): readonly GpuCheck[] {
  return [...(nonce === undefined ? (['nonce'] as const) : []), ...(rims === undefined ? (['rimSigner'] as const) : [])];
}

type GpuChain = readonly [
  leaf: Certificate,
  chip: Certificate,
  provisioner: Certificate,
  identity: Certificate,
  root: Certificate,
];

/** NVIDIA's identity of the line, `NVIDIA GH100 Identity`, says whose GPU it is: the same root endorses later lines, which nobody has tried here. */
function isH100([, , , identity]: GpuChain): boolean {
  return /\bGH100\b/.test(commonNameOf(identity.subject));
}

async function verifyGpuChain({
  collateral,
  crypto: primitives,
  time,
  roots,
}: Context<GpuPolicy>): Promise<{ readonly value: GpuChain; readonly reason: string }> {
  const pem = collateral.nvidia?.chain;
  if (pem === undefined) throw unchecked('COLLATERAL_MISSING', "The certificates of the GPU's key are missing.");
  const certificates = readPem(pem);
  const accepted = await rootsFor(roots, 'nvidia', GPU_ROOTS, certificates.at(-1), primitives);
  const chain = await verifyChain(certificates, {
    crypto: primitives,
    time,
    roots: accepted,
    what: 'GPU',
    length: GPU_CHAIN_CERTIFICATES,
  });
  return { value: chain as unknown as GpuChain, reason: "NVIDIA's root for devices endorses the key of the GPU's firmware." };
}

/** NVIDIA has lists for two of the issuers: the root and the identity of a line. Provisioners and chips have none. */
async function checkGpuRevocation(
  [, , provisioner, identity, root]: GpuChain,
  context: Context<GpuPolicy>,
  seen: Record<string, number>,
) {
  const { rootCrl, identityCrl } = context.collateral.nvidia ?? {};
  const rootName = 'nvidia/rootCrl';
  const identityName = `nvidia/${identity.serial}/crl`;
  const above = await checkRevocation(
    { list: rootCrl, issuer: root, subject: identity, name: rootName, what: 'GPU identity' },
    context,
  );
  seen[rootName] = above;
  const below = await checkRevocation(
    { list: identityCrl, issuer: identity, subject: provisioner, name: identityName, what: 'GPU provisioner' },
    context,
  );
  seen[identityName] = below;
  return { value: true, reason: `Lists ${above} and ${below} of NVIDIA do not revoke the issuers of the key.` };
}

async function checkEvidenceSignature(
  { signed, signature }: GpuEvidence,
  { key }: Certificate,
  { crypto: primitives }: Context<GpuPolicy>,
) {
  if (key.type !== 'P-384') throw refuse('KEY', `The key of the GPU is one of ${key.type}, not of P-384.`);
  if (!(await primitives.verifyEcdsa(key, signed, signature)))
    throw refuse('SIGNATURE', 'The signature of the evidence is wrong.');
  return { value: true, reason: 'The firmware of the GPU signed the request and its answer.' };
}

function judgeFirmware({ firmwareId }: GpuEvidence, leaf: Certificate) {
  const endorsed = firmwareIdOf(leaf);
  if (firmwareId !== undefined && !equal(firmwareId, endorsed))
    throw refuse('BINDING', 'The GPU tells of another firmware than its key was made for.');
  return { value: true, reason: `The key was made for firmware ${toHex(endorsed.subarray(0, 8))}….` };
}

function among(found: string, accepted: readonly string[], what: string): string {
  if (!accepted.some((one) => one.toUpperCase() === found.toUpperCase()))
    throw refuse('POLICY', `The policy does not accept ${what} ${found}.`);
  return `The ${what} is ${found}, as the policy has it.`;
}

async function checkMeasurements(evidence: GpuEvidence, context: Context<GpuPolicy>) {
  const files = context.collateral.nvidia?.rims ?? [];
  if (files.length === 0)
    throw unchecked(
      'COLLATERAL_MISSING',
      `The reference values of driver ${evidence.driverVersion} and VBIOS ${evidence.vbiosVersion} are missing.`,
    );
  if (files.length > MAX_RIMS)
    throw refuse('TOO_LARGE', `There are ${files.length} files of reference values, and ${MAX_RIMS} are due.`);
  const rims: Rim[] = [];
  for (const file of files) rims.push(await verifyRim(file, context));
  return { value: files, reason: judgeMeasurements(evidence, rims) };
}

async function checkRimPins(files: readonly Uint8Array[], { crypto: primitives, policy }: Context<GpuPolicy>) {
  const pins = policy?.rims;
  if (pins === undefined) {
    throw unchecked(
      'COLLATERAL_MISSING',
      'NVIDIA tells by OCSP alone whether who signed the reference values is revoked, and the policy pins no files.',
    );
  }
  for (const file of files) oneOf(await primitives.sha256(file), pins, 'COLLATERAL', 'hash of a file of reference values');
  return { value: true, reason: 'The files of reference values are those that the policy pins.' };
}

function fieldsOf({
  nonce,
  responderNonce,
  measurements,
  driverVersion,
  vbiosVersion,
  firmwareId,
  board,
}: GpuEvidence): readonly Field[] {
  return [
    { name: 'nonce', value: toHex(nonce) },
    { name: 'responderNonce', value: toHex(responderNonce) },
    { name: 'driverVersion', value: driverVersion },
    { name: 'vbiosVersion', value: vbiosVersion },
    { name: 'board', value: `${board.project}, ${board.projectSku}, ${board.chipSku}` },
    ...(firmwareId === undefined ? [] : [{ name: 'firmwareId', value: toHex(firmwareId) }]),
    ...measurements.map((value, i) => ({ name: `measurement${i}`, value: toHex(value) })),
  ];
}
