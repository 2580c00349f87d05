import { webcrypto } from 'node:crypto';
import {
  type AttestationReport,
  type AttestCrypto,
  type AttestSubtle,
  developmentRoots,
  type Floors,
  verifyEvidence,
  webCryptoAttest,
} from '@perigee/light-core/attest';
import { nobleAttest } from '@perigee/light-core/attest/noble';
import { describe, expect, it } from 'vitest';
import { remembering } from '../../../../light-core/test/attest/remembering.ts';
import { type Minted, verdictsOf } from './case.ts';
import { TABLE } from './table.ts';

const web = remembering(webCryptoAttest(webcrypto.subtle as unknown as AttestSubtle));
const noble = remembering(nobleAttest);

async function judged(
  { bytes, collateral, policy, roots, time }: Minted,
  crypto: AttestCrypto,
  floors: Floors,
): Promise<AttestationReport> {
  const trusted = developmentRoots({ development: true }, roots);
  return verifyEvidence(bytes, { collateral, policy, time, crypto, roots: trusted, floors });
}

/** By both verifiers, which must agree. */
async function agreed(minted: Minted, floors: Floors): Promise<AttestationReport> {
  const [byWeb, byNoble] = [await judged(minted, web, floors), await judged(minted, noble, floors)];
  expect(verdictsOf(byNoble)).toEqual(verdictsOf(byWeb));
  return byWeb;
}

const failed = (report: AttestationReport) =>
  report.checks
    .filter(({ verdict, required }) => required && verdict !== 'pass')
    .map(({ name, code, reason }) => `${name} ${code}: ${reason}`);

const twins = new Map<() => Minted, Promise<AttestationReport>>();

/** The report of a twin, which passes, also over its floors. */
function passed(twin: () => Minted): Promise<AttestationReport> {
  const known = twins.get(twin) ?? passedNew(twin());
  twins.set(twin, known);
  return known;
}

async function passedNew(valid: Minted): Promise<AttestationReport> {
  const first = await agreed(valid, {});
  expect(failed(first)).toEqual([]);
  expect([first.status, first.overall]).toEqual(['simulated', 'pass']);
  if (valid.floors !== undefined) expect((await agreed(valid, valid.floors(first.seen))).overall).toBe('pass');
  return first;
}

describe('minted evidence', () => {
  it('has at least 120 bad cases, each of another name', () => {
    expect(TABLE.length).toBeGreaterThanOrEqual(120);
    expect(new Set(TABLE.map(({ name }) => name)).size).toBe(TABLE.length);
  });

  it.each(TABLE.map((entry) => [entry.name, entry] as const))('%s', async (_, { twin, bad, check, code, verdict }) => {
    const first = await passed(twin);
    const evil = bad();
    const report = await agreed(evil, evil.floors?.(first.seen) ?? {});
    expect([report.status, report.overall, report.claims]).toEqual(['simulated', 'fail', undefined]);
    expect(report.checks.find(({ name }) => name === check)).toMatchObject({ verdict, code });
  });
});
