import { concat } from '@perigee/wire';
import { describe, expect, test } from 'vitest';
import { type IntelCollateral, verifyEvidence, webCryptoAttest } from '../../../src/attest/index.ts';
import { forAll, verdictsOf } from '../judge.ts';
import { remembering } from '../remembering.ts';
import { dcapCollateral, hasVectors, vector } from './vectors.ts';

const isLong = process.env.PERIGEE_LONG === '1';
/** One flip of each byte; in the long run one of each bit too. */
const MASKS = isLong ? [0xff, 1, 2, 4, 8, 16, 32, 64, 128] : [0xff];
/** Of collateral every byte in the long run, else one in so many. */
const STEP = isLong ? 1 : 17;
const TIMEOUT = isLong ? 1_200_000 : 240_000;

/** Of the group of P-256 (SEC 2, §2.4.2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const primitives = remembering(webCryptoAttest(crypto.subtle));

async function failed(quote: Uint8Array, intel: IntelCollateral): Promise<string[]> {
  const time = Date.parse('2025-06-25T00:00:00Z');
  const report = await verifyEvidence(quote, { collateral: { intel }, time, policy: {}, crypto: primitives, roots: 'vendor' });
  const verdicts = Object.entries(verdictsOf(report)).filter(([, verdict]) => verdict.startsWith('fail'));
  if ((report.overall === 'pass') !== (verdicts.length === 0)) throw new Error('a report that fails names no check that does');
  return verdicts.map(([name, verdict]) => `${name} ${verdict.slice('fail '.length)}`);
}

function flipped(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  const out = bytes.slice();
  out[at] = (out[at] as number) ^ mask;
  return out;
}

/** Positions of a document that may be flipped without refusal, with the mask. */
async function survivors(
  positions: readonly number[],
  masks: readonly number[],
  judge: (at: number, mask: number) => Promise<string[]>,
): Promise<string[]> {
  const passed: string[] = [];
  const all = masks.flatMap((mask) => positions.map((at) => [at, mask] as const));
  await forAll(all, async ([at, mask]) => {
    if ((await judge(at, mask)).length === 0) passed.push(`${at} ^ ${mask}`);
  });
  return passed.sort();
}

function every(length: number, step = 1): number[] {
  return Array.from({ length: Math.ceil(length / step) }, (_, i) => i * step);
}

describe.skipIf(!hasVectors)('a byte that is flipped (../shared/vectors/tee/intel)', () => {
  const quote = hasVectors ? vector('dcap-qvl.tdx_quote') : new Uint8Array(0);
  const intel = hasVectors ? dcapCollateral() : undefined;
  const collateral = (): Required<IntelCollateral> => {
    if (intel === undefined) throw new Error('no vectors');
    return intel;
  };

  /** What neither a signature nor a hash of the quote covers, and by what check a change of it is found all the same. */
  const UNCOVERED = [
    { what: 'length of the signature data', from: 632, to: 636, by: /^parse (PARSE|TRAILING_BYTES)$/ },
    { what: 'type and length of the certification data', from: 764, to: 770, by: /^parse (VERSION|PARSE|TRAILING_BYTES)$/ },
    { what: 'length of the authentication data of the quoting enclave', from: 1218, to: 1220, by: /^parse (PARSE|VERSION)$/ },
    { what: 'type and length of the PCK chain', from: 1252, to: 1258, by: /^parse (VERSION|PARSE|TRAILING_BYTES)$/ },
    { what: 'PEM around the PCK certificate', from: 1258, to: 1286, by: /^pckChain PEM$/ },
    { what: 'PEM between it and its CA', from: 3004, to: 3059, by: /^pckChain PEM$/ },
    { what: 'PEM between the CA and the root', from: 3960, to: 4015, by: /^pckChain PEM$/ },
    { what: 'the root, of which the SHA-256 is compared', from: 4015, to: 4908, by: /^pckChain (PEM|ROOT)$/ },
    { what: 'PEM behind the root', from: 4908, to: 4936, by: /^pckChain PEM$/ },
    { what: 'padding behind the quote', from: 4936, to: 5006, by: /^trailingBytes TRAILING_BYTES$/ },
  ];
  const LINE_BREAK = { what: 'line breaks of PEM', by: /^pckChain PEM$/ };
  /** The rest: header, body and their signature; the report of the quoting enclave and its signature; what that report holds the hash of; two certificates. */
  const COVERED = /^(quoteSignature|qeReport) SIGNATURE$|^attestationKey BINDING$|^parse (VERSION|PLATFORM|PARSE)$|^pckChain /;

  test(`anywhere in the quote is refused, with ${MASKS.length} masks each`, { timeout: TIMEOUT }, async () => {
    expect(quote.length).toBe(UNCOVERED.at(-1)?.to);
    const passed = await survivors(every(quote.length), MASKS, async (at, mask) => {
      const found = await failed(flipped(quote, at, mask), collateral());
      const isBreak = at >= 1258 && quote[at] === 0x0a;
      const region = isBreak ? LINE_BREAK : UNCOVERED.find(({ from, to }) => at >= from && at < to);
      const by = region?.by ?? COVERED;
      if (!found.some((one) => by.test(one))) expect.fail(`${at} ^ ${mask}, ${region?.what ?? 'signed'}: ${found.join(', ')}`);
      return found;
    });
    expect(passed).toEqual([]);
  });

  test('the length of the padding, and s for n − s, are all of a quote that may change', async () => {
    const end = 4936;
    for (const length of [0, 1, 69, 71, 4096]) {
      expect(await failed(concat(quote.subarray(0, end), new Uint8Array(length)), collateral())).toEqual([]);
    }
    // s of the quote's signature, and of that of the quoting enclave's report
    for (const at of [668, 1186]) {
      const s = BigInt(`0x${Buffer.from(quote.subarray(at, at + 32)).toString('hex')}`);
      const other = Buffer.from((ORDER - s).toString(16).padStart(64, '0'), 'hex');
      expect(await failed(concat(quote.subarray(0, at), other, quote.subarray(at + 32)), collateral())).toEqual([]);
    }
    // the zero byte at the end of Intel's PEM belongs to the quote, whose lengths do not fit without it
    expect(await failed(quote.subarray(0, end - 1), collateral())).toEqual(['parse PARSE']);
  });

  test.each(['rootCrl', 'pckCrl', 'tcbInfoChain', 'qeIdentityChain'] as const)(
    'anywhere in %s is refused',
    { timeout: TIMEOUT },
    async (name) => {
      const whole = collateral()[name];
      expect(
        await survivors(every(whole.length, STEP), MASKS, (at, mask) =>
          failed(quote, { ...intel, [name]: flipped(whole, at, mask) }),
        ),
      ).toEqual([]);
    },
  );

  test.each(['tcbInfo', 'qeIdentity'] as const)(
    'anywhere in %s is refused, but for the case of hexadecimal in its signature',
    { timeout: TIMEOUT },
    async (name) => {
      const whole = collateral()[name];
      const text = new TextDecoder().decode(whole);
      const start = text.lastIndexOf('"signature":"') + '"signature":"'.length;
      const letters = every(128).flatMap((i) => (/[a-f]/.test(text.charAt(start + i)) ? [start + i] : []));
      expect(letters.length).toBeGreaterThan(20);
      const judge = (at: number, mask: number) => failed(quote, { ...intel, [name]: flipped(whole, at, mask) });
      expect(await survivors(letters, [32], judge)).toEqual(letters.map((at) => `${at} ^ 32`).sort());
      const others = every(whole.length, STEP).filter((at) => !letters.includes(at));
      expect(await survivors(others, isLong ? MASKS : [...MASKS, 32], judge)).toEqual([]);
      if (isLong)
        expect(
          await survivors(
            letters,
            MASKS.filter((mask) => mask !== 32),
            judge,
          ),
        ).toEqual([]);
    },
  );
});
