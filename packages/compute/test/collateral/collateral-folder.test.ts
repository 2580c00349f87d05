import { spawn } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AttestSubtle, developmentRoots, type Floors, raiseFloors, webCryptoAttest } from '@perigee/light-core/attest';
import {
  decodeBundle,
  decodeFloors,
  encodeBundle,
  encodeFloors,
  subjectOfEvidence,
  subjectText,
  verifyBundle,
} from '@perigee/light-core/attest/bundle';
import { collateralProtocol, createHost, type Host, open, serve } from '@perigee/net';
import { MAX_COLLATERAL_BYTES, MAX_KEPT_COLLATERAL, MAX_KEPT_FLOORS, type PerigeeError } from '@perigee/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { CollateralClient } from '../../../sampler/src/collateral/index.ts';
import { askVendor, CollateralFolder, importCollateral, serveCollateral } from '../../src/collateral/index.ts';
import { amdBundle, intelBundle } from '../../src/evidence/simulated/bundles.ts';
import { Simulation } from '../../src/evidence/simulated/index.ts';
import type { IntelChanges } from '../../src/evidence/simulated/intel/pki.ts';
import { NOW_MS, REPORT_DATA, SEED, simulation } from '../evidence/minted/simulation.ts';
import { type Play, vendorServer } from './vendor-server.ts';

const INTEL = 'intel/tdx/ff7065726900/platform';
const AMD = 'amd/Milan/vcek';
const DAY_MS = 86_400_000;
const signal = AbortSignal.timeout(120_000);
const crypto = webCryptoAttest(webcrypto.subtle as unknown as AttestSubtle);

const roots = () =>
  developmentRoots({ development: true }, { intel: [simulation.intel('TDX').root], amd: [simulation.amd('Milan').ark] });
const file = (changes?: IntelChanges, from = simulation) => encodeBundle(intelBundle('tdx', from.intel('TDX', changes)));
/** As the vendor would say it some days later. */
const later = (days: number) => file({}, new Simulation({ seed: SEED, clock: { now: () => NOW_MS + days * DAY_MS } }));
const folderIn = (folder: string, now = () => NOW_MS, chainFloors: Floors = {}) =>
  new CollateralFolder({ folder, crypto, clock: { now }, roots: roots(), chainFloors: async () => chainFloors });

async function refused(work: Promise<unknown>): Promise<PerigeeError> {
  return work.then(
    () => Promise.reject(new Error('it passed')),
    (error: PerigeeError) => error,
  );
}

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

describe('a folder of collateral', () => {
  it('keeps what is authentic, and gives it while it is current', async () => {
    const folder = await temporaryFolder();
    let now = NOW_MS;
    const store = folderIn(folder, () => now);
    expect(await store.get(INTEL)).toBeUndefined();
    await store.keep(INTEL, file());
    expect((await store.get(INTEL))?.file).toEqual(file());
    expect((await store.list()).map(({ subject, error }) => [subject, error])).toEqual([[INTEL, undefined]]);
    now = NOW_MS + 30 * DAY_MS;
    expect(await store.get(INTEL)).toBeUndefined();
    expect((await store.list())[0]).toMatchObject({ subject: INTEL, verified: undefined, error: { code: 'ATTESTATION' } });
  });

  it('takes nothing older than what it ever saw, also after a restart', async () => {
    const folder = await temporaryFolder();
    let now = NOW_MS + 2 * DAY_MS;
    await folderIn(folder, () => now).keep(INTEL, later(2));
    now += 1;
    const again = folderIn(folder, () => now);
    const failed = await refused(again.keep(INTEL, file()));
    expect([failed.code, failed.data?.check]).toEqual(['ATTESTATION', 'ROLLBACK']);
    expect((await again.get(INTEL))?.file).toEqual(later(2));
    await again.keep(INTEL, later(2));
  });

  it('has the floors of the chain beside its own', async () => {
    const folder = await temporaryFolder();
    const chain = { 'simulated/intel/tcbInfo/tdx/ff7065726900': 18 };
    expect((await refused(folderIn(folder, undefined, chain).keep(INTEL, file()))).data?.check).toBe('ROLLBACK');
    await folderIn(folder, undefined, { 'simulated/intel/tcbInfo/tdx/ff7065726900': 17 }).keep(INTEL, file());
  });

  it('refuses to go on without floors that it cannot read, and keeps their form', async () => {
    const folder = await temporaryFolder();
    await folderIn(folder).keep(INTEL, file());
    const path = join(folder, 'floors.json');
    const text = readFileSync(path, 'utf8');
    expect(Object.keys(JSON.parse(text))).toEqual(['version', 'floors']);
    expect(encodeFloors(decodeFloors(new Uint8Array(readFileSync(path))))).toEqual(new Uint8Array(readFileSync(path)));
    for (const [bad, code] of [
      ['', 'STORE_CORRUPT'],
      ['{"version":1,"floors":{"a":-1}}', 'STORE_CORRUPT'],
      ['{"version":1,"floors":{"a":"9"}}', 'STORE_CORRUPT'],
      ['{"version":2,"floors":{}}', 'UNKNOWN_VERSION'],
      [' '.repeat(2 << 20), 'STORE_CORRUPT'],
    ] as const) {
      writeFileSync(path, bad);
      expect((await refused(folderIn(folder).keep(INTEL, file()))).code).toBe(code);
    }
  });

  it('drops no floor for a new one where there is room for no more', async () => {
    const folder = await temporaryFolder();
    const old = Object.fromEntries(Array.from({ length: MAX_KEPT_FLOORS }, (_, i) => [`z${i}`, 1]));
    writeFileSync(join(folder, 'floors.json'), encodeFloors(old));
    await folderIn(folder, undefined, { chain: 1 }).keep(INTEL, file());
    expect(decodeFloors(new Uint8Array(readFileSync(join(folder, 'floors.json'))))).toEqual(old);
  });

  it('keeps a bounded number, and names no file that is not its own', async () => {
    const folder = await temporaryFolder();
    const store = folderIn(folder);
    await store.keep(INTEL, file());
    for (let i = 0; i < MAX_KEPT_COLLATERAL; i++) {
      const name = join(folder, `intel_tdx_${i.toString(16).padStart(12, '0')}_platform.pgco`);
      writeFileSync(name, 'x');
      utimesSync(name, i, i);
    }
    writeFileSync(join(folder, 'stray.pgco'), 'x');
    utimesSync(join(folder, 'stray.pgco'), 1, 1);
    await store.keep(AMD, encodeBundle(amdBundle(simulation.amd('Milan'))));
    expect(readdirSync(folder).filter((name) => name.endsWith('.pgco')).length).toBeLessThanOrEqual(MAX_KEPT_COLLATERAL + 1);
    expect(await store.get(INTEL)).toBeDefined();
    for (const bad of ['../floors', 'amd/Milan', 'intel/tdx/../platform', ''])
      expect((await refused(store.get(bad))).code).toBe('INVALID_ARGUMENT');
    expect((await store.list()).every(({ subject }) => subject !== 'stray')).toBe(true);
  });
});

it('loses no floor that two keepers raise at once, and takes over the lock of a process that has ended', async () => {
  const folder = await temporaryFolder();
  const bundles = simulation.bundles().map((bundle) => [subjectText(decodeBundle(bundle).subject), bundle] as const);
  const all = developmentRoots({ development: true }, simulation.roots());
  const keeper = () => new CollateralFolder({ folder, crypto, clock: { now: () => NOW_MS }, roots: all });
  const kept = await Promise.all(bundles.map(([subject, bundle]) => keeper().keep(subject, bundle)));
  const seen = kept.reduce<Floors>((floors, one) => raiseFloors(floors, one.seen), {});
  expect(await keeper().floors()).toEqual(seen);
  expect(readdirSync(folder).filter((name) => name.startsWith('lock'))).toEqual([]);

  const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 500)']);
  writeFileSync(join(folder, 'lock'), `${other.pid}\n`);
  let hasEnded = false;
  other.once('exit', () => {
    hasEnded = true;
  });
  const [[subject, bundle]] = bundles as [readonly [string, Uint8Array]];
  await keeper().keep(subject, bundle);
  expect(hasEnded).toBe(true);
  // of a process that ended before it wrote its number
  writeFileSync(join(folder, 'lock'), '');
  utimesSync(join(folder, 'lock'), 1, 1);
  await keeper().keep(subject, bundle);
  expect(readdirSync(folder).filter((name) => name.startsWith('lock'))).toEqual([]);
});

describe("a vendor's service", () => {
  it('is asked for its early evaluation where an early one was seen before', async () => {
    const { url, server, asked } = await vendorServer(simulation);
    ends.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    const store = folderIn(await temporaryFolder());
    const options = { fetch, signal, baseUrl: url };
    const evaluations = async () => {
      const { seen } = await importCollateral(store, INTEL, options);
      return Object.entries(seen)
        .filter(([name]) => /tcbInfo|qeIdentity/.test(name))
        .map(([, number]) => number);
    };
    expect(await evaluations()).toEqual([17, 17]);
    expect(asked.some((path) => path.includes('update=early'))).toBe(false);
    await store.keep(INTEL, await askVendor(INTEL, { ...options, isEarly: true }));
    expect(await evaluations()).toEqual([18, 18]);
    expect((await refused(importCollateral(store, 'intel/tdx/000000000000/platform', options))).code).toBe('NOT_FOUND');
  });

  const asked = async (subject: string, play?: Play) => {
    const { url, server } = await vendorServer(simulation, play);
    ends.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    return askVendor(subject, { fetch, signal, baseUrl: `${url}/` });
  };

  it.each([
    [INTEL, () => file()],
    ['intel/sgx/ff7065726900/platform', () => encodeBundle(intelBundle('sgx', simulation.intel('SGX')))],
    [AMD, () => encodeBundle(amdBundle(simulation.amd('Milan')))],
  ])('gives %s, in the one form that peers hand on', async (subject, due) => {
    expect(await asked(subject)).toEqual(due());
  });

  it.each<[string, string, Play, string]>([
    ['a model that it does not know', 'intel/tdx/000000000000/platform', () => false, 'NOT_FOUND'],
    ['a CA that it does not know', 'intel/tdx/ff7065726900/processor', () => false, 'NOT_FOUND'],
    [
      'another place to ask',
      INTEL,
      (request, response) =>
        request.url?.includes('/qe/identity') === true &&
        Boolean(response.writeHead(302, { location: 'http://127.0.0.1:1/inside' }).end()),
      'REFUSED',
    ],
    ['too many questions', INTEL, (_, response) => Boolean(response.writeHead(429).end()), 'BUSY'],
    ['a fault of its own', INTEL, (_, response) => Boolean(response.writeHead(500).end()), 'REFUSED'],
    [
      'no chain beside its answer',
      INTEL,
      (request, response) => request.url?.includes('/tcb?') === true && Boolean(response.end('{}')),
      'PARSE',
    ],
    [
      'an answer without end',
      INTEL,
      (request, response) =>
        request.url?.includes('rootcacrl') === true && Boolean(response.end(Buffer.alloc(MAX_COLLATERAL_BYTES + 1))),
      'FRAME_TOO_LARGE',
    ],
    [
      'one certificate where two are due',
      AMD,
      (request, response) =>
        request.url?.includes('cert_chain') === true &&
        Boolean(response.end('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')),
      'PARSE',
    ],
    ['silence, and then nothing', INTEL, (request) => Boolean(request.socket.destroy()), 'UNREACHABLE'],
  ])('that answers with %s is told in words', async (_, subject, play, code) => {
    expect((await refused(asked(subject, play))).code).toBe(code);
  });

  it('is not asked for what is no subject, nor waited for after the caller gave up', async () => {
    expect((await refused(asked('intel/tdx/x/platform'))).code).toBe('INVALID_ARGUMENT');
    const { url, server } = await vendorServer(simulation, () => true);
    ends.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    expect((await refused(askVendor(INTEL, { fetch, signal: AbortSignal.timeout(100), baseUrl: url }))).code).toBe('ABORTED');
  });
});

describe('peers', () => {
  const host = async (): Promise<Host> => {
    const made = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
    ends.push(() => made.stop());
    return made;
  };
  const shelfOf = (values = new Map<string, Uint8Array>()) => ({
    values,
    value: async (name: string) => values.get(name),
    keepValue: async (name: string, bytes: Uint8Array) => Boolean(values.set(name, bytes)),
    changeValue: async (name: string, change: (value: Uint8Array | undefined) => Uint8Array) =>
      Boolean(values.set(name, change(values.get(name)))),
  });

  it('hand on what a node keeps, of vendors and of simulated ones apart', async () => {
    const [server, client] = [await host(), await host()];
    const vendor = folderIn(await temporaryFolder());
    const simulated = folderIn(await temporaryFolder());
    await simulated.keep(INTEL, file());
    let isDevelopment = false;
    await serveCollateral(server, { vendor, simulated: async () => (isDevelopment ? simulated : undefined) });
    const peer = open(client, { peerId: server.peerId, multiaddrs: server.multiaddrs() }, collateralProtocol);
    expect((await peer.callOne({ subject: INTEL, simulated: false })).file).toBeUndefined();
    expect((await peer.callOne({ subject: INTEL, simulated: true })).file).toBeUndefined();
    isDevelopment = true;
    expect((await peer.callOne({ subject: INTEL, simulated: true })).file).toEqual(file());
    expect((await peer.callOne({ subject: INTEL, simulated: false })).file).toBeUndefined();
    expect((await refused(peer.callOne({ subject: '../../etc/passwd', simulated: false }))).code).toBe('INVALID_ARGUMENT');
  });

  it('are believed in nothing: the newest that is authentic counts, whoever withholds or lies', async () => {
    const client = await host();
    const answers: (Uint8Array | undefined)[] = [
      undefined,
      file(),
      later(1),
      file({ tcbInfo: (info) => ({ ...info, tcbEvaluationDataNumber: 99 }) }).map((byte, i) => (i === 5_000 ? byte ^ 1 : byte)),
    ];
    const peers = await Promise.all(
      answers.map(async (answer) => {
        const server = await host();
        await serve(server, collateralProtocol, async () => (answer === undefined ? {} : { file: answer }));
        return open(client, { peerId: server.peerId, multiaddrs: server.multiaddrs() }, collateralProtocol);
      }),
    );
    let now = NOW_MS + DAY_MS;
    let asked = 0;
    let available = peers;
    const shelf = shelfOf();
    const node = {
      shelf,
      askCollateral: async (request: { subject: string; simulated: boolean }) => {
        asked++;
        return (await Promise.all(available.map(async (peer) => (await peer.callOne(request)).file))).filter(
          (one) => one !== undefined,
        );
      },
    };
    const clientOf = () =>
      new CollateralClient({
        node,
        clock: { now: () => now },
        simulated: true,
        verify: (file, options) => verifyBundle(file, { ...options, crypto, roots: roots() }),
      });
    const found = await clientOf().get(INTEL);
    expect(found.file).toEqual(later(1));
    expect((await clientOf().get(INTEL)).file).toEqual(later(1));
    expect(asked).toBe(1); // kept, and good for a while

    // after 70 % of its time it is looked for again; a peer that has only the older one changes nothing
    now += 22 * DAY_MS;
    available = [peers[1]!];
    expect((await clientOf().get(INTEL)).file).toEqual(later(1));
    expect(asked).toBe(2);
    now += 10 * DAY_MS;
    expect((await refused(clientOf().get(INTEL))).code).toBe('ATTESTATION');
    // without the file, the floor is still there
    now = NOW_MS + DAY_MS;
    shelf.values.delete([...shelf.values.keys()].find((name) => name.includes('intel')) ?? '');
    expect((await refused(clientOf().get(INTEL))).data?.check).toBe('ROLLBACK');
    available = [peers[0]!];
    expect((await refused(clientOf().get(INTEL))).code).toBe('NOT_FOUND');
  });
});

it('prefers a later evaluation to an earlier one with one part that is newer', async () => {
  const withheld = file({
    tcbInfo: (info) => ({ ...info, tcbEvaluationDataNumber: info.tcbEvaluationDataNumber - 1 }),
    pckCrl: (crl) => ({ ...crl, thisUpdate: crl.thisUpdate + 3_600 }),
  });
  const honest = file();
  for (const files of [
    [withheld, honest],
    [honest, withheld],
  ]) {
    const client = new CollateralClient({
      node: {
        shelf: { value: async () => undefined, keepValue: async () => false, changeValue: async () => false },
        askCollateral: async () => files,
      },
      clock: { now: () => NOW_MS },
      simulated: true,
      verify: (one, options) => verifyBundle(one, { ...options, crypto, roots: roots() }),
    });
    expect((await client.get(INTEL)).file).toEqual(honest);
  }
});

it('tells whose collateral evidence needs', async () => {
  expect(await subjectOfEvidence(simulation.tdxQuote(simulation.intel('TDX'), 'v5 1.5', REPORT_DATA))).toBe(INTEL);
  expect(await subjectOfEvidence(simulation.sgxQuote(simulation.intel('SGX'), REPORT_DATA))).toBe(
    'intel/sgx/ff7065726900/platform',
  );
  const { bytes, certificates } = await simulation.source('amd-sev-snp').quote(REPORT_DATA, signal);
  expect(await subjectOfEvidence(Uint8Array.of(...bytes, ...(certificates ?? [])))).toBe(AMD);
  expect(await subjectOfEvidence(simulation.snpReport(simulation.amd('Genoa'), REPORT_DATA))).toBe('amd/Genoa/vcek');
  expect((await refused(subjectOfEvidence(bytes))).code).toBe('ATTESTATION');
  expect((await refused(subjectOfEvidence(new Uint8Array(9)))).code).toBe('UNSUPPORTED');
});
