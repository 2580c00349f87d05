import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AdversaryProcess, type Fault, startAdversaryProcess } from './adversary.ts';
import { temporaryFolder } from './folder.ts';
import { freePort } from './port.ts';
import { runPerigee, startPerigee, type TestProcess } from './process.ts';

const LOOK_AGAIN_MS = 50;

export interface NetworkOptions {
  readonly home?: string;
  /** Port of the page. */
  readonly port?: number;
  /** Four by default; the first has the chain. */
  readonly nodes?: number;
  /** Of each node, in whole tokens; all alike by default. */
  readonly stakes?: readonly number[];
  readonly blockMs?: number;
  /** Nodes that answer, one by default. Where nobody asks, none: a provider reads its models when it starts, a sixth of what four nodes take then. */
  readonly providers?: number;
  /** Height of the trust root; the latest by default. */
  readonly trustHeight?: number;
  /** Disk for the rows of all nodes together, GiB. */
  readonly daBudgetGib?: number;
  /** Disk for the stored files of all nodes together, GiB. */
  readonly storageBudgetGib?: number;
  /** Seconds between blobs that the devnet publishes by itself while somebody is there to sample them; none by default. */
  readonly publishEvery?: number;
  /** Serve the figures of each node. */
  readonly monitor?: boolean;
  /** Added to the environment of all its processes: options of nodes that the devnet has none for. */
  readonly env?: Readonly<Record<string, string>>;
  /** Members that have a fault from the beginning, by their place (not the first). */
  readonly adversaries?: Readonly<Record<number, Fault>>;
}

export interface PublishOptions {
  readonly redundancy?: 2 | 4 | 8;
  /** Blocks. */
  readonly retention?: number;
  /** Ask that it is kept on after that. */
  readonly persist?: boolean;
}

/** A devnet of separate processes with its page. */
export interface Network {
  readonly url: string;
  readonly home: string;
  /** Path of the trust root. */
  readonly chain: string;
  /** Path of the account's key. */
  readonly account: string;
  /** Process ids of the nodes, those that were ended too. */
  readonly pids: readonly number[];
  /** The honest node at each place, the one with the chain first. */
  readonly nodes: readonly {
    readonly pid: number;
    readonly peerId: string;
    readonly home: string;
    readonly multiaddrs: readonly string[];
    /** Where its figures are, if they are served. */
    readonly metrics?: string;
  }[];
  /** Publishes a file, or so many random bytes, by the command line. @returns the blob's id */
  publish(data: number | string, options?: PublishOptions): Promise<string>;
  /** Resolves when the chain has made so many blocks more. */
  blocks(count: number): Promise<void>;
  /** Ends one node, as its operator does. */
  endNode(place: number): Promise<void>;
  /** The member at a place has a fault from now on; what was there before, honest or not, is ended first. */
  corrupt(place: number, fault: Fault): Promise<AdversaryProcess>;
  /** Those that have a fault now. */
  adversaries(): readonly AdversaryProcess[];
  /** Text of the trust root, with other peers in it: they are no part of the trust. @returns path of the file */
  chainOf(peers: readonly string[]): string;
  /** Everything that its honest processes wrote so far. */
  output(): string;
  stop(): Promise<void>;
  /** Ends every process at once, as a power cut does. */
  kill(): Promise<void>;
  /** Starts it again where it was: the same home, the same port of the page. */
  restart(changes?: Pick<NetworkOptions, 'blockMs' | 'trustHeight'>): Promise<Network>;
}

/** What `perigee devnet` prints when everything runs. */
interface Ready {
  readonly url: string;
  readonly ethereum: string;
  readonly chain: string;
  readonly account: string;
  readonly nodes: readonly {
    readonly pid: number;
    readonly peerId: string;
    readonly multiaddrs: readonly string[];
    readonly metrics?: string;
  }[];
}

export async function startNetwork(options: NetworkOptions = {}): Promise<Network> {
  const { home = temporaryFolder('devnet'), adversaries = {}, env = {} } = options;
  const port = options.port ?? (await freePort());
  const devnet = startPerigee(['devnet', '--home', home, '--http-port', `${port}`, ...wordsOf(options)], { env });
  const ready = (await devnet.ready()) as unknown as Ready;
  const network = networkOf({ ...options, home, port }, devnet, ready);
  for (const [place, fault] of Object.entries(adversaries)) await network.corrupt(Number(place), fault);
  return network;
}

function wordsOf({
  nodes,
  stakes,
  blockMs,
  providers,
  trustHeight,
  daBudgetGib,
  storageBudgetGib,
  publishEvery = 0,
  monitor = false,
}: NetworkOptions): string[] {
  const given = {
    nodes,
    stakes: stakes?.join(),
    'block-ms': blockMs,
    providers,
    'trust-height': trustHeight,
    'da-budget': daBudgetGib,
    'storage-budget': storageBudgetGib,
    'publish-every': publishEvery,
  };
  const values = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, `${value}`]));
  return [...values, ...(monitor ? ['--metrics'] : [])];
}

function networkOf(
  options: NetworkOptions & { readonly home: string; readonly port: number },
  devnet: TestProcess,
  ready: Ready,
): Network {
  const { home } = options;
  const { url, ethereum, chain, account } = ready;
  const pids = ready.nodes.map(({ pid }) => pid);
  const nodes = ready.nodes.map((node, place) => ({ ...node, home: join(home, `node${place}`) }));
  const liars = new Map<number, AdversaryProcess>();

  async function endAt(place: number): Promise<void> {
    const liar = liars.get(place);
    liars.delete(place);
    if (liar !== undefined) await liar.process.stop();
    else await endProcess(pids[place]);
  }

  return {
    url,
    home,
    chain,
    account,
    pids,
    nodes,
    async publish(data, { redundancy, retention, persist } = {}) {
      const file = typeof data === 'string' ? data : join(home, `random-${data}-${Date.now()}`);
      if (typeof data === 'number') writeFileSync(file, randomBytes(data));
      const words = [
        ...(redundancy ? ['--redundancy', `${redundancy}`] : []),
        ...(retention ? ['--retention', `${retention}`] : []),
        ...(persist ? ['--persist'] : []),
      ];
      const { code, stdout, output } = await runPerigee([
        'publish',
        file,
        '--chain',
        chain,
        '--key',
        account,
        '--json',
        ...words,
      ]);
      if (code !== 0) throw new Error(`perigee publish ended with ${code}:\n${output}`);
      const { blobId } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { blobId: string };
      return blobId;
    },
    async blocks(count) {
      const target = (await heightAt(ethereum)) + count;
      while ((await heightAt(ethereum)) < target) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    },
    endNode: endAt,
    async corrupt(place, fault) {
      await endAt(place);
      const friends = [...liars.values()].map(({ peerId }) => peerId);
      const liar = await startAdversaryProcess({ home: join(home, `node${place}`), chain, fault, friends });
      liars.set(place, liar);
      return liar;
    },
    adversaries: () => [...liars.values()],
    chainOf(peers) {
      const path = join(home, `chain-${Date.now()}-${randomBytes(4).toString('hex')}.json`);
      writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(chain, 'utf8')), peers }));
      return path;
    },
    output: () => devnet.output(),
    async stop() {
      for (const liar of liars.values()) await liar.process.stop();
      await devnet.stop();
    },
    async kill() {
      for (const liar of liars.values()) await liar.process.kill();
      for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      await devnet.kill();
    },
    restart: (changes = {}) => startNetwork({ ...options, ...changes }),
  };
}

/** @param ethereum address of a node's Ethereum interface */
async function heightAt(ethereum: string): Promise<number> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] });
  const response = await fetch(ethereum, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return Number(((await response.json()) as { result: string }).result);
}

async function endProcess(pid: number | undefined): Promise<void> {
  if (pid === undefined) throw new Error('there is no node at that place');
  if (isAlive(pid)) process.kill(pid, 'SIGTERM');
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
