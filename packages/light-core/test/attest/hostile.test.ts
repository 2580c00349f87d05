/** Inputs within the bounds that are made to be slow: the work grows with the length, and no faster. */
import { verifyEvents } from '@perigee/light-core/attest/events';
import { PerigeeError } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { verifyCrl } from '../../src/attest/crl.ts';
import { readEvidenceFile } from '../../src/attest/file/index.ts';
import { readJsonMembers } from '../../src/attest/json-slice.ts';
import { canonicalXml } from '../../src/attest/nvidia/rim/canonical.ts';
import { readRim } from '../../src/attest/nvidia/rim/rim.ts';
import { readXmlSignature } from '../../src/attest/nvidia/rim/signature.ts';
import { readXml } from '../../src/attest/nvidia/rim/xml.ts';
import { readCertificate } from '../../src/attest/x509.ts';
import { webCrypto } from './both.ts';
import { COMPOSITIONS, DER_DOCUMENTS, FILES, guestOf, type Hostile, JSON_DOCUMENTS, LOGS, XML_DOCUMENTS } from './hostile.ts';

const LONG = process.env.PERIGEE_LONG === '1';
/** Of each input, the run that took least counts. */
const RUNS = LONG ? 7 : 3;
const GROWTH = 4;
/** What is in proportion takes 4 times as long, and the square 16 times. */
const MOST_GROWTH = 9;
/** Below this, milliseconds of CPU, nothing can be said of growth, and nothing needs to be. */
const LEAST_MS = 4;
const ATTEMPTS = 4;

type Look = (bytes: Uint8Array) => unknown;

const zeros = Array.from({ length: 4 }, () => new Uint8Array(48));
const issuer = { subject: new Uint8Array(0), keyUsage: undefined } as unknown as Parameters<typeof verifyCrl>[1];

/** All that is done with reference values before a signature is looked at. */
async function readReferenceValues(bytes: Uint8Array): Promise<void> {
  const root = readXml(bytes);
  canonicalXml(root);
  await outcomeOf(() => readRim(root));
  await outcomeOf(() => readXmlSignature(root));
}

const KINDS: readonly (readonly [string, Readonly<Record<string, Hostile>>, Look])[] = [
  ['collateral', JSON_DOCUMENTS, readJsonMembers],
  ['a file', FILES, readEvidenceFile],
  ['reference values', XML_DOCUMENTS, readReferenceValues],
  ['an event log', LOGS, (log) => verifyEvents({ log, registers: zeros }, {}, webCrypto)],
  ['a list', DER_DOCUMENTS, (der) => verifyCrl(der, issuer, webCrypto, 0)],
  ['a certificate', DER_DOCUMENTS, (der) => readCertificate(der)],
];

interface Case {
  readonly name: string;
  /** @returns what is to be measured, and says how it ended */
  readonly prepare: (share: number, run: number) => () => unknown;
}

const cases: readonly Case[] = [
  ...KINDS.flatMap(([kind, documents, look]) =>
    Object.entries(documents).map(([name, make]) => ({
      name: `${kind}: ${name}`,
      prepare: (share: number, run: number) => {
        const bytes = make(share, run);
        return () => look(bytes);
      },
    })),
  ),
  ...Object.entries(COMPOSITIONS).map(([name, make]) => ({
    name: `a composition: ${name}`,
    prepare: (share: number) => {
      const guest = guestOf(make(share));
      return () => verifyEvents(guest, { guardedPaths: ['/models', '/app'] }, webCrypto);
    },
  })),
];

/** The code of a refusal; nothing else may be thrown. */
async function outcomeOf(look: () => unknown): Promise<string> {
  try {
    await look();
    return 'read';
  } catch (thrown) {
    const { code, data } = PerigeeError.from(thrown);
    expect(['ATTESTATION', 'PARSE', 'INVALID_ARGUMENT', 'UNKNOWN_VERSION']).toContain(code);
    return String(data?.check ?? code);
  }
}

/** Milliseconds of CPU, of all threads. */
async function cpuOf(look: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await outcomeOf(look);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

let run = 0;

async function least({ prepare }: Case, share: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) times.push(await cpuOf(prepare(share, ++run)));
  return Math.min(...times);
}

describe('the work grows with the length alone', () => {
  it.each(cases)('$name', async (one) => {
    const cold = await cpuOf(one.prepare(1, ++run));
    let [whole, part] = [0, 0];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      whole = await least(one, 1);
      part = await least(one, 1 / GROWTH);
      if (whole < LEAST_MS || whole < MOST_GROWTH * part) break;
    }
    if (LONG) {
      const figures = `${whole.toFixed(1)} ms of CPU, ${cold.toFixed(1)} cold, ${(whole / part).toFixed(1)} times a quarter`;
      console.log(`${one.name}: ${figures}, ${await outcomeOf(one.prepare(1, ++run))}`);
    }
    expect(whole < LEAST_MS || whole < MOST_GROWTH * part, `${whole} ms, and ${part} ms for a quarter`).toBe(true);
  });
});
