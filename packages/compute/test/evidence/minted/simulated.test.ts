import { webcrypto } from 'node:crypto';
import {
  type AttestationReport,
  type AttestSubtle,
  type Collateral,
  developmentRoots,
  type EvidenceOptions,
  verifyEvidence,
  webCryptoAttest,
} from '@perigee/light-core/attest';
import { concat, type PerigeeError } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { remembering } from '../../../../light-core/test/attest/remembering.ts';
import { Slowest } from '../../../../light-core/test/attest/slowest.ts';
import { mintAmd } from './amd/recipe.ts';
import type { Minted } from './case.ts';
import { mintIntel } from './intel/recipe.ts';
import { mintNitro } from './nitro/recipe.ts';
import { mintGpu } from './nvidia/recipe.ts';

const seed = Number(process.env.PERIGEE_SEED ?? Date.now() % 2 ** 31);
const LONG = process.env.PERIGEE_LONG === '1';
const RUNS = LONG ? 5_000 : 200;
const PATIENCE = { timeout: LONG ? 1_800_000 : 240_000 };
const crypto = remembering(webCryptoAttest(webcrypto.subtle as unknown as AttestSubtle));

const KINDS: Readonly<Record<string, () => Minted>> = {
  'TDX 4': () => mintIntel({}),
  'TDX 5, 1.0': () => mintIntel({ form: 'v5 1.0' }),
  'TDX 5, 1.5': () => mintIntel({ form: 'v5 1.5' }),
  SGX: () => mintIntel({ form: 'sgx' }),
  Milan: () => mintAmd({}),
  Genoa: () => mintAmd({ product: 'Genoa' }),
  Turin: () => mintAmd({ product: 'Turin' }),
  H100: () => mintGpu({}),
  Nitro: () => mintNitro({}),
};
const minted = new Map<string, Minted>();
const mintedOf = (kind: string): Minted => {
  const known = minted.get(kind) ?? KINDS[kind]!();
  minted.set(kind, known);
  return known;
};

/** Bytes with some of them changed, taken out or put in. */
const changes = fc.array(fc.record({ at: fc.nat(20_000), take: fc.nat(4), put: fc.uint8Array({ maxLength: 8 }) }), {
  maxLength: 3,
});
type Changes = { readonly at: number; readonly take: number; readonly put: Uint8Array }[];

function changed(bytes: Uint8Array, list: Changes): Uint8Array {
  return list.reduce((all, { at, take, put }) => {
    const start = at % (all.length + 1);
    return concat(all.subarray(0, start), put, all.subarray(start + take));
  }, bytes);
}

/** Any value that JSON, or a page, could bring in. */
const anything = fc.anything({ withBigInt: true, withTypedArray: true });
const words = fc.constantFrom(
  'status',
  'label',
  'overall',
  'real-pass',
  'content',
  'development',
  'roots',
  'simulated',
  '__proto__',
  'constructor',
);

/** What the caller passes in, with members of any name beside and in place of the right ones. */
const inputs = fc.record({
  kind: fc.constantFrom(...Object.keys(KINDS)),
  bytes: changes,
  parts: fc.dictionary(
    fc.constantFrom('intel', 'amd', 'nvidia', 'nitro'),
    fc.dictionary(fc.constantFrom('rootCrl', 'pckCrl', 'tcbInfo', 'qeIdentity', 'ark', 'ask', 'vcek', 'crl', 'chain'), changes),
  ),
  policy: fc.dictionary(words, anything),
  floors: fc.dictionary(fc.string(), fc.oneof(fc.double(), anything)),
  shift: fc.oneof(fc.constant(0), fc.integer({ min: -2_000_000_000_000, max: 2_000_000_000_000 })),
  more: fc.dictionary(words, anything),
});
type Inputs = typeof inputs extends fc.Arbitrary<infer T> ? T : never;

function optionsOf({ kind, parts, policy, floors, shift, more }: Inputs): Omit<EvidenceOptions, 'roots'> {
  const { collateral, time } = mintedOf(kind);
  const all = Object.fromEntries(
    Object.entries(collateral).map(([vendor, given]) => [
      vendor,
      Object.fromEntries(
        Object.entries(given as Record<string, unknown>).map(([name, value]) => [
          name,
          value instanceof Uint8Array ? changed(value, (parts[vendor]?.[name] ?? []) as Changes) : value,
        ]),
      ),
    ]),
  ) as Collateral;
  return { ...more, collateral: all, policy, floors, time: Math.max(0, time + shift), crypto } as unknown as Omit<
    EvidenceOptions,
    'roots'
  >;
}

/** The report, or nothing where the arguments are refused. */
async function reportOf(bytes: Uint8Array, options: EvidenceOptions): Promise<AttestationReport | undefined> {
  try {
    return await verifyEvidence(bytes, options);
  } catch (error) {
    expect((error as PerigeeError).code).toBe('INVALID_ARGUMENT');
    return undefined;
  }
}

describe('simulated evidence', () => {
  it.each(Object.keys(KINDS))('of %s passes on a development genesis, as simulated and without a label', async (kind) => {
    const { bytes, collateral, roots, time } = mintedOf(kind);
    const trusted = developmentRoots({ development: true }, roots);
    const report = await verifyEvidence(bytes, { collateral, policy: {}, time, crypto, roots: trusted });
    expect([report.status, report.overall]).toEqual(['simulated', 'pass']);
    expect('label' in report).toBe(false);
    expect(Object.keys(report.seen).every((name) => name.startsWith('simulated/'))).toBe(true);
  });

  it(`is never anything else, whatever else is passed in (seed ${seed})`, PATIENCE, async () => {
    const slowest = new Slowest();
    let count = 0;
    const property = fc.asyncProperty(inputs, async (input) => {
      const roots = developmentRoots({ development: true }, mintedOf(input.kind).roots);
      const [bytes, options] = [changed(mintedOf(input.kind).bytes, input.bytes as Changes), { ...optionsOf(input), roots }];
      const report = await slowest.of(count++, () => reportOf(bytes, options));
      if (report === undefined) return;
      expect(report.status).toBe('simulated');
      expect('label' in report).toBe(false);
    });
    await fc.assert(property, { seed, numRuns: RUNS });
    if (LONG) slowest.tell('simulated evidence, its own roots', count, seed);
  });

  it(`never passes against the roots of the vendors, whatever else is passed in (seed ${seed})`, PATIENCE, async () => {
    const slowest = new Slowest();
    let count = 0;
    const property = fc.asyncProperty(inputs, async (input) => {
      const [bytes, options] = [changed(mintedOf(input.kind).bytes, input.bytes as Changes), optionsOf(input)];
      const report = await slowest.of(count++, () => reportOf(bytes, { ...options, roots: 'vendor' }));
      if (report === undefined) return;
      expect([report.status, report.overall]).toEqual(['real-fail', 'fail']);
      expect('label' in report && report.label).toBe('none');
      expect(report.claims).toBeUndefined();
    });
    await fc.assert(property, { seed, numRuns: RUNS });
    if (LONG) slowest.tell("simulated evidence, the vendors' roots", count, seed);
  });

  it('has roots that no value can stand in for', async () => {
    const { bytes, collateral, roots, time } = mintedOf('TDX 4');
    const made = developmentRoots({ development: true }, roots);
    const forged: unknown[] = [
      roots,
      { ...made },
      structuredClone(made),
      JSON.parse(JSON.stringify(made)),
      Object.create(made),
      'development',
      undefined,
      null,
      new Proxy(made, {}),
    ];
    for (const one of forged) {
      const options = { collateral, policy: {}, time, crypto, roots: one as never };
      await expect(verifyEvidence(bytes, options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });

  it(`has none but of a genesis that says "development: true" (seed ${seed})`, () => {
    const property = fc.property(anything, (development) => {
      fc.pre(development !== true);
      expect(() => developmentRoots({ development } as never, {})).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    });
    fc.assert(property, { seed });
  });
});
