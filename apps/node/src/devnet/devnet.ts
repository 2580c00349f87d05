import { hasEmbeddingsEn } from '@perigee/compute/engines/embeddings-en-package';
import { formatTrustRoot, parseTime, type TrustRoot, unixMs } from '@perigee/light-core/comet';
import { systemClock } from '@perigee/net';
import { fromHex, PerigeeError, TRUSTING_PERIOD_MS } from '@perigee/wire';
import { type Logger, relay } from '../cli/log.ts';
import { writeNamedFile } from '../files.ts';
import { EMBEDDINGS_MODEL, OWN_MODEL } from '../roles/compute-options.ts';
import { type Child, startChild } from './child.ts';
import { Clients } from './clients.ts';
import { parseInbound } from './inbound.ts';
import { type DevnetLayout, devnetLayout } from './layout.ts';
import { prepareDevnet } from './prepare.ts';
import { type NodeReady, parseNodeReady } from './ready.ts';

/** The smallest budget that a node takes, GiB. */
const MIN_BUDGET_GIB = 0.01;

export interface DevnetOptions {
  readonly home: string;
  readonly nodes: number;
  /** Stake of each node; see `prepareDevnet`. */
  readonly stakes: readonly bigint[] | undefined;
  /** Interface that the nodes listen on. */
  readonly host: string;
  readonly blockMs: number;
  /** Disk for the rows of all nodes together, bytes. */
  readonly daBudgetBytes: number;
  /** Disk for the segments of files of all nodes together, bytes. */
  readonly storageBudgetBytes: number;
  /** Height of the trust root; the latest when it is not named. */
  readonly trustHeight: number | undefined;
  /** Nodes that answer, too, with the models that come with the program: the last ones. */
  readonly providers: number;
  /** Serve `/metrics` and `/healthz` of each node. */
  readonly monitor: boolean;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Told what is begun, in words. */
  readonly onStep: (words: string) => void;
}

export interface Devnet {
  readonly layout: DevnetLayout;
  readonly trustRoot: TrustRoot;
  /** Each node's process, the one with the chain first. */
  readonly nodes: readonly { readonly child: Child; readonly ready: NodeReady }[];
  /** Resolves with why when the node with the chain has ended: without the others the network goes on, as a network should. */
  readonly chainEnded: Promise<PerigeeError>;
  /** Who is connected that is no part of this. */
  readonly clients: Clients;
  stop(): Promise<void>;
}

/**
 * A whole network on one machine: a process a node, the first with the chain on the embedded engine, all with data availability and a shard of
 * the stored files, and some with role compute.
 *
 * @throws GENESIS, INVALID_ARGUMENT, INTERNAL when a node does not start
 */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  const { log } = options;
  const layout = devnetLayout(options.home, options.nodes);
  const { genesis, stakes } = await prepareDevnet(layout, options.stakes, systemClock);
  // a folder of an older program may have a chain without stored files
  const storesFiles = genesis.appState.storage !== undefined;
  const firstProvider = genesis.appState.compute === undefined ? options.nodes : options.nodes - options.providers;
  const rolesOf = (i: number): string =>
    ['da', ...(storesFiles ? ['storage'] : []), ...(i >= firstProvider ? ['compute'] : [])].join();
  const models = [OWN_MODEL, ...(hasEmbeddingsEn() ? [EMBEDDINGS_MODEL] : [])].flatMap((name) => ['--model', name]);
  const numShard = 2 ** Math.floor(Math.log2(options.nodes));
  const clients = new Clients();
  const children: Child[] = [];
  let isStopping = false;
  const stop = async (): Promise<void> => {
    isStopping = true;
    // the chain last, so that the others can end what they do with it
    await Promise.all(children.slice(1).map((child) => child.stop()));
    await children[0]?.stop();
  };
  const start = async (i: number, words: readonly string[]): Promise<{ child: Child; ready: NodeReady }> => {
    const { home } = layout.nodes[i] ?? { home: '' };
    const stake = Number(stakes[i]) / stakes.reduce((sum, one) => sum + Number(one), 0);
    const budgetGib = Math.max(MIN_BUDGET_GIB, (options.daBudgetBytes * stake) / 2 ** 30);
    const storageGib = Math.max(MIN_BUDGET_GIB, options.storageBudgetBytes / options.nodes / 2 ** 30);
    // a devnet that is killed leaves no node behind
    const common = ['--until-stdin-ends', '--home', home, '--listen', options.host, '--da-budget', String(budgetGib)];
    const storage = ['--shard', `${i % numShard}/${numShard}`, '--storage-budget', String(storageGib), '--zgs-port', '0'];
    const argv = [
      'node',
      ...common,
      ...(storesFiles ? storage : []),
      ...(i >= firstProvider ? ['--compute-port', '0', '--compute-free', ...models] : []),
      ...(options.monitor ? ['--metrics-port', '0'] : []),
      ...(i === options.nodes - 1 ? ['--relay'] : []), // the last: not the one with the chain, where there is another
      '--log-level',
      log.level,
      ...words,
    ];
    const own = log.child({ node: i });
    const on = {
      line: (line: string) => relay(own, line),
      message: (message: unknown) => clients.note(i, parseInbound(message) ?? []),
    };
    const child = await startChild(argv, on, options.signal).catch((cause) => {
      const error = PerigeeError.from(cause);
      if (error.code === 'ABORTED') throw error;
      throw new PerigeeError(error.code, `node${i} of the network did not start: ${error.message}`, { cause });
    });
    children[i] = child;
    const ready = parseNodeReady(child.ready);
    clients.addOwn(ready.peerId);
    return { child, ready };
  };
  try {
    const validators = layout.validators.flatMap((path) => ['--validator-key', path]);
    const faucet = genesis.appState.faucet === undefined ? [] : ['--faucet-key', layout.faucet];
    const height = options.trustHeight === undefined ? [] : ['--trust-height', String(options.trustHeight)];
    const chainWords = ['--role', `chain,${rolesOf(0)}`, '--genesis', layout.genesis, '--block-ms', String(options.blockMs)];
    options.onStep(`starting the node with the chain, 1 of ${options.nodes}`);
    const first = await start(0, [...chainWords, ...validators, ...faucet, ...height]);
    const root = trustRootOf(first.ready, first.ready.multiaddrs);
    await writeNamedFile(layout.chain, formatTrustRoot(root));
    if (options.nodes > 1) options.onStep(`starting the other nodes, 2 to ${options.nodes}`);
    const others = await Promise.all(
      layout.nodes.slice(1).map((_, i) => start(i + 1, ['--role', rolesOf(i + 1), '--chain', layout.chain])),
    );
    const nodes = [first, ...others];
    // every node is a way in: the page must not depend on one of them
    const trustRoot = trustRootOf(
      first.ready,
      nodes.flatMap(({ ready }) => ready.multiaddrs),
    );
    await writeNamedFile(layout.chain, formatTrustRoot(trustRoot));
    others.forEach(({ child }, i) => {
      void child.lastWords.then(({ code, message }) => {
        if (isStopping) return;
        log.warn(
          { node: i + 1, code },
          `the node has ended (${message}); the network goes on without it until it is started again`,
        );
      });
    });
    return { layout, trustRoot, nodes, chainEnded: first.child.lastWords, clients, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function trustRootOf({ chainId, genesisHash, root }: NodeReady, peers: readonly string[]): TrustRoot {
  if (root === undefined) throw new PerigeeError('INTERNAL', 'the node with the chain has no header yet');
  const time = parseTime(root.time);
  if (unixMs(time) + TRUSTING_PERIOD_MS <= systemClock.now()) {
    throw new PerigeeError(
      'TRUST_EXPIRED',
      `header ${root.height} is of ${root.time}: too old to be trusted; choose a later one`,
    );
  }
  return {
    chainId,
    genesisHash: fromHex(genesisHash, 32),
    height: root.height,
    headerHash: fromHex(root.headerHash, 32),
    time,
    peers,
  };
}
