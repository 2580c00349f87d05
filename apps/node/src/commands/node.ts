import { join, resolve } from 'node:path';
import { decodeGenesis } from '@perigee/chain';
import { serveCollateral } from '@perigee/compute/collateral';
import { PeerDirectory } from '@perigee/da/node';
import { bestEd25519 } from '@perigee/light-core/signature';
import { createHost, type Host, serveStatus, systemClock } from '@perigee/net';
import { Relay } from '@perigee/net/relay';
import { Providers, StorageDirectory } from '@perigee/storage/node';
import { PerigeeError, type Status, toHex } from '@perigee/wire';
import { nodeJob } from '@perigee/workers/node';
import type { Options } from '../cli/args.ts';
import { defineCommand } from '../cli/command.ts';
import { aborted, stdinEnded, withStops } from '../cli/lifetime.ts';
import type { Logger } from '../cli/log.ts';
import { servedCollateral } from '../collateral.ts';
import { tellInbound } from '../devnet/inbound.ts';
import type { NodeReady } from '../devnet/ready.ts';
import { makeFolder, readFileOf } from '../files.ts';
import { createMonitor, startMonitor } from '../health/monitor.ts';
import { NodeHealth } from '../health/node-health.ts';
import { ensureKey } from '../keys.ts';
import { lightBlobSource, ownTrust } from '../roles/blob-source.ts';
import { startChainRole } from '../roles/chain-role.ts';
import type { ChainSource } from '../roles/chain-source.ts';
import { openCometChain } from '../roles/comet-engine.ts';
import { startComputeRole } from '../roles/compute-role.ts';
import { startDaRole } from '../roles/da-role.ts';
import { openEmbeddedChain } from '../roles/embedded-engine.ts';
import { startFollower } from '../roles/follower.ts';
import { readShard, startStorageRole } from '../roles/storage-role.ts';
import { startEthereumRole, startZerogRole } from '../roles/zerog-role.ts';
import { readTrust } from '../trust.ts';
import { DEFAULT_BUDGET_GIB, NODE_OPTIONS, ROLES } from './node-options.ts';

const DEFAULT_BLOCK_MS = 1_000;

export const node = defineCommand({
  name: 'node',
  usage: '',
  summary: 'run a node with one or more roles',
  options: NODE_OPTIONS,
  async run({ options }, { output, log, signal, home: folder }) {
    if (folder === undefined) throw new PerigeeError('INVALID_ARGUMENT', 'name a folder for the node: --home DIR');
    const home = resolve(folder);
    const roles = (options.role ?? 'da').split(',');
    const unknown = roles.find((role) => !ROLES.includes(role));
    if (unknown !== undefined) {
      throw new PerigeeError('INVALID_ARGUMENT', `--role names "${unknown}"; known are ${ROLES.join(', ')}`);
    }
    const blockMs = options['block-ms'] ?? DEFAULT_BLOCK_MS;
    const shard = readShard(options.shard ?? '0/1');
    const verifyEd25519 = bestEd25519(crypto.subtle);
    await makeFolder(home);
    await withStops(async (onStop) => {
      const host = await listen(home, options, log);
      onStop(() => host.stop());
      tellInbound(host);

      let health: NodeHealth | undefined;
      const onFault = (error: PerigeeError): void => {
        log.error({ code: error.code, ...error.data }, error.message);
        health?.fault(error);
      };
      const { source: chain, cometbft } = roles.includes('chain')
        ? await ownChain({ host, home, options, log, onFault, signal })
        : { source: await startFollower(host, await readTrust(options), signal), cometbft: undefined };
      onStop(() => chain.stop());
      const { chainId, genesisHash, state } = chain;

      const da = roles.includes('da')
        ? await startDaRole({
            host,
            home,
            state,
            signer: await ensureKey(join(home, 'member.key')),
            verifyEd25519,
            budgetBytes: bytesOf(options['da-budget']),
            onFault,
          })
        : undefined;
      if (da !== undefined) onStop(() => da.stop());
      const files = new StorageDirectory({ host, genesisHash, now: systemClock.now });
      onStop(() => files.stop());
      const peers = () => files.nodes().map(({ peerId, shard }) => ({ peerId, multiaddrs: [], shard }));
      const blobs = lightBlobSource(() => (roles.includes('chain') ? ownTrust(host, chain) : readTrust(options)));
      const storageBudget = bytesOf(options['storage-budget']);
      const storage = roles.includes('storage')
        ? await startStorageRole({
            host,
            home,
            state,
            shard,
            budgetBytes: storageBudget,
            peers,
            blobs,
            transactions: chain.transactions,
            signer: await ensureKey(join(home, 'member.key')),
            onFault,
          })
        : undefined;
      if (storage !== undefined) onStop(() => storage.stop());
      const compute = roles.includes('compute')
        ? await startComputeRole({ options, host, home, chain, verifyEd25519, log, onFault, signal })
        : undefined;
      if (compute !== undefined) onStop(() => compute.stop());
      const relay = options.relay ? await Relay.start(host, genesisHash) : undefined;
      if (relay !== undefined) onStop(() => relay.stop());
      health = new NodeHealth({ host, state, clock: systemClock, blockMs, da: da?.node, storage: storage?.node, relay });
      onStop(health.stop);

      await serveCollateral(host, servedCollateral(home, state));

      const own = da === undefined ? {} : { own: () => da.node.peerRecord() };
      const onStatus = (peerId: string, status: Status): void => files.hear(peerId, status);
      const directory = new PeerDirectory({ host, state, clock: systemClock, verifyEd25519, onStatus, ...own });
      onStop(() => directory.stop());
      const members = async (): Promise<ReadonlySet<string>> =>
        new Set((await directory.records()).map(({ body }) => body.peerId));
      const { blocks } = chain;
      let url: string | undefined;
      const providers =
        storage &&
        (await Providers.start({
          host,
          genesisHash,
          log: storage.log,
          hash: storage.hash,
          clock: systemClock,
          verifyEd25519,
          url: () => url,
          onLiar(peerId, error, gaveFalse) {
            log.warn({ peer: peerId, code: error.code }, 'a node announced a file that it has not');
            if (gaveFalse) files.ban(peerId);
          },
        }));
      if (providers !== undefined) onStop(() => providers.stop());
      const zerog =
        storage === undefined
          ? blocks && (await startEthereumRole({ options, state, blocks, onFault }))
          : await startZerogRole({
              options,
              host,
              state,
              blocks,
              streams: chain.streams,
              storage,
              providers,
              directory: files,
              members,
              onFault,
            });
      if (zerog !== undefined) onStop(() => zerog.stop());
      url = zerog?.url;
      const offer = storage && { ...storage.log.shard, ...(zerog?.url === undefined ? {} : { url: zerog.url }) };
      await serveStatus(host, {
        chainId,
        genesisHash,
        roles: [...roles, ...(chain.hasFaucet ? ['faucet'] : []), ...(relay === undefined ? [] : ['relay'])],
        ...(offer && { storage: offer }),
        head: () => state.head(),
        earliest: () => chain.earliest,
        recentBlobs: () => chain.recentBlobs(),
        peers: () => directory.records(),
        onHead: (listener) => state.onHead(listener),
      });
      const { 'metrics-port': port, 'metrics-host': address = '127.0.0.1' } = options;
      const parts = { figures: health.figures(), checks: health.checks() };
      const monitor =
        port === undefined
          ? undefined
          : await startMonitor({ host: address, port, monitor: createMonitor(parts.figures, parts.checks) });
      if (monitor !== undefined) onStop(() => monitor.close());

      const root = await chain.root(options['trust-height']);
      output.ready({
        peerId: host.peerId,
        multiaddrs: host.multiaddrs().map((multiaddr) => `${multiaddr}/p2p/${host.peerId}`),
        roles,
        chainId,
        genesisHash: toHex(genesisHash),
        ...(root === undefined ? {} : { root: { ...root, headerHash: toHex(root.headerHash) } }),
        ...(cometbft === undefined ? {} : { cometbft }),
        ...(offer && { storage: offer }),
        ...(compute && { compute: compute.ready }),
        ...(blocks === undefined || zerog?.url === undefined ? {} : { ethereum: zerog.url }),
        ...(monitor === undefined ? {} : { metrics: monitor.url }),
      } satisfies NodeReady);
      log.info({ chain: chainId, height: state.head()?.height, roles: roles.join(',') }, 'the node serves');
      await Promise.race([aborted(signal), chain.running, stdinEnded(options['until-stdin-ends'])]);
    });
  },
});

function bytesOf(gib = DEFAULT_BUDGET_GIB): number {
  return Math.floor(gib * 2 ** 30);
}

interface OwnChainOptions {
  readonly host: Host;
  readonly home: string;
  readonly options: Options<typeof NODE_OPTIONS>;
  readonly log: Logger;
  readonly onFault: (error: PerigeeError) => void;
  readonly signal: AbortSignal;
}

/** The chain of this node, and where other CometBFT nodes find it. */
async function ownChain(own: OwnChainOptions): Promise<{ readonly source: ChainSource; readonly cometbft?: string }> {
  const { host, home, options, log, onFault, signal } = own;
  const {
    genesis: path,
    'faucet-key': faucetKey,
    'validator-key': validatorKeys,
    'block-ms': blockMs = DEFAULT_BLOCK_MS,
  } = options;
  if (path === undefined) throw new PerigeeError('INVALID_ARGUMENT', 'role chain needs --genesis FILE');
  const genesis = decodeGenesis(await readFileOf(path, 'the genesis of the chain (--genesis)'));
  const common = { home, genesis, validatorKeys, blockMs };
  if (options.engine !== 'cometbft') {
    return { source: await startChainRole({ host, chain: await openEmbeddedChain(common), faucetKey }) };
  }
  const listen = options.listen ?? '127.0.0.1';
  const { chain, address } = await openCometChain({ ...options, ...common, listen, log, onFault, signal });
  return { source: await startChainRole({ host, chain, faucetKey }), cometbft: address };
}

async function listen(home: string, options: Options<typeof NODE_OPTIONS>, log: Logger): Promise<Host> {
  const { 'webtransport-port': port, deno } = options;
  const onFault = ({ code, message }: PerigeeError): void => log.warn({ code }, message);
  try {
    return await createHost({
      directory: join(home, 'net'),
      listen: {
        host: options.listen ?? '127.0.0.1',
        tcp: options['tcp-port'] ?? 0,
        websocket: options['ws-port'] ?? 0,
        webrtcDirect: options['webrtc-port'] ?? 0,
        ...(port === undefined
          ? {}
          : { webtransport: { port, deno, program: nodeJob('webtransport', import.meta.url), onFault } }),
      },
      announce: options.announce,
      allowPrivate: true,
    });
  } catch (cause) {
    if (!(cause instanceof PerigeeError) || cause.code !== 'UNREACHABLE') throw cause;
    const remedy =
      'end the program that has it, or choose others with --tcp-port, --ws-port, --webrtc-port, --webtransport-port and --listen';
    throw new PerigeeError('UNREACHABLE', `${cause.message}; ${remedy}`, { cause });
  }
}
