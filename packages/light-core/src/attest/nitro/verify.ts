import { MAX_ATTESTATION_BYTES, toHex } from '@perigee/wire';
import { verifyChain } from '../chain.ts';
import { CheckList, type CheckNames } from '../check.ts';
import { refuse, unchecked } from '../code.ts';
import type { Context, VerifyPlatform } from '../context.ts';
import { hardwareStatus } from '../hardware.ts';
import { oneOf } from '../one-of.ts';
import { rootsFor } from '../pinned.ts';
import type { Field } from '../report.ts';
import type { Certificate } from '../x509.ts';
import { type CoseSign1, readCoseSign1 } from './cose.ts';
import { type NitroDocument, readNitroDocument } from './document.ts';
import { NITRO_ROOTS } from './roots.ts';

/** What a Nitro document must be besides authentic. Bytes are hexadecimal. */
export interface NitroPolicy {
  /** Registers that are accepted, by number: 0 is the image, 1 kernel and boot, 2 the application, 8 the signer of the image. */
  readonly pcrs?: { readonly [index: number]: readonly string[] };
  readonly nonce?: string;
  readonly userData?: string;
  readonly publicKey?: string;
  /** How old a document may be, milliseconds; five minutes by default. */
  readonly maxAgeMs?: number;
  /** An enclave in debug mode, whose console its host reads; refused by default. */
  readonly allowDebug?: boolean;
}

/**
 * Checks of a Nitro document. `nonce`, `userData` and `publicKey` are made where the policy asks for them; where it asks for none, `nonce` says so. AWS
 * revokes no certificates of enclaves ("Verifying the root of trust" tells to turn lists off): the last of the chain lives for hours.
 */
const NITRO_CHECKS = {
  document: 'hardware',
  chain: 'hardware',
  signature: 'hardware',
  time: 'hardware',
  debug: 'hardware',
  pcrs: 'code',
  nonce: 'code',
  userData: 'code',
  publicKey: 'code',
} as const satisfies CheckNames<string>;

export type NitroCheck = keyof typeof NITRO_CHECKS;

/** What a Nitro document says. */
export interface NitroClaims extends NitroDocument {
  readonly platform: 'aws-nitro';
}

const DEFAULT_MAX_AGE_MS = 5 * 60_000;
/** How far the module's clock may be ahead, milliseconds. */
const CLOCK_SKEW_MS = 60_000;
/** Registers that hold zeros alone in debug mode. */
const DEBUG_PCRS = [0, 1, 2];

/** Verifies an attestation document of an AWS Nitro enclave. */
export const verifyNitro: VerifyPlatform<NitroPolicy, NitroClaims> = async (bytes, context) => {
  const policy = context.policy ?? {};
  const checks = new CheckList<NitroCheck>(namesFor(policy), optionalIn(policy));
  const read = await checks.run('document', () => {
    if (bytes.length > MAX_ATTESTATION_BYTES) {
      throw refuse('TOO_LARGE', `The document has ${bytes.length} bytes, of ${MAX_ATTESTATION_BYTES} at most.`);
    }
    const cose = readCoseSign1(bytes);
    const value = { cose, said: readNitroDocument(cose.payload) };
    return { value, reason: `The bytes are a document of module ${value.said.moduleId.slice(0, 80)}.` };
  });
  if (read !== undefined) {
    const { cose, said } = read;
    const leaf = await checks.run('chain', () => verifyDocumentChain(said, context));
    if (leaf !== undefined) await checks.run('signature', () => checkDocumentSignature(cose, leaf, context));
    const say = (name: NitroCheck, look: () => string) => checks.run(name, () => ({ value: true, reason: look() }));
    await say('time', () => judgeTime(said, context.time, policy));
    await say('debug', () => judgeDebug(said, policy));
    await say('pcrs', () => judgePcrs(said, policy));
    for (const [name, found, due] of bindings(said, policy)) await say(name, () => judgeBinding(name, found, due));
    if (asksNothing(policy)) {
      await say('nonce', () => {
        throw unchecked('NOT_ASKED', 'The policy asks for no nonce, user data or key, so the document may be about anything.');
      });
    }
  }
  return {
    platform: 'aws-nitro',
    hardware: hardwareStatus('aws-nitro', 'Enclaves'),
    checks: checks.all(),
    fields: read === undefined ? [] : fieldsOf(read.said),
    claims: read === undefined ? undefined : { platform: 'aws-nitro', ...read.said },
    seen: {},
  };
};

function asksNothing({ nonce, userData, publicKey }: NitroPolicy): boolean {
  return nonce === undefined && userData === undefined && publicKey === undefined;
}

function namesFor(policy: NitroPolicy): CheckNames<NitroCheck> {
  const asked = (name: string) => !['nonce', 'userData', 'publicKey'].includes(name) || policy[name as 'nonce'] !== undefined;
  const names = Object.entries(NITRO_CHECKS).filter(([name]) => asked(name) || (name === 'nonce' && asksNothing(policy)));
  return Object.fromEntries(names);
}

function optionalIn(policy: NitroPolicy): readonly NitroCheck[] {
  return [...(policy.pcrs === undefined ? (['pcrs'] as const) : []), ...(asksNothing(policy) ? (['nonce'] as const) : [])];
}

/** @returns the certificate whose key signed the document */
async function verifyDocumentChain(
  { certificate, caBundle }: NitroDocument,
  { crypto: primitives, time, roots }: Context<NitroPolicy>,
): Promise<{ readonly value: Certificate; readonly reason: string }> {
  const accepted = await rootsFor(roots, 'nitro', NITRO_ROOTS, caBundle[0], primitives);
  const chain = await verifyChain([certificate, ...[...caBundle].reverse()], {
    crypto: primitives,
    time,
    roots: accepted,
    what: 'enclave',
  });
  return { value: chain[0], reason: "AWS's root for Nitro endorses the key of the module." };
}

async function checkDocumentSignature(cose: CoseSign1, { key }: Certificate, { crypto: primitives }: Context<NitroPolicy>) {
  if (key.type !== 'P-384') throw refuse('KEY', `The module's key is one of ${key.type}, not of P-384.`);
  if (!(await primitives.verifyEcdsa(key, cose.signed, cose.signature)))
    throw refuse('SIGNATURE', 'The signature of the document is wrong.');
  return { value: true, reason: 'The module signed the document.' };
}

function judgeTime({ timestamp }: NitroDocument, time: number, { maxAgeMs = DEFAULT_MAX_AGE_MS }: NitroPolicy): string {
  const age = time - timestamp;
  if (!(age >= -CLOCK_SKEW_MS))
    throw refuse('NOT_YET_VALID', `The document was made ${Math.ceil(-age / 1000)} seconds from now.`);
  if (!(age <= maxAgeMs))
    throw refuse('EXPIRED', `The document is ${Math.floor(age / 1000)} seconds old, and may be ${Math.floor(maxAgeMs / 1000)}.`);
  return `The document is ${Math.max(0, Math.round(age / 1000))} seconds old.`;
}

function judgeDebug({ pcrs }: NitroDocument, { allowDebug }: NitroPolicy): string {
  const isDebug = DEBUG_PCRS.every((index) => pcrs.get(index)?.every((byte) => byte === 0) ?? true);
  if (isDebug && allowDebug !== true)
    throw refuse('DEBUG', 'Its registers are zeros: the enclave runs in debug mode, and its host reads its console.');
  return isDebug ? 'The enclave runs in debug mode, which the policy allows.' : 'The enclave does not run in debug mode.';
}

function judgePcrs({ pcrs }: NitroDocument, { pcrs: accepted }: NitroPolicy): string {
  const entries = Object.entries(accepted ?? {});
  if (accepted === undefined) throw unchecked('NOT_ASKED', 'The policy does not say which registers are accepted.');
  if (entries.length === 0) throw refuse('POLICY', 'The policy asks for registers and names none.');
  for (const [index, values] of entries) {
    const register = pcrs.get(Number(index));
    if (register === undefined) throw refuse('MEASUREMENT', `The document has no PCR${index}.`);
    oneOf(register, values, 'MEASUREMENT', `PCR${index}`);
  }
  return `${entries.map(([index]) => `PCR${index}`).join(', ')} ${entries.length === 1 ? 'is' : 'are'} as the policy has it.`;
}

type Binding = 'nonce' | 'userData' | 'publicKey';

const WORDS: Readonly<Record<Binding, string>> = { nonce: 'nonce', userData: 'user data', publicKey: 'public key' };

function bindings(said: NitroDocument, policy: NitroPolicy): readonly (readonly [Binding, Uint8Array | undefined, string])[] {
  return (Object.keys(WORDS) as Binding[]).flatMap((name) => {
    const due = policy[name];
    return due === undefined ? [] : [[name, said[name], due] as const];
  });
}

function judgeBinding(name: Binding, found: Uint8Array | undefined, due: string): string {
  const code = name === 'nonce' ? 'NONCE' : 'REPORT_DATA';
  if (found === undefined) throw refuse(code, `The document has no ${WORDS[name]}.`);
  return oneOf(found, [due], code, WORDS[name]);
}

function fieldsOf(said: NitroDocument): readonly Field[] {
  const optional = (Object.keys(WORDS) as Binding[]).flatMap((name) => {
    const value = said[name];
    return value === undefined ? [] : [{ name, value: toHex(value) }];
  });
  return [
    { name: 'moduleId', value: said.moduleId },
    { name: 'timestamp', value: String(said.timestamp) },
    ...[...said.pcrs].map(([index, value]) => ({ name: `pcr${index}`, value: toHex(value) })),
    ...optional,
  ];
}
