import { MAX_MEMPOOL_BYTES, MAX_MEMPOOL_TXS } from '@perigee/wire';

/** Blocks follow each other at least so much later, milliseconds: time for the votes of slower validators to get into the commit. */
const COMMIT_WAIT_MS = 100;
/** A message to another node waits so long for more, and a node's needs are looked at so often, milliseconds: a block takes several of each. */
const GOSSIP_WAIT_MS = 10;
/** A proposal is waited for at least so long, milliseconds, and three block intervals where they are longer. */
const MIN_PROPOSAL_WAIT_MS = 1_000;

/** What an operator decides of a CometBFT node. */
export interface CometSettings {
  /** Where other CometBFT nodes connect. */
  readonly p2p: { readonly host: string; readonly port: number };
  /** `host:port` that others are told instead. */
  readonly externalAddress?: string;
  /** `<node id>@<host>:<port>` of nodes to connect to, and to stay connected with. */
  readonly peers: readonly string[];
  /** Where its RPC is served to others, such as nodes that sync their state; nowhere unless it is given. */
  readonly rpc?: { readonly host: string; readonly port: number };
  /** Time between blocks when nothing waits, milliseconds. */
  readonly blockIntervalMs: number;
  /** Begin from a snapshot of another node's state, where there is none yet. */
  readonly stateSync?: StateSyncSettings;
}

export interface StateSyncSettings {
  /** URLs of at least two RPCs that headers are compared from. */
  readonly rpcServers: readonly string[];
  /** A header that is known to be right. */
  readonly trustHeight: number;
  /** Hexadecimal. */
  readonly trustHash: string;
  readonly trustPeriodSeconds: number;
}

/** Sockets between CometBFT and this process: who reaches them drives the application, so they are files of its owner. */
export interface CometSockets {
  readonly abci: string;
  readonly rpc: string;
}

/**
 * The configuration of CometBFT v0.38; what is not in it is as CometBFT has it.
 *
 * Blocks come as they do from the embedded engine: soon after the last when a transaction waits or the state has changed, else after the interval.
 */
export function configToml(settings: CometSettings, sockets: CometSockets): string {
  const { p2p, rpc, peers, externalAddress = '', blockIntervalMs, stateSync } = settings;
  const commitMs = Math.min(COMMIT_WAIT_MS, blockIntervalMs);
  const rpcAddresses = [`unix://${sockets.rpc}`, ...(rpc === undefined ? [] : [`tcp://${hostPort(rpc)}`])];
  const sections: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>> = {
    '': {
      proxy_app: `unix://${sockets.abci}`,
      moniker: 'perigee',
      log_format: 'json',
      log_level: 'statesync:info,blocksync:info,*:error',
      abci: 'socket',
    },
    rpc: { laddr: rpcAddresses.join(',') },
    p2p: {
      laddr: `tcp://${hostPort(p2p)}`,
      external_address: externalAddress,
      persistent_peers: peers.join(','),
      // addresses of private networks are passed on too, and several nodes may share a machine
      addr_book_strict: false,
      allow_duplicate_ip: true,
      flush_throttle_timeout: `${GOSSIP_WAIT_MS}ms`,
    },
    mempool: { size: MAX_MEMPOOL_TXS, max_txs_bytes: MAX_MEMPOOL_BYTES, recheck: true },
    statesync: stateSync === undefined ? { enable: false } : stateSyncSection(stateSync),
    consensus: {
      timeout_propose: `${Math.max(MIN_PROPOSAL_WAIT_MS, 3 * blockIntervalMs)}ms`,
      timeout_commit: `${commitMs}ms`,
      peer_gossip_sleep_duration: `${GOSSIP_WAIT_MS}ms`,
      create_empty_blocks: true,
      create_empty_blocks_interval: `${blockIntervalMs - commitMs}ms`,
    },
    tx_index: { indexer: 'kv' },
  };
  return Object.entries(sections)
    .map(([name, values]) => {
      const lines = Object.entries(values).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
      return [...(name === '' ? [] : [`[${name}]`]), ...lines, ''].join('\n');
    })
    .join('\n');
}

function stateSyncSection(sync: StateSyncSettings): Readonly<Record<string, string | number | boolean>> {
  return {
    enable: true,
    rpc_servers: sync.rpcServers.join(','),
    trust_height: sync.trustHeight,
    trust_hash: sync.trustHash,
    trust_period: `${sync.trustPeriodSeconds}s`,
    discovery_time: '5s',
  };
}

function hostPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
