import { formatTrustRoot, parseTime, type TrustRoot } from '@perigee/light-core/comet';
import { systemClock } from '@perigee/net';
import { fromHex, PerigeeError } from '@perigee/wire';
import { writeFileWhole } from '../files.ts';
import { type Child, startChild } from './child.ts';
import { type DevnetLayout, devnetLayout } from './layout.ts';
import { prepareDevnet } from './prepare.ts';
import { type NodeReady, parseNodeReady } from './ready.ts';

export interface DevnetOptions {
  readonly home: string;
  readonly nodes: number;
  /** Interface that the nodes listen on. */
  readonly host: string;
  readonly blockMs: number;
  readonly signal: AbortSignal;
  /** What the nodes say, line by line. */
  readonly onLine: (line: string) => void;
}

export interface Devnet {
  readonly layout: DevnetLayout;
  readonly trustRoot: TrustRoot;
  /** Each node's process, the one with the chain first. */
  readonly nodes: readonly { readonly child: Child; readonly ready: NodeReady }[];
  /** Resolves when the node with the chain has ended: without the others the network goes on, as a network should. */
  readonly chainEnded: Promise<void>;
  stop(): Promise<void>;
}

/**
 * A whole network on one machine: a process a node, the first with the chain on the embedded engine, all with data availability.
 *
 * @throws GENESIS, INVALID_ARGUMENT, INTERNAL when a node does not start
 */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  const layout = devnetLayout(options.home, options.nodes);
  await prepareDevnet(layout, systemClock);
  const children: Child[] = [];
  const stop = async (): Promise<void> => {
    // the chain last, so that the others can end what they do with it
    await Promise.all(children.slice(1).map((child) => child.stop()));
    await children[0]?.stop();
  };
  const start = async (i: number, words: readonly string[]): Promise<{ child: Child; ready: NodeReady }> => {
    const { home } = layout.nodes[i] ?? { home: '' };
    // a devnet that is killed leaves no node behind
    const argv = ['node', '--until-stdin-ends', '--home', home, '--listen', options.host, ...words];
    const onLine = (line: string): void => options.onLine(`node${i} ${line}`);
    const child = await startChild(argv, onLine, options.signal).catch((cause) => {
      const error = PerigeeError.from(cause);
      if (error.code === 'ABORTED') throw error;
      const remedy = `to begin with a new network, delete ${options.home}`;
      throw new PerigeeError(error.code, `node${i} of the network did not start: ${error.message}; ${remedy}`, { cause });
    });
    children[i] = child;
    return { child, ready: parseNodeReady(child.ready) };
  };
  try {
    const validators = layout.validators.flatMap((path) => ['--validator-key', path]);
    const chainWords = ['--role', 'chain,da', '--genesis', layout.genesis, '--block-ms', String(options.blockMs), ...validators];
    const first = await start(0, chainWords);
    const root = trustRootOf(first.ready, first.ready.multiaddrs);
    await writeFileWhole(layout.chain, formatTrustRoot(root));
    const others = await Promise.all(
      layout.nodes.slice(1).map((_, i) => start(i + 1, ['--role', 'da', '--chain', layout.chain])),
    );
    const nodes = [first, ...others];
    // every node is a way in: the page must not depend on one of them
    const trustRoot = trustRootOf(
      first.ready,
      nodes.flatMap(({ ready }) => ready.multiaddrs),
    );
    await writeFileWhole(layout.chain, formatTrustRoot(trustRoot));
    nodes.forEach(
      ({ child }, i) =>
        void child.ended.then(() =>
          options.onLine(`node${i} has ended; the network goes on without it until it is started again`),
        ),
    );
    return { layout, trustRoot, nodes, chainEnded: first.child.ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function trustRootOf({ chainId, genesisHash, head }: NodeReady, peers: readonly string[]): TrustRoot {
  if (head === undefined) throw new PerigeeError('INTERNAL', 'the node with the chain has no header yet');
  return {
    chainId,
    genesisHash: fromHex(genesisHash, 32),
    height: head.height,
    headerHash: fromHex(head.headerHash, 32),
    time: parseTime(head.time),
    peers,
  };
}
