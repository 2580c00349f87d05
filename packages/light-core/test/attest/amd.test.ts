import { concat } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { SNP_FIELDS, SNP_REPORT_BYTES } from '../../src/attest/amd/layout.ts';
import { SNP_PRODUCTS } from '../../src/attest/amd/product.ts';
import { verifySnp } from '../../src/attest/amd/verify.ts';
import type { AmdCollateral } from '../../src/attest/collateral.ts';
import { type GivenSnp, SNP_CASES, SNP_POLICY } from './amd-cases.ts';
import { both, checkOf, fast, faults } from './both.ts';
import { DAY, extension, NOW } from './mint/certificate.ts';
import { text } from './mint/der.ts';
import { endorsementOf, LEVELS, type MintedSnp, mintSnp, type SnpWish, tableOf } from './mint/snp.ts';

async function verify(wish: SnpWish, given: GivenSnp = {}) {
  const minted = mintSnp(wish);
  const { leaf, ask, ark, crl } = minted;
  return both(verifySnp, given.bytes?.(minted) ?? minted.report, {
    roots: { amd: given.roots ?? [ark] },
    policy: 'policy' in given ? given.policy : SNP_POLICY,
    collateral: { amd: { vcek: leaf, ask, ark, crl, ...given.collateral } },
    time: given.time ?? NOW,
    floors: given.floors ?? {},
  });
}

describe('a report of AMD SEV-SNP', () => {
  it.each(SNP_PRODUCTS.flatMap((product) => (['vcek', 'vlek'] as const).map((kind) => ({ product, kind }))))(
    'of $product, signed by a $kind, passes',
    async ({ product, kind }) => {
      const { checks, claims, seen } = await verify({ product, kind });
      expect(faults(checks)).toEqual([]);
      expect(claims).toMatchObject({ product, cloud: kind === 'vlek' ? 'Example Cloud' : undefined, guestSvn: 7 });
      expect(claims?.tcbs.reported.snp).toBe(LEVELS.snp);
      expect(seen).toEqual({ [`amd/${product}/${kind}/crl`]: 5 });
    },
  );

  it.each([2, 3, 4, 5])('of version %i passes', async (version) => {
    expect(faults((await verify({ product: 'Genoa', version })).checks)).toEqual([]);
  });

  it('passes with its certificates behind it, padded or not', async () => {
    const none = { vcek: undefined, ask: undefined, ark: undefined } as unknown as AmdCollateral;
    for (const padding of [0, 4096]) {
      const bytes = ({ report, leaf, ask, ark }: MintedSnp) => concat(report, tableOf({ vcek: leaf, ask, ark }, padding));
      expect(faults((await verify({ product: 'Milan' }, { bytes, collateral: none })).checks)).toEqual([]);
    }
  });

  it('without a policy leaves open what nobody asked for, and keeps its strict defaults', async () => {
    const { checks } = await verify({ product: 'Milan' }, { policy: undefined });
    expect(faults(checks)).toEqual([
      'tcbFloor notChecked NOT_ASKED',
      'measurement notChecked NOT_ASKED',
      'reportData notChecked NOT_ASKED',
    ]);
    expect(checks.map(({ name }) => name)).not.toContain('hostData');
  });

  it('says what it can and no more when certificates are missing', async () => {
    const { checks, claims } = await verify({ product: 'Milan' }, { collateral: { ask: undefined } as unknown as AmdCollateral });
    expect(faults(checks).slice(0, 3)).toEqual([
      'chain notChecked COLLATERAL_MISSING',
      'revocation notChecked DEPENDS',
      'product notChecked DEPENDS',
    ]);
    expect(checkOf(checks, 'report').verdict).toBe('pass');
    expect(claims).toBeUndefined();
  });
});

describe('a fault of a report is found, and its twin without it passes', () => {
  it.each(SNP_CASES)('$name', async ({ wish, given, due, twin }) => {
    const { checks } = await verify({ product: 'Milan', ...wish }, given);
    expect(faults(checks)).toContain(due);
    const right = await verify({ product: 'Milan', ...twin?.wish }, twin?.given);
    expect(faults(right.checks)).toEqual([]);
  });

  it('has more than 80 of them', () => expect(SNP_CASES.length).toBeGreaterThan(80));
});

describe('bytes of a report', () => {
  it('are all covered: each flipped is refused, alone or with its certificates', async () => {
    const minted = mintSnp({ product: 'Milan' });
    const { report, leaf, ask, ark, crl } = minted;
    const whole = concat(report, tableOf({ vcek: leaf, ask, ark }));
    const verifyBytes = (bytes: Uint8Array) =>
      fast(verifySnp, bytes, { roots: { amd: [ark] }, policy: SNP_POLICY, collateral: { amd: { crl } } });
    expect(faults((await verifyBytes(whole)).checks)).toEqual([]);
    const uncovered: number[] = [];
    // every byte of the report; of the certificates some, for each costs a chain
    for (let at = 0; at < whole.length; at += at < SNP_REPORT_BYTES + 96 ? 1 : 41) {
      const bytes = whole.slice();
      bytes[at] = (bytes[at] as number) ^ 0x40;
      const { checks } = await verifyBytes(bytes);
      if (checks.every(({ verdict }) => verdict === 'pass')) uncovered.push(at);
    }
    expect(uncovered).toEqual([]);
  });

  it('name each field at its place', () => {
    const ends = Object.values(SNP_FIELDS).map(([offset, length]) => [offset, offset + length] as const);
    for (const [i, [, end]] of ends.entries()) expect(ends[i + 1]?.[0] ?? SNP_REPORT_BYTES).toBeGreaterThanOrEqual(end);
  });
});

it('reads a product name that is no IA5 string as no product', async () => {
  const extensions = [
    extension('1.3.6.1.4.1.3704.1.2', text(0x0c, 'Milan-B1')),
    ...endorsementOf({ product: 'Milan' }, 'vcek').slice(1),
  ];
  expect(faults((await verify({ product: 'Milan', extensions })).checks)).toContain('chain fail DER');
});

it('keeps no claims of a report that it could not bind to a processor', async () => {
  const { claims } = await verify({ product: 'Milan' }, { time: NOW + 365 * DAY });
  expect(claims).toBeUndefined();
});
