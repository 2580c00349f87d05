import { mkdtemp, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@perigee/net';
import type { LightNode } from '@perigee/sampler';
import { createFilePool } from '@perigee/sampler/files';
import { PerigeeError, toHex } from '@perigee/wire';
import type { Monitor } from '../health/monitor.ts';
import { ensureSecret } from '../keys.ts';
import { startLightServer } from './light-server.ts';

export interface Serving {
  readonly host: string;
  readonly port: number;
  readonly origins: readonly string[];
}

/**
 * What `--serve` and `--serve-origin` say.
 *
 * @throws INVALID_ARGUMENT also for an address that others reach: what is served there is for this machine alone
 */
export function servingOf(address: string | undefined, origins: readonly string[]): Serving | undefined {
  const bad = origins.find((origin) => !isOrigin(origin));
  if (bad !== undefined) throw wrong(`--serve-origin is "${bad.slice(0, 80)}"; it must be an origin, as https://example.org`);
  if (address === undefined) {
    if (origins.length > 0) throw wrong('--serve-origin says who may ask: say where with --serve 127.0.0.1:PORT');
    return undefined;
  }
  const [, host = '', digits = ''] = /^(.+):(\d{1,5})$/.exec(address) ?? [];
  const ip = host.replace(/^\[(.*)\]$/, '$1');
  const port = Number(digits);
  const isLoopback = ip === '::1' || (isIP(ip) === 4 && ip.startsWith('127.'));
  if (digits !== '' && port <= 65_535 && isLoopback) return { host: ip, port, origins };
  throw wrong(`--serve is "${address.slice(0, 80)}"; it must be a loopback address and a port, as 127.0.0.1:8547`);
}

/** Serves a node until it is stopped. @returns where, and the file that holds the token: made at the first start */
export async function serveNode({
  host,
  port,
  origins,
  node,
  home,
  monitor,
  onStop,
  onFault,
}: Serving & {
  readonly node: LightNode;
  readonly home: string;
  readonly monitor: Monitor;
  readonly onStop: (stop: () => Promise<void>) => void;
  readonly onFault: (error: PerigeeError) => void;
}): Promise<{ readonly serve: string; readonly tokenFile: string }> {
  const tokenFile = join(home, 'serve.token');
  const token = toHex(await ensureSecret(tokenFile));
  const folder = await mkdtemp(join(tmpdir(), 'perigee-serve-'));
  onStop(() => rm(folder, { recursive: true, force: true }));
  const pool = createFilePool(1);
  onStop(() => pool.close());
  const files = { state: node.chain, storage: node.storage, pool, clock: systemClock };
  const server = await startLightServer({ host, port, token, origins, node, files, folder, monitor, onFault });
  onStop(() => server.close());
  return { serve: server.url, tokenFile };
}

function isOrigin(text: string): boolean {
  try {
    return new URL(text).origin === text;
  } catch {
    return false;
  }
}

function wrong(words: string): PerigeeError {
  return new PerigeeError('INVALID_ARGUMENT', words);
}
