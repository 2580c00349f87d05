import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_SIDECAR_REPORT, MAX_SIDECAR_RETRY_MS, SIDECAR_RETRY_MS } from '@perigee/wire';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../../../tests/kit/eventually.ts';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { TickingClock } from '../../../../tests/kit/ticking-clock.ts';
import { findDeno } from '../../src/webtransport/find-deno.ts';
import { ReportLines } from '../../src/webtransport/report-lines.ts';
import { SidecarProcess } from '../../src/webtransport/sidecar-process.ts';

/** Stands for Deno: says what it is asked to say, and ends with its standard input. */
async function fakeDeno(script: string): Promise<{ deno: string; folder: string }> {
  const folder = await temporaryFolder();
  const deno = join(folder, 'deno');
  await writeFile(deno, `#!/bin/sh\n${script}\n`);
  await chmod(deno, 0o755);
  return { deno, folder };
}

function sidecar(parts: { deno: string; folder: string }) {
  const clock = new TickingClock();
  const log: string[] = [];
  const made = new SidecarProcess({
    ...parts,
    program: 'none',
    host: '127.0.0.1',
    port: 1,
    socket: join(parts.folder, 'socket'),
    clock,
    certificate: () => ({ pem: '', privateKey: '' }),
    onUp: () => log.push('up'),
    onDown: (complaint) => log.push(complaint),
  });
  onTestFinished(() => made.stop());
  return { sidecar: made, clock, log };
}

const isAlive = (pid: number | undefined): boolean => {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('one that is killed is started again, after pauses that grow, and none is left in the end', async () => {
  const { sidecar: made, clock, log } = sidecar(await fakeDeno('echo \'{"listening":true}\'; exec cat >/dev/null'));
  await made.start();
  const pids = new Set<number>();
  let pause = SIDECAR_RETRY_MS;
  for (let i = 0; i < 4; i++) {
    const { pid } = made;
    pids.add(pid as number);
    process.kill(pid as number, 'SIGKILL');
    await eventually(() => expect(log).toHaveLength(2 * i + 2));
    expect(log.at(-1)).toBe('it ended with SIGKILL');
    clock.advance(pause - 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(made.pid).toBeUndefined();
    clock.advance(1);
    await eventually(() => expect(log.at(-1)).toBe('up'));
    pause = Math.min(2 * pause, MAX_SIDECAR_RETRY_MS);
  }
  expect(pids.size).toBe(4);
  const last = made.pid;
  expect(isAlive(last)).toBe(true);
  await made.stop();
  expect(isAlive(last)).toBe(false);
});

test('one that does not end with its standard input is killed', async () => {
  const { sidecar: made } = sidecar(await fakeDeno('trap "" TERM INT; echo \'{"listening":true}\'; exec sleep 600'));
  await made.start();
  const { pid } = made;
  await made.stop();
  expect(isAlive(pid)).toBe(false);
});

test('one that never listened is an error with what it said', async () => {
  const { sidecar: faulty } = sidecar(await fakeDeno('echo nonsense; echo \'{"fault":"the port is taken"}\'; exit 1'));
  await expect(faulty.start()).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringContaining('the port is taken'),
  });
  const { sidecar: loud } = sidecar(await fakeDeno('echo "error: no such flag" >&2; exit 7'));
  await expect(loud.start()).rejects.toThrow('no such flag');
  const { sidecar: absent } = sidecar({ deno: '/nowhere/deno', folder: await temporaryFolder() });
  await expect(absent.start()).rejects.toThrow('ENOENT');
});

test('what it reports without an end is not held, and the next line counts', async () => {
  const flood = 'head -c 3000000 /dev/zero | tr "\\\\000" x; echo; echo \'{"fault":"the port is taken"}\'; exit 1';
  const { sidecar: endless } = sidecar(await fakeDeno(flood));
  await expect(endless.start()).rejects.toThrow('the port is taken');
});

test('lines of a report are told apart, however they come, and those that are too long are dropped', () => {
  const lines = new ReportLines();
  expect(['a', 'b\nc', '\n\nd\n', 'e'].map((piece) => lines.push(piece))).toEqual([[], ['ab'], ['c', '', 'd'], []]);
  expect(lines.push('x'.repeat(MAX_SIDECAR_REPORT - 1))).toEqual([]);
  expect(lines.push('\n')).toEqual([`e${'x'.repeat(MAX_SIDECAR_REPORT - 1)}`]);
  expect(lines.push('x'.repeat(MAX_SIDECAR_REPORT + 1))).toEqual([]);
  for (let i = 0; i < 10; i++) expect(lines.push('x'.repeat(1_000_000))).toEqual([]);
  expect(lines.push('y\nz\n')).toEqual(['z']);
});

test('where Deno is missing, one sentence says what to install', async () => {
  const folder = await temporaryFolder();
  expect(() => findDeno(undefined, folder)).toThrow('npm install --no-save deno@2.9.6');
  expect(() => findDeno(join(folder, 'deno'), folder)).toThrow('is no program');
  const { deno } = await fakeDeno('exit 0');
  expect(findDeno(deno, folder)).toBe(deno);
});
