import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RowShape } from './shapes.ts';

/** A program of tests/peers that encodes when a line asks it to. */
export interface NativePeer {
  readonly name: string;
  /** Milliseconds of one encoding of random rows, by its own clock: what it is told and answers does not count. */
  encode(shape: RowShape): Promise<number>;
  stop(): void;
}

/** The two native programs, built outside of the clone; what cannot be built is skipped by name. */
export function nativePeers(): NativePeer[] {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'perigee', 'peers');
  mkdirSync(cache, { recursive: true });
  const crate = join(cache, 'reed-solomon-simd');
  const module = join(cache, 'klauspost');
  const found = [
    built('reed-solomon-simd 3.1.0', join(crate, 'release/perigee-peer-reed-solomon-simd'), 'cargo', [
      'build',
      '--release',
      '--locked',
      '--quiet',
      `--target-dir=${crate}`,
      '--manifest-path=tests/peers/reed-solomon-simd/Cargo.toml',
    ]),
    built('klauspost/reedsolomon 1.14.2', module, 'go', ['-C', 'tests/peers/klauspost', 'build', '-o', module, '.']),
  ];
  return found.filter((one) => one !== undefined);
}

function built(name: string, program: string, tool: string, build: readonly string[]): NativePeer | undefined {
  try {
    execFileSync(tool, [...build], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: Buffer };
    const reason = code === 'ENOENT' ? `${tool} is not installed` : `${tool} could not build it: ${lastLine(String(stderr))}`;
    console.log(`skipped: ${name}: ${reason}`);
    return undefined;
  }
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    name,
    async encode({ k, n, rowSize }) {
      child.stdin.write(`encode ${k} ${n} ${rowSize}\n`);
      const { value, done } = await answers.next();
      if (done === true) throw new Error(`${name} ended`);
      return Number(value) / 1e6;
    },
    stop: () => child.stdin.end(),
  };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
