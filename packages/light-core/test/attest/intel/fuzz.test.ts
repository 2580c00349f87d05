/** Quotes and collateral with random changes: no crash, no pass, and no more work than an honest quote asks for. Work is counted, not timed. */
import { concat, MAX_ATTESTATION_SIGNATURES } from '@perigee/wire';
import { describe, expect, test } from 'vitest';
import { type Random, randomOf } from '../../../../../tests/kit/random.ts';
import { type IntelCollateral, verifyEvidence, webCryptoAttest } from '../../../src/attest/index.ts';
import { nobleAttest } from '../../../src/attest/noble/index.ts';
import { counting, forAll } from '../judge.ts';
import { remembering } from '../remembering.ts';
import { dcapCollateral, hasVectors, vector } from './vectors.ts';

const isLong = process.env.PERIGEE_LONG === '1';
const INPUTS = isLong ? 100_000 : 500;
/** One input in so many is judged by noble too, which takes a hundred times as long. */
const NOBLE_EACH = isLong ? 500 : 200;
/** Signatures of an honest TDX quote: two of the PCK chain, one for each list, two for each of two answers, two of the quote. */
const HONEST_SIGNATURES = 10;

/** Bytes that mean something where they stand: lengths at their edges, tags, brackets. */
const TELLING = [
  0x00, 0x01, 0x05, 0x06, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x84, 0xa0, 0xff, 0x22, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d, 0x5c, 0x0a,
];

/** Other bytes; never the same ones. */
function changed(bytes: Uint8Array, random: Random, end = bytes.length): Uint8Array {
  const at = random.below(end);
  const length = Math.min(random.below(40), end - at);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  const out = random.pick<() => Uint8Array>([
    () => bytes.map((byte, i) => (i === at ? byte ^ (1 + random.below(255)) : byte)),
    () => bytes.map((byte, i) => (i === at ? random.pick(TELLING) : byte)),
    () => bytes.map((byte, i) => (i >= at && i < at + length ? random.below(256) : byte)),
    () => concat(before, random.bytes(length), after),
    () => concat(before, after.subarray(length)),
    () => bytes.subarray(0, at),
    () => concat(before, bytes.subarray(random.below(end), end)),
    () => concat(before, after.subarray(0, length), after),
  ])();
  return Buffer.compare(out, bytes) === 0 ? changed(bytes, random, end) : out;
}

/** Whether collateral differs in what nothing covers alone: the case of hexadecimal, space in JSON outside of what is signed, the end of PEM. */
function saysTheSame(one: IntelCollateral, other: IntelCollateral): boolean {
  const plain = ({ tcbInfo, qeIdentity, tcbInfoChain, qeIdentityChain }: IntelCollateral) => [
    ...[tcbInfo, qeIdentity].map((bytes) => JSON.stringify(JSON.parse(Buffer.from(bytes ?? []).toString())).toLowerCase()),
    ...[tcbInfoChain, qeIdentityChain].map((bytes) =>
      Buffer.from(bytes ?? [])
        .toString()
        .replace(/\n?\0?$/, ''),
    ),
  ];
  return plain(one).join() === plain(other).join() && one.rootCrl === other.rootCrl && one.pckCrl === other.pckCrl;
}

describe.skipIf(!hasVectors)('random changes (../shared/vectors/tee/intel)', () => {
  const quotes = hasVectors
    ? [vector('dcap-qvl.tdx_quote'), vector('go-tdx-guest.quote_v5_sample.dat'), vector('go-tdx-guest.tdx_prod_quote_SPR_E4.dat')]
    : [];
  const intel: IntelCollateral = hasVectors ? dcapCollateral() : {};

  test(`in ${INPUTS} inputs: none passes, none is judged by a fault of ours`, { timeout: isLong ? 3_600_000 : 240_000 }, async ({
    onTestFailed,
  }) => {
    const random = randomOf(onTestFailed);
    const time = Date.parse('2025-06-25T00:00:00Z');
    const primitives = remembering(webCryptoAttest(crypto.subtle));
    const inputs = function* () {
      const [quote = new Uint8Array(0)] = quotes;
      for (let i = 0; i < INPUTS; i++) {
        // not its padding, which may be of any length
        const shape = random.below(4);
        const other = shape === 0 ? changed(random.pick(quotes), random, 4936) : shape === 1 ? asQuote(random) : quote;
        const name = random.pick(['tcbInfo', 'tcbInfoChain', 'qeIdentity', 'qeIdentityChain', 'rootCrl', 'pckCrl'] as const);
        const isQuote = shape < 2;
        const whole = intel[name] ?? new Uint8Array(0);
        yield { i, name, quote: other, collateral: { intel: isQuote ? intel : { ...intel, [name]: changed(whole, random) } } };
      }
    };
    await forAll(inputs(), async ({ i, name, quote, collateral }) => {
      const { crypto, asked } = counting(primitives);
      const options = { collateral, time, policy: {}, roots: 'vendor' } as const;
      const report = await verifyEvidence(quote, { ...options, crypto });
      if (report.overall === 'pass' && !(quote === quotes[0] && saysTheSame(collateral.intel, intel))) {
        expect.fail(
          `input ${i}, with another ${name}, passes: ${Buffer.from(collateral.intel[name] ?? quote).toString('base64')}`,
        );
      }
      const ours = report.checks.find(({ code }) => code === 'INTERNAL');
      if (ours !== undefined) expect.fail(`input ${i}, ${ours.name}: ${ours.reason}`);
      if (asked() > HONEST_SIGNATURES) expect.fail(`input ${i} asked for ${asked()} signatures`);
      if (i % NOBLE_EACH === 0) expect(await verifyEvidence(quote, { ...options, crypto: nobleAttest })).toEqual(report);
    });
    expect(HONEST_SIGNATURES).toBeLessThan(MAX_ATTESTATION_SIGNATURES);
  });

  /** Random bytes that begin as a quote does, so that they are read as one. */
  function asQuote(random: Random): Uint8Array {
    const header = (random.pick(quotes) ?? new Uint8Array(0)).subarray(0, random.between(8, 54));
    return concat(header, random.bytes(random.below(2_000)));
  }
});
