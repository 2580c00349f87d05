import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MAX_WEBTRANSPORT_MEMORY_BYTES, type PerigeeError } from '@perigee/wire';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { eventually } from '../../../../tests/kit/eventually.ts';
import { denoObstacle, temporaryFolder, testDeno } from '../../../../tests/kit/index.ts';
import { TickingClock } from '../../../../tests/kit/ticking-clock.ts';
import { createHost, dialPeer, type Host, type HostOptions, systemClock } from '../../src/index.ts';
import { addressOf, testHost } from '../fixtures.ts';

const obstacle = denoObstacle();
const DAY_MS = 24 * 3_600_000;
/** Longer than a visitor's own patience. */
const VISIT_MS = 20_000;
/** In two of so many a visitor is served meanwhile. */
const MAX_ATTACKS = 6;
const program = new URL('../../../../dist/node/jobs/webtransport.job.js', import.meta.url);

const listenOptions = (faults: PerigeeError[] = []) => ({
  host: '127.0.0.1',
  tcp: 0,
  webtransport: { port: 0, deno: testDeno(), program, onFault: (error: PerigeeError) => faults.push(error) },
});
const listening = (options: HostOptions = {}): Promise<Host> => testHost({ listen: listenOptions(), ...options });
const address = (host: Host): string => addressOf(host, 'webtransport').multiaddrs[0] ?? '';
const certhashes = (host: Host): string[] => [...address(host).matchAll(/certhash\/(u[\w-]+)/g)].map(([, hash = '']) => hash);
const port = (host: Host): string => /udp\/(\d+)/.exec(address(host))?.[1] ?? '';

/** Processes of Deno that this one has started and that listen on a port. */
function sidecars(onPort: string): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid,ppid,args'], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(`:${onPort},unix:`)).map((line) => Number(line.trim().split(/\s+/)[0]));
}

/** Most memory that a process ever had, bytes. */
function mostMemory(pid: number): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  if (kib === undefined) throw new Error(`the system does not say what memory process ${pid} had`);
  return 1_024 * Number(kib);
}

test('a host that cannot listen for WebTransport leaves no folder behind', async () => {
  // longer than the name of a socket can be: the system cuts it off without a word, and what is left is taken
  const folder = join(await temporaryFolder(), 'x'.repeat(120));
  await mkdir(folder);
  for (const length of [107, 108]) await writeFile(folder.slice(0, length), '');
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  const webtransport = { port: 0, deno: process.execPath, program };
  await expect(createHost({ listen: { host: '127.0.0.1', webtransport } })).rejects.toThrow(/EADDRINUSE|ENAMETOOLONG/);
  expect(await readdir(folder)).toEqual([]);
});

describe.skipIf(obstacle !== undefined)(
  `a host that listens for WebTransport${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`,
  () => {
    test('announces two certificates, keeps them, and leaves no process', async () => {
      const directory = join(await temporaryFolder(), 'net');
      const first = await createHost({ listen: listenOptions(), directory });
      const hashes = certhashes(first);
      expect(hashes).toHaveLength(2);
      const used = port(first);
      expect(sidecars(used)).toHaveLength(1);
      await first.stop();
      expect(sidecars(used)).toEqual([]);
      expect(certhashes(await listening({ directory }))).toEqual(hashes);
    });

    test('gives the hashes to an address that is announced', async () => {
      const host = await listening({ announce: ['/ip4/9.9.9.9/udp/443/quic-v1/webtransport'] });
      expect(host.multiaddrs()).toEqual([
        expect.stringMatching(/^\/ip4\/9\.9\.9\.9\/udp\/443\/quic-v1\/webtransport(\/certhash\/uEi[\w-]{44}){2}$/),
      ]);
    });

    test('takes the next certificate when its clock says so, on the same port, and announces the one after', async () => {
      const clock = new TickingClock();
      clock.advance(systemClock.now());
      const host = await listening({ clock });
      const [current, next] = certhashes(host);
      const [used, pids] = [port(host), sidecars(port(host))];
      await eventually(() => {
        clock.advance(DAY_MS);
        expect(certhashes(host)[0]).toBe(next);
      });
      expect(certhashes(host)).not.toContain(current);
      expect([port(host), sidecars(used)]).toEqual([used, pids]);
    });

    test('goes on when its sidecar is killed, says so, and has another', async () => {
      const faults: PerigeeError[] = [];
      const host = await testHost({ listen: listenOptions(faults) });
      const before = address(host);
      const [pid = 0] = sidecars(port(host));
      process.kill(pid, 'SIGKILL');
      await eventually(() => expect(faults).toHaveLength(1));
      expect(faults[0]).toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('SIGKILL') });
      expect(await dialPeer(await testHost(), addressOf(host, 'tcp'))).toMatchObject({ transport: 'tcp' });
      await eventually(() => expect(address(host)).toBe(before));
      expect(sidecars(port(host))).not.toContain(pid);
    });

    test('stands what strangers do, and serves others meanwhile and after', async () => {
      const faults: PerigeeError[] = [];
      const host = await testHost({ listen: listenOptions(faults) });
      const pids = sidecars(port(host));
      const [hash = ''] = certhashes(host);
      const digest = Buffer.from(hash.slice(1), 'base64url').subarray(2).toString('base64');
      const client = (name: string): string[] => [
        ...['run', '--no-prompt', '--no-config', '--no-lock', '--unstable-net', '--allow-net'],
        ...[fileURLToPath(new URL(`./${name}-client.js`, import.meta.url)), port(host), digest],
      ];
      const run = promisify(execFile);
      // a process each: on a busy machine one that came again and again fell silent, its own timers too
      const visit = (): Promise<string> =>
        run(testDeno(), client('honest'), { timeout: VISIT_MS, killSignal: 'SIGKILL' }).then(
          ({ stdout }) => stdout.trim(),
          (error: Error) => error.message,
        );
      const isServed = () => eventually(async () => expect(await visit()).toBe('served'));
      await isServed();
      const answers: string[] = [];
      // it comes from the same address, which has its share of places: in a short attack all its visits may fall where others hold them
      for (let attack = 0, served = 0; served < 2; attack++) {
        expect(attack, answers.join()).toBeLessThan(MAX_ATTACKS);
        const before = answers.length;
        let isOver = false;
        const visits = (async () => {
          do answers.push(await visit());
          while (!isOver);
        })();
        const { stdout } = await run(testDeno(), client('hostile'), { timeout: 100_000 }).finally(() => {
          isOver = true;
        });
        expect(stdout).toContain('a session begins');
        await visits;
        if (answers.includes('served', before)) served++;
      }
      for (let time = 0; time < 3; time++) await isServed();
      expect(sidecars(port(host))).toEqual(pids);
      for (const pid of pids) expect(mostMemory(pid)).toBeLessThan(MAX_WEBTRANSPORT_MEMORY_BYTES);
      expect(faults).toEqual([]);
      expect(await dialPeer(await testHost(), addressOf(host, 'tcp'))).toMatchObject({ transport: 'tcp' });
      await eventually(() => expect(host.connections().filter(({ transport }) => transport === 'webtransport')).toEqual([]));
    });

    test('says which port it cannot have, and what Deno cannot do', async () => {
      const host = await listening();
      const taken = { ...listenOptions().webtransport, port: Number(port(host)) };
      await expect(createHost({ listen: { host: '127.0.0.1', webtransport: taken } })).rejects.toThrow(/EADDRINUSE.*UDP/);
      const broken = { ...listenOptions().webtransport, program: new URL('file:///nowhere.js') };
      const error = (await createHost({ listen: { host: '127.0.0.1', webtransport: broken } }).catch(
        (reason: unknown) => reason,
      )) as PerigeeError;
      expect(error).toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('Deno does not listen') });
    });
  },
);
