import { randomBytes } from 'node:crypto';
import { closeSync, constants, existsSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Clock } from '@perigee/light-core/roles';
import { systemClock } from '@perigee/net';
import { MAX_REPORT_BYTES, type PerigeeError, toHex } from '@perigee/wire';
import { expect, it } from 'vitest';
import { eventually } from '../../../../tests/kit/eventually.ts';
import { startProcess, temporaryFolder } from '../../../../tests/kit/index.ts';
import { type ConfigfsCalls, openTsm, type TsmOptions } from '../../src/evidence/index.ts';
import type { FakeTsmMode } from '../jobs/fake-tsm.job.ts';

const job = fileURLToPath(new URL('../../../../dist/test/jobs/fake-tsm.job.js', import.meta.url));
const seed = randomBytes(16);
// of no time: what is counted from the import of this file is over before its last test where a machine does much else
const { signal } = new AbortController();
const reportData = Uint8Array.from({ length: 64 }, (_, i) => i);

/** As configfs: a report's folder comes and goes with its files. */
const calls: ConfigfsCalls = {
  async mkdir(path) {
    await mkdir(path);
    while (!existsSync(join(path, 'provider'))) await sleep(2);
  },
  /**
   * A read that was given up still waits for the other end of its pipe, and would for ever once that has no name: it holds one of the four threads that
   * all files of this process are read by. Whoever opens a pipe both ways does not wait, and lets it go.
   */
  async rmdir(path) {
    const pipes = ['outblob', 'auxblob'].map((name) => openSync(join(path, name), constants.O_RDWR));
    rmSync(path, { recursive: true });
    for (const pipe of pipes) closeSync(pipe);
  },
};

/** A clock whose times are over when it is said, and not before. */
function heldClock(): Clock & { end(): void } {
  const over = new Set<() => void>();
  return {
    now: () => 0,
    sleep: (_, until) =>
      new Promise((resolve, reject) => {
        over.add(resolve);
        until?.addEventListener('abort', () => reject(until.reason), { once: true });
      }),
    end() {
      for (const resolve of over) resolve();
    },
  };
}

/** A kernel that makes reports, and what asks it. */
async function kernel(mode: FakeTsmMode, provider = 'tdx_guest', options: Partial<TsmOptions> = {}) {
  const folder = await temporaryFolder();
  const child = startProcess(job, [folder, provider, mode, toHex(seed)]);
  await child.ready();
  const open = () =>
    openTsm({ clock: systemClock, randomBytes: (n) => randomBytes(n), reports: folder, calls, ...options }, signal);
  return { folder, open, [Symbol.asyncDispose]: async () => void (await child.kill()) };
}

it('gets a TDX quote that binds what was given, and puts the report away', async () => {
  await using fake = await kernel('honest');
  const source = await fake.open();
  expect(source.platform).toBe('intel-tdx');
  const made = await source.quote(reportData, signal);
  expect(made).toMatchObject({ platform: 'intel-tdx' });
  expect(made.bytes.subarray(568, 632)).toEqual(reportData);
  expect(made.certificates).toBeUndefined();
  expect(readdirSync(fake.folder)).toEqual([]);
});

it('gets an SNP report of a privilege level, with the table of certificates beside it', async () => {
  await using fake = await kernel('honest', 'sev_guest', { privilegeLevel: 1 });
  const source = await fake.open();
  const made = await source.quote(reportData, signal);
  expect(made.platform).toBe('amd-sev-snp');
  expect(made.bytes.length).toBe(1_184);
  expect(made.certificates?.length).toBeGreaterThan(3_000);
  expect(readdirSync(fake.folder)).toEqual([]);
});

it('asks again when somebody else wrote meanwhile, and gives up when it does not end', async () => {
  await using once = await kernel('moved-once');
  expect((await (await once.open()).quote(reportData, signal)).bytes.length).toBeGreaterThan(4_000);
  await using always = await kernel('moved');
  const failed = await refused(async () => (await always.open()).quote(reportData, signal));
  expect(failed.code).toBe('BUSY');
  expect(failed.message).toMatch(/4 attempts.*written 2 times, and 1 of them were ours/);
  expect(readdirSync(always.folder)).toEqual([]);
});

it.each([
  ['short', 'PARSE', /200 bytes are no intel-tdx evidence/],
  ['empty', 'PARSE', /an empty report/],
  ['giant', 'FRAME_TOO_LARGE', new RegExp(`more than ${MAX_REPORT_BYTES} bytes`)],
  ['other-data', 'REFUSED', /binds other report data/],
  ['unknown-provider', 'UNSUPPORTED', /provider "cca_guest" are not known; known are tdx_guest, sev_guest/],
  ['other-provider', 'UNSUPPORTED', /makes amd-sev-snp reports now/],
  ['no-count', 'PARSE', /"many", which is no count/],
] as const)('refuses what a kernel gives that is %s', async (mode, code, words) => {
  await using fake = await kernel(mode);
  const failed = await refused(async () => (await fake.open()).quote(reportData, signal));
  expect([failed.code, failed.message]).toEqual([code, expect.stringMatching(words)]);
  expect(readdirSync(fake.folder)).toEqual([]);
});

it('does not wait for a report that does not come, nor after its caller gave up', async () => {
  const clock = heldClock();
  await using fake = await kernel('silent', 'tdx_guest', { timeoutMs: 300, clock });
  const source = await fake.open();
  const isAsked = async (): Promise<void> =>
    eventually(() => {
      const [name = ''] = readdirSync(fake.folder);
      expect(readFileSync(join(fake.folder, name, 'inblob')).length).toBe(64);
    });
  const late = refused(() => source.quote(reportData, signal));
  await isAsked();
  clock.end();
  const failed = await late;
  expect([failed.code, failed.message]).toEqual(['TIMEOUT', expect.stringMatching(/no report from .* in 300 ms/)]);
  const stop = new AbortController();
  const left = refused(() => source.quote(reportData, stop.signal));
  await isAsked();
  stop.abort();
  expect((await left).code).toBe('ABORTED');
  expect((await refused(() => source.quote(reportData, AbortSignal.abort()))).code).toBe('ABORTED');
  expect(readdirSync(fake.folder)).toEqual([]);
});

it('says in words why a machine gives none, and what it cannot put away', async () => {
  const options = { clock: systemClock, randomBytes: (n: number) => randomBytes(n) };
  const none = await refused(() => openTsm({ ...options, reports: join('/', 'nowhere', 'tsm') }, signal));
  expect([none.code, none.message]).toEqual(['NOT_FOUND', expect.stringMatching(/mount configfs, and load the guest driver/)]);

  const errno = (code: string) => Object.assign(new Error(code), { code });
  const stub = (mkdirError: string): ConfigfsCalls => ({ mkdir: () => Promise.reject(errno(mkdirError)), rmdir: async () => {} });
  expect((await refused(() => openTsm({ ...options, calls: stub('ENXIO') }, signal))).message).toMatch(/no confidential guest/);
  expect((await refused(() => openTsm({ ...options, calls: stub('EACCES') }, signal))).code).toBe('REFUSED');

  const faults: PerigeeError[] = [];
  const stuck: ConfigfsCalls = { mkdir: calls.mkdir, rmdir: () => Promise.reject(errno('EBUSY')) };
  await using fake = await kernel('honest', 'tdx_guest', { calls: stuck, onFault: (error) => faults.push(error) });
  await (await fake.open()).quote(reportData, signal);
  expect(faults.map(({ code }) => code)).toEqual(['BUSY', 'BUSY']);
});

it('takes 64 bytes of report data and no other number', async () => {
  await using fake = await kernel('honest');
  const source = await fake.open();
  expect((await refused(() => source.quote(new Uint8Array(63), signal))).code).toBe('INVALID_ARGUMENT');
});

async function refused(work: () => Promise<unknown>): Promise<PerigeeError> {
  return work().then(
    () => Promise.reject(new Error('it passed')),
    (error: PerigeeError) => error,
  );
}
