/**
 * Run as a process of its own: plays the kernel's part in a folder that stands for /sys/kernel/config/tsm/report. For each new folder it makes the
 * files of a report; `outblob` and `auxblob` are pipes, so that a reader waits for the answer as it does for the kernel's.
 */
import { execFileSync } from 'node:child_process';
import { constants, existsSync, readdirSync, readFileSync, renameSync, watch, writeFileSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromHex } from '@perigee/wire';
import { Simulation } from '../../src/evidence/simulated/index.ts';

/** How it misbehaves; `moved-once` only for the first report. */
export type FakeTsmMode =
  | 'honest'
  | 'moved'
  | 'moved-once'
  | 'short'
  | 'empty'
  | 'giant'
  | 'silent'
  | 'other-data'
  | 'unknown-provider'
  | 'other-provider'
  | 'no-count';

const POLL_MS = 2;
const GIANT_BYTES = 256 << 10;

const [, , root, provider = 'tdx_guest', mode = 'honest', seed = ''] = process.argv;
if (root !== undefined) {
  const simulation = new Simulation({ seed: fromHex(seed), clock: { now: () => Date.now() }, rsaBits: 2_048 });
  const source = simulation.source(provider === 'sev_guest' ? 'amd-sev-snp' : 'intel-tdx');
  await source.quote(new Uint8Array(64), new AbortController().signal); // keys are made now, and not while somebody waits
  const known = new Set<string>();
  let reports = 0;

  const serve = async (folder: string): Promise<void> => {
    const count = (number: number): void =>
      writeFileSync(join(folder, 'generation'), mode === 'no-count' ? 'many\n' : `${number}\n`);
    writeFileSync(join(folder, 'inblob'), '');
    writeFileSync(join(folder, 'privlevel'), '');
    for (const name of ['outblob', 'auxblob']) execFileSync('mkfifo', [join(folder, name)]);
    count(0);
    // last, and at once: it says that all is there
    writeFileSync(join(folder, 'provider.new'), `${mode === 'unknown-provider' ? 'cca_guest' : provider}\n`);
    renameSync(join(folder, 'provider.new'), join(folder, 'provider'));

    const out = await openPipe(join(folder, 'outblob'));
    if (out === undefined) return;
    if (mode === 'silent') return;
    const isFirst = reports++ === 0;
    const reportData = Uint8Array.from(readFileSync(join(folder, 'inblob')));
    const writes = 1 + Number(readFileSync(join(folder, 'privlevel')).length > 0);
    count(writes + Number(mode === 'moved' || (mode === 'moved-once' && isFirst)));
    if (mode === 'other-provider') writeFileSync(join(folder, 'provider'), 'sev_guest\n');
    if (mode === 'other-data') reportData.fill(7);
    const made = await source.quote(reportData, new AbortController().signal);
    const sent =
      mode === 'short'
        ? made.bytes.subarray(0, 200)
        : mode === 'empty'
          ? made.bytes.subarray(0, 0)
          : mode === 'giant'
            ? new Uint8Array(GIANT_BYTES)
            : made.bytes;
    await writeAll(out, sent);
    await out.close();
    const aux = await openPipe(join(folder, 'auxblob'));
    await aux?.writeFile(made.certificates ?? new Uint8Array());
    await aux?.close();
  };
  const look = (): void => {
    for (const name of readdirSync(root)) {
      if (known.has(name)) continue;
      known.add(name);
      void serve(join(root, name)).catch((error: unknown) => {
        if (existsSync(join(root, name))) writeSync(2, `FAULT ${error instanceof Error ? error.stack : error}\n`);
      });
    }
  };
  watch(root, look);
  look();
  writeSync(1, 'READY {}\n');
}

/** A full pipe takes no more for a while; a reader that had enough has gone. */
async function writeAll(pipe: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += (await pipe.write(bytes, at)).bytesWritten;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      await sleep(POLL_MS);
    }
  }
}

/** The pipe's end to write to, once somebody reads; nothing when its folder has gone. */
async function openPipe(path: string) {
  for (;;) {
    try {
      return await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      if (code !== 'ENXIO') throw error;
      await sleep(POLL_MS);
    }
  }
}
