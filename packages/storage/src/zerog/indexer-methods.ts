import { randomInt } from 'node:crypto';
import { type Shard, selectNodes } from '@perigee/light-core/storage';
import type { Caller } from '@perigee/net/http';
import { PerigeeError } from '@perigee/wire';
import type { ListedNode, StorageDirectory } from '../node/index.ts';
import type { FileLocator } from './file-locations.ts';
import type { Files } from './files.ts';
import type { RpcMethods } from './http/json-rpc.ts';
import { ALL_SEGMENTS, copiesOf, faceUrl } from './network-face.ts';
import { hashParam, numberParam } from './params.ts';
import { invalidParam } from './rpc-error.ts';

/** `ShardedNode` as 0G's clients know it. */
interface ShardedNode {
  readonly url: string;
  readonly config: Shard;
  /** Milliseconds. */
  readonly latency: number;
  /** Seconds since 1970. */
  readonly since: number;
}

export interface IndexerParts {
  readonly files: Files;
  readonly locator: FileLocator;
  readonly directory: Pick<StorageDirectory, 'nodes'>;
  readonly own: { readonly url: string | undefined; readonly shard: Shard; readonly sinceMs: number };
  /** Peer ids of those whom stake stands behind: members of the committee whose records were verified. */
  readonly members: () => Promise<ReadonlySet<string>>;
}

/** Ways to order nodes before they are chosen. */
const METHODS = ['min', 'max', 'random'] as const;

/** `indexer_*` of 0G's indexer, over the nodes that this one is connected to. Only those are listed that say where their HTTP interface is. */
export function indexerMethods(parts: IndexerParts): RpcMethods {
  const { files, locator, directory, own, members } = parts;

  const self = (): ShardedNode[] =>
    own.url === undefined ? [] : [{ url: own.url, config: own.shard, latency: 0, since: seconds(own.sinceMs) }];
  /** The network as one node, for each copy that it has room for. */
  const faces = (nodes: readonly ListedNode[]): ShardedNode[] => {
    const { url } = own;
    if (url === undefined) return [];
    const shards = [own.shard, ...nodes.map(({ shard }) => shard)];
    const copies = copiesOf(shards);
    // where nodes keep everything themselves they need nobody in front of them
    if (shards.filter(({ numShard }) => numShard === 1).length >= copies) return [];
    const config = ALL_SEGMENTS;
    return Array.from({ length: copies }, (_, i) => ({
      url: faceUrl(url, i + 1),
      config,
      latency: 0,
      since: seconds(own.sinceMs),
    }));
  };
  const listed = async (): Promise<{ whole: ShardedNode[]; trusted: ShardedNode[]; discovered: ShardedNode[] }> => {
    const known = await members();
    const nodes = directory.nodes();
    const trusted = nodes.filter(({ peerId }) => known.has(peerId));
    return {
      whole: faces(trusted),
      trusted: [...self(), ...shown(trusted)],
      discovered: shown(nodes.filter(({ peerId }) => !known.has(peerId))),
    };
  };

  const methods: Readonly<Record<string, (params: readonly unknown[], caller: Caller) => Promise<unknown>>> = {
    async indexer_getShardedNodes() {
      const { whole, trusted, discovered } = await listed();
      // beside its faces the nodes of the network would count twice
      return { trusted: whole.length > 0 ? whole : trusted, discovered };
    },

    async indexer_getSelectedNodes([replicas = 1, method = 'min', fullTrusted = false, dropped = []]) {
      const count = numberParam(replicas, 'expected_replica');
      const { whole, trusted, discovered } = await listed();
      const isWanted = ({ url }: ShardedNode): boolean => !(Array.isArray(dropped) && dropped.includes(url));
      const order = orderOf(method);
      const [wholes, some, others] = [whole, trusted, discovered].map((nodes) => order(nodes.filter(isWanted))) as [
        ShardedNode[],
        ShardedNode[],
        ShardedNode[],
      ];
      const chooseTrusted = (copies: number): ShardedNode[] | undefined => choose(wholes, copies) ?? choose(some, copies);
      if (fullTrusted !== true) {
        // 0G's share; those that nobody stands behind alone are never all
        const share = Math.floor((count * 3) / 5);
        const chosen = share === 0 ? undefined : choose(others, share);
        const rest = chosen && chooseTrusted(count - share);
        if (rest !== undefined) return { trusted: rest, discovered: chosen };
      }
      const all = chooseTrusted(count);
      if (all !== undefined) return { trusted: all, discovered: [] };
      throw new PerigeeError('NOT_FOUND', `the nodes that are known do not hold every segment ${count} times`);
    },

    /** Where machines stand is not looked up anywhere: it would tell others who is asked for. */
    async indexer_getNodeLocations() {
      const { trusted, discovered } = await listed();
      const nowhere = { city: '', region: '', country: '', location: '', timezone: '' };
      return Object.fromEntries([...trusted, ...discovered].map(({ url }) => [new URL(url).hostname, nowhere]));
    },

    async indexer_getFileLocations([root], { signal }) {
      const file = await files.byRoot(hashParam(root, 'root'), true, signal);
      // a list: one version of 0G's client looks at its length at once
      if (file === undefined) return [];
      const found = await locator.find(file, signal);
      return [...(found.own ? self() : []), ...shown(found.others)];
    },
  };
  return {
    handles: (method) => Object.hasOwn(methods, method),
    call: async (method, params, caller) => methods[method]?.(params, caller),
  };
}

function shown(nodes: readonly ListedNode[]): ShardedNode[] {
  return nodes.flatMap(({ url, shard, rttMs, sinceMs }) =>
    url === undefined || !URL.canParse(url)
      ? []
      : [{ url, config: shard, latency: Math.round(rttMs ?? 0), since: seconds(sinceMs) }],
  );
}

function choose(nodes: readonly ShardedNode[], replicas: number): ShardedNode[] | undefined {
  if (replicas === 0) return [];
  try {
    return selectNodes(
      nodes.map((node) => ({ ...node, shard: node.config })),
      replicas,
    ).map(({ shard: _, ...node }) => node);
  } catch {
    return undefined;
  }
}

/** @throws RpcError */
function orderOf(method: unknown): (nodes: ShardedNode[]) => ShardedNode[] {
  switch (method) {
    case 'min':
    case '':
      return (nodes) => nodes.sort((a, b) => a.config.numShard - b.config.numShard);
    case 'max':
      return (nodes) => nodes.sort((a, b) => b.config.numShard - a.config.numShard);
    case 'random':
      return shuffled;
    default:
      throw invalidParam('method', `it is one of ${METHODS.join(', ')}`);
  }
}

function shuffled<T>(list: T[]): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
