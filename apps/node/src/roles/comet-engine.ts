import { join } from 'node:path';
import type { Genesis } from '@perigee/chain';
import { CometChain, nodeIdOf, type StateSyncSettings } from '@perigee/chain/cometbft';
import { parseTrustLink } from '@perigee/light-core/comet';
import { systemClock } from '@perigee/net';
import { PerigeeError, TRUSTING_PERIOD_MS, toHex } from '@perigee/wire';
import type { OptionSpecs, Options } from '../cli/args.ts';
import type { Logger } from '../cli/log.ts';
import { ensureSecret, readSecret } from '../keys.ts';
import { logCometLine } from './comet-log.ts';

const DEFAULT_P2P_PORT = 26_656;
const DEFAULT_SNAPSHOT_BLOCKS = 1_000;

/** Options of a chain whose blocks CometBFT makes. */
export const COMET_OPTIONS = {
  cometbft: { kind: 'text', value: 'FILE', help: 'program of CometBFT v0.38 (default: cometbft on the PATH)' },
  'cometbft-port': {
    kind: 'integer',
    value: 'PORT',
    range: [1, 65_535],
    help: `port for other CometBFT nodes (default ${DEFAULT_P2P_PORT})`,
  },
  'cometbft-announce': { kind: 'text', value: 'HOST:PORT', help: 'address to tell other CometBFT nodes instead' },
  'cometbft-peer': { kind: 'list', value: 'ID@HOST:PORT', help: 'CometBFT node to connect to; may be given again' },
  'cometbft-rpc': { kind: 'text', value: 'HOST:PORT', help: 'serve the RPC of CometBFT there (default: not served)' },
  'snapshot-blocks': {
    kind: 'integer',
    value: 'BLOCKS',
    range: [0, 1_000_000],
    help: `take a snapshot of the state at multiples of this height, for others to begin from; 0 for never (default ${DEFAULT_SNAPSHOT_BLOCKS})`,
  },
  'state-sync': {
    kind: 'list',
    value: 'URL',
    help: 'begin from a snapshot, and ask this RPC for its headers; at least two, with --trust',
  },
} as const satisfies OptionSpecs;

export interface CometEngineOptions extends Options<typeof COMET_OPTIONS> {
  readonly home: string;
  readonly genesis: Genesis;
  /** Path of the validator's key; none for a node that only follows. */
  readonly validatorKeys: readonly string[];
  readonly blockMs: number;
  /** IP address that CometBFT listens on. */
  readonly listen: string;
  /** Header that is believed, `--trust`. */
  readonly trust: string | undefined;
  readonly log: Logger;
  readonly onFault: (error: PerigeeError) => void;
  readonly signal: AbortSignal;
}

/** A chain on CometBFT, which runs as a process of this one's. @returns it, and `<node id>@<host>:<port>` where other CometBFT nodes find it */
export async function openCometChain(options: CometEngineOptions): Promise<{ chain: CometChain; address: string }> {
  const { home, genesis, validatorKeys, blockMs, listen, log, onFault, signal } = options;
  const [validatorKey, ...others] = validatorKeys;
  if (others.length > 0) {
    throw new PerigeeError('INVALID_ARGUMENT', 'one CometBFT signs for one validator: name one --validator-key');
  }
  const [p2p, announced] = [{ host: listen, port: options['cometbft-port'] ?? DEFAULT_P2P_PORT }, options['cometbft-announce']];
  if (announced !== undefined) readAddress(announced, '--cometbft-announce');
  const stateSync = readStateSync(options);
  const rpc = options['cometbft-rpc'];
  const snapshotBlocks = options['snapshot-blocks'] ?? DEFAULT_SNAPSHOT_BLOCKS;
  const nodeSecret = await ensureSecret(join(home, 'cometbft-node.key'));
  const address = `${nodeIdOf(nodeSecret)}@${announced ?? `${listen.includes(':') ? `[${listen}]` : listen}:${p2p.port}`}`;
  log.info({ address }, 'CometBFT starts');
  const chain = await CometChain.open(
    {
      dir: join(home, 'chain'),
      genesis,
      program: options.cometbft ?? 'cometbft',
      settings: {
        p2p,
        peers: readPeers(options['cometbft-peer']),
        blockIntervalMs: blockMs,
        ...(announced === undefined ? {} : { externalAddress: announced }),
        ...(rpc === undefined ? {} : { rpc: readAddress(rpc, '--cometbft-rpc') }),
        ...(stateSync === undefined ? {} : { stateSync }),
      },
      // a node that only follows signs nothing, but CometBFT wants a key
      validatorSecret: await (validatorKey === undefined
        ? ensureSecret(join(home, 'cometbft-no-validator.key'))
        : readSecret(validatorKey)),
      nodeSecret,
      clock: systemClock,
      ...(snapshotBlocks === 0 ? {} : { snapshotInterval: snapshotBlocks }),
      onLine: (line) => logCometLine(log, line),
      onFault,
    },
    signal,
  ).catch((cause: unknown) => {
    const { code, message } = PerigeeError.from(cause);
    if (code === 'UNREACHABLE') throw new PerigeeError(code, `${message}: --cometbft-port, --cometbft-rpc, --listen`, { cause });
    if (code === 'NOT_FOUND') throw new PerigeeError(code, `${message} with --cometbft FILE`, { cause });
    throw cause;
  });
  return { chain, address };
}

function readPeers(peers: readonly string[]): readonly string[] {
  const bad = peers.find((peer) => !/^[0-9a-f]{40}@[^@\s,"]+:\d{1,5}$/.test(peer));
  if (bad === undefined) return peers;
  throw new PerigeeError(
    'INVALID_ARGUMENT',
    `--cometbft-peer is "${bad.slice(0, 120)}"; it must be <node id of 40 hexadecimal digits>@<host>:<port>`,
  );
}

function readAddress(text: string, option: string): { host: string; port: number } {
  const [, host, port] = /^([^\s:/[\]",]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw new PerigeeError('INVALID_ARGUMENT', `${option} is "${text.slice(0, 120)}"; it must be <host>:<port>`);
  }
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function readStateSync({ trust, genesis, 'state-sync': rpcServers }: CometEngineOptions): StateSyncSettings | undefined {
  if (rpcServers.length === 0) return undefined;
  const bad = rpcServers.find((url) => !/^https?:\/\/[^\s,"]+$/.test(url));
  if (bad !== undefined) throw new PerigeeError('INVALID_ARGUMENT', `--state-sync is "${bad.slice(0, 120)}"; it must be a URL`);
  if (rpcServers.length < 2) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      '--state-sync must name two RPCs at least: what one says is compared with the other',
    );
  }
  if (trust === undefined)
    throw new PerigeeError('INVALID_ARGUMENT', '--state-sync needs --trust ID:HEIGHT:HASH, a header to begin from');
  const { chainId, height, headerHash } = parseTrustLink(trust);
  if (chainId !== genesis.initChain.chainId) {
    throw new PerigeeError(
      'WRONG_CHAIN',
      `--trust names chain ${chainId}, and --genesis is that of ${genesis.initChain.chainId}`,
    );
  }
  return { rpcServers, trustHeight: height, trustHash: toHex(headerHash), trustPeriodSeconds: TRUSTING_PERIOD_MS / 1_000 };
}
