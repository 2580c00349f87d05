/** Inputs that nobody wrote: valid ones with parts flipped, cut, moved, repeated and taken from others. None may pass, throw, or ask for much work. */
import { type AttestCrypto, developmentRoots, type EvidenceOptions, verifyEvidence } from '@perigee/light-core/attest';
import { verifyEvents } from '@perigee/light-core/attest/events';
import { concat, equal, MAX_ATTESTATION_SIGNATURES, toHex, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../../../tests/kit/random.ts';
import { webCrypto } from './both.ts';
import { NOW, sha } from './mint/certificate.ts';
import { appOf, eventsOf, MODEL_ROOT, registersOf } from './mint/events.ts';
import { DRIVER, goldenOf, mintGpu, mintRim, NONCE, VBIOS } from './mint/gpu.ts';
import { mintNitro, NITRO_NONCE, PCRS } from './mint/nitro.ts';
import { MEASUREMENT, mintSnp, REPORT_DATA, tableOf } from './mint/snp.ts';
import { Slowest } from './slowest.ts';

const LONG = process.env.PERIGEE_LONG === '1';
/** Of each of seven kinds; PERIGEE_FUZZ_CASES for a run in pieces. */
const CASES = Number(process.env.PERIGEE_FUZZ_CASES ?? (LONG ? 15_000 : 300));
const PATIENCE = { timeout: LONG ? 1_800_000 : 240_000 };

function mutated(bytes: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  const out = bytes.slice();
  const at = random.below(out.length);
  const length = Math.min(out.length - at, random.pick([1, 2, 4, 16, 48, 96, 300]));
  switch (random.below(7)) {
    case 0:
      for (let i = 0; i <= random.below(4); i++) out[random.below(out.length)] = random.below(256);
      return out;
    case 1:
      out[at] = (out[at] as number) ^ (1 << random.below(8));
      return out;
    case 2:
      return out.subarray(0, at);
    case 3:
      return concat(out.subarray(0, at), random.bytes(length), out.subarray(at));
    case 4:
      return concat(out.subarray(0, at), out.subarray(at + length));
    case 5:
      return out.fill(random.pick([0, 0x7f, 0x80, 0xff]), at, at + length);
    default: {
      const other = random.pick(others);
      const from = random.below(other.length);
      out.set(other.subarray(from, from + length), Math.min(at, out.length - Math.min(length, other.length - from)));
      return out;
    }
  }
}

/** Counts what is asked of it. */
function counting(): { readonly crypto: AttestCrypto; readonly work: { signatures: number } } {
  const work = { signatures: 0 };
  const crypto: AttestCrypto = {
    ...webCrypto,
    verifyEcdsa: (...all) => {
      work.signatures++;
      return webCrypto.verifyEcdsa(...all);
    },
    verifyRsaPss: (...all) => {
      work.signatures++;
      return webCrypto.verifyRsaPss(...all);
    },
  };
  return { crypto, work };
}

const snp = mintSnp({ product: 'Milan' });
const turin = mintSnp({ product: 'Turin', kind: 'vlek' });
const gpu = mintGpu();
const nitro = mintNitro();
const rims = [mintRim({ version: DRIVER, golden: goldenOf(2, 35) }), mintRim({ version: VBIOS, golden: goldenOf(0) })];

const EVIDENCE: { readonly [name: string]: Uint8Array } = {
  snp: concat(snp.report, tableOf({ vcek: snp.leaf, ask: snp.ask, ark: snp.ark })),
  turin: concat(turin.report, tableOf({ vlek: turin.leaf, ask: turin.ask, ark: turin.ark })),
  gpu: gpu.evidence,
  nitro: nitro.document,
};

const OPTIONS: Omit<EvidenceOptions, 'crypto'> = {
  time: NOW,
  roots: developmentRoots({ development: true }, { amd: [snp.ark, turin.ark], nvidia: gpu.roots, nitro: [nitro.root] }),
  collateral: { amd: { crl: snp.crl }, nvidia: { chain: gpu.chain, rootCrl: gpu.rootCrl, identityCrl: gpu.identityCrl, rims } },
  policy: {
    amd: { measurements: [toHex(MEASUREMENT)], reportData: toHex(REPORT_DATA), minTcb: { Milan: { snp: 1 }, Turin: { snp: 1 } } },
    nvidia: { nonce: toHex(NONCE), rims: rims.map((rim) => toHex(sha('sha256', rim))) },
    nitro: { pcrs: { 0: [toHex(PCRS.get(0) as Uint8Array)] }, nonce: toHex(NITRO_NONCE) },
  },
};

const optionsFor = (name: string) =>
  name === 'turin' ? { ...OPTIONS, collateral: { ...OPTIONS.collateral, amd: { crl: turin.crl } } } : OPTIONS;

describe.each(Object.keys(EVIDENCE))('evidence %s', (name) => {
  const bytes = EVIDENCE[name] as Uint8Array;

  it('passes as it is', async () => {
    const { crypto, work } = counting();
    expect(await verifyEvidence(bytes, { ...optionsFor(name), crypto })).toMatchObject({ overall: 'pass', status: 'simulated' });
    expect(work.signatures).toBeLessThanOrEqual(MAX_ATTESTATION_SIGNATURES);
  });

  it('passes in no other form', PATIENCE, async () => {
    const random = createRandom();
    const slowest = new Slowest();
    for (let i = 0; i < CASES; i++) {
      const input = mutated(bytes, Object.values(EVIDENCE), random);
      if (equal(input, bytes)) continue;
      const { crypto, work } = counting();
      const report = await slowest.of(i, () => verifyEvidence(input, { ...optionsFor(name), crypto }));
      const told = `PERIGEE_SEED=${random.seed}, input ${i}: ${toHex(input).slice(0, 200)}`;
      expect(report.overall, told).toBe('fail');
      expect(work.signatures, told).toBeLessThanOrEqual(MAX_ATTESTATION_SIGNATURES);
    }
    if (LONG) slowest.tell(`evidence ${name}`, CASES, random.seed);
  });
});

it('collateral passes in no other form', PATIENCE, async () => {
  const random = createRandom();
  const slowest = new Slowest();
  const parts = {
    crl: snp.crl,
    chain: gpu.chain,
    rootCrl: gpu.rootCrl,
    identityCrl: gpu.identityCrl,
    driver: rims[0] as Uint8Array,
  };
  for (let i = 0; i < CASES; i++) {
    const part = random.pick(Object.keys(parts) as (keyof typeof parts)[]);
    const input = mutated(parts[part], Object.values(parts), random);
    if (equal(input, parts[part])) continue;
    const given = { ...parts, [part]: input };
    const { crl, chain, rootCrl, identityCrl, driver } = given;
    const collateral = { amd: { crl }, nvidia: { chain, rootCrl, identityCrl, rims: [driver, rims[1] as Uint8Array] } };
    const evidence = part === 'crl' ? (EVIDENCE.snp as Uint8Array) : gpu.evidence;
    const report = await slowest.of(i, () => verifyEvidence(evidence, { ...OPTIONS, collateral, crypto: webCrypto }));
    expect(report.overall, `PERIGEE_SEED=${random.seed}, input ${i}, ${part}`).toBe('fail');
  }
  if (LONG) slowest.tell('collateral', CASES, random.seed);
});

it('event logs and applications pass in no other form', PATIENCE, async () => {
  const random = createRandom();
  const slowest = new Slowest();
  const app = appOf();
  const events = eventsOf(app);
  const registers = registersOf(events);
  const log = utf8(JSON.stringify(events));
  const policy = { allowedEnvs: ['TOKEN'], scripts: [toHex(sha('sha256', utf8('echo ready')))], modelRoot: toHex(MODEL_ROOT) };
  const failed = ({ checks }: Awaited<ReturnType<typeof verifyEvents>>) => checks.some(({ verdict }) => verdict !== 'pass');
  expect(failed(await verifyEvents({ log, appCompose: app, registers }, policy, webCrypto))).toBe(false);
  for (let i = 0; i < CASES; i++) {
    const input = mutated(app, [log, app], random);
    if (equal(input, app)) continue;
    expect(
      failed(await slowest.of(i, () => verifyEvents({ log, appCompose: input, registers }, policy, webCrypto))),
      `PERIGEE_SEED=${random.seed}, input ${i}`,
    ).toBe(true);
  }
  // of a log, what is not measured may differ: names and payloads of boot events, members that are not known, letters of hexadecimal
  for (let i = 0; i < CASES; i++) {
    const input = mutated(log, [log, app], random);
    await slowest.of(i, () => verifyEvents({ log: input, appCompose: app, registers }, policy, webCrypto));
  }
  if (LONG) slowest.tell('event logs and applications', 2 * CASES, random.seed);
});

it('compositions are read or refused, whatever they are', PATIENCE, async () => {
  const random = createRandom();
  const slowest = new Slowest();
  const text = JSON.parse(new TextDecoder().decode(appOf())).docker_compose_file as string;
  for (let i = 0; i < CASES; i++) {
    const composition = new TextDecoder().decode(mutated(utf8(text), [utf8(text)], random));
    const app = appOf({ docker_compose_file: composition });
    const events = eventsOf(app);
    const given = { log: utf8(JSON.stringify(events)), appCompose: app, registers: registersOf(events) };
    const { checks } = await slowest.of(i, () => verifyEvents(given, {}, webCrypto));
    const told = `PERIGEE_SEED=${random.seed}, input ${i}: ${composition}`;
    expect(
      checks.filter(({ code }) => code === 'INTERNAL'),
      told,
    ).toEqual([]);
  }
  if (LONG) slowest.tell('compositions', CASES, random.seed);
});
