/** Storage nodes over loopback that find out from each other who has a file; their chain is made by hand. */
import { join } from 'node:path';
import type { Clock } from '@perigee/light-core/roles';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { type FileHash, holdsSegment, providerSignBytes, type Shard } from '@perigee/light-core/storage';
import { createHost, dialPeer, type Host, open, providersProtocol, systemClock } from '@perigee/net';
import {
  type PerigeeError,
  PROVIDER_LIFETIME_MS,
  PROVIDER_VERSION,
  type ProviderBody,
  type ProviderRecord,
  type StoredFile,
} from '@perigee/wire';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { createStorageNode, FileLog, Providers, type StorageNode } from '../../src/node/index.ts';
import { type FileLedger, type Sample, segmentOf, segmentsOf } from '../files.ts';

export const GENESIS = new Uint8Array(32).fill(0x51);
const ALL: Shard = { shardId: 0, numShard: 1 };

/** The system's clock, and as much more as a test says; who sleeps is woken by that. */
export class MovedClock implements Clock {
  #ahead = 0;
  #moved = new AbortController();

  now(): number {
    return systemClock.now() + this.#ahead;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const end = this.now() + ms;
    while (this.now() < end) {
      const moved = this.#moved.signal;
      const until = signal === undefined ? moved : AbortSignal.any([signal, moved]);
      await systemClock.sleep(end - this.now(), until).catch(() => {});
      signal?.throwIfAborted();
    }
  }

  move(ms: number): void {
    this.#ahead += ms;
    this.#moved.abort();
    this.#moved = new AbortController();
  }
}

export interface ProviderNode {
  readonly host: Host;
  readonly log: FileLog;
  readonly node: StorageNode;
  readonly providers: Providers;
  /** Nodes that were found to announce what they have not, and how. */
  readonly liars: Map<string, PerigeeError>;
  stop(): Promise<void>;
}

export interface ProviderNodeOptions {
  readonly hash: FileHash;
  readonly ledger: FileLedger;
  readonly shard?: Shard;
  readonly clock?: Clock;
  /** Of an HTTP interface. */
  readonly url?: string;
}

/** A node that ends with the test. */
export async function startNode(options: ProviderNodeOptions): Promise<ProviderNode> {
  const { hash, ledger, shard = ALL, clock = systemClock, url } = options;
  const liars = new Map<string, PerigeeError>();
  const host = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
  const log = await FileLog.open({ dir: join(temporaryFolder('providers'), 'log'), shard, budgetBytes: 2 ** 30, hash });
  const node = await createStorageNode({ host, state: ledger, log, clock: systemClock, hash, syncPatienceMs: 600_000 });
  const providers = await Providers.start({
    host,
    genesisHash: GENESIS,
    log,
    hash,
    clock,
    verifyEd25519: nobleEd25519,
    url: () => url,
    onLiar: (peerId, error) => liars.set(peerId, error),
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= (async () => {
      await providers.stop();
      await node.stop();
      await host.stop();
      await log.close();
    })();
    return stopped;
  };
  onTestFinished(stop);
  return { host, log, node, providers, liars, stop };
}

export function knownOf(host: Host): { readonly peerId: string; readonly multiaddrs: readonly string[] } {
  return { peerId: host.peerId, multiaddrs: host.multiaddrs() };
}

/** A host of somebody who is no node of ours; it ends with the test. */
export async function clientHost(): Promise<Host> {
  const host = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
  onTestFinished(() => host.stop());
  return host;
}

export async function connect(from: ProviderNode, to: ProviderNode): Promise<void> {
  await dialPeer(from.host, knownOf(to.host));
}

/** Brings a node what is of its shard. */
export async function store({ host, log, node }: ProviderNode, sample: Sample, file: StoredFile): Promise<void> {
  const { txSeq, root, length, startSector } = file;
  const segments = segmentsOf(sample)
    .map(({ index }) => index)
    .filter((index) => holdsSegment(log.shard, startSector, index))
    .map((index) => segmentOf(sample, index));
  for (const segment of segments) {
    await node.take(
      { txSeq, root, length, segments: [segment], heldFrom: 0 },
      { peerId: host.peerId, signal: new AbortController().signal },
    );
  }
}

/** A record of a host, changed as a test wants it, and signed by it. */
export async function recordOf(host: Host, root: Uint8Array, changes: Partial<ProviderBody> = {}): Promise<ProviderRecord> {
  const body: ProviderBody = {
    version: PROVIDER_VERSION,
    genesisHash: GENESIS,
    root,
    key: host.publicKey,
    ...ALL,
    multiaddrs: host.multiaddrs(),
    expiry: Date.now() + PROVIDER_LIFETIME_MS,
    ...changes,
  };
  return { body, signature: await host.sign(providerSignBytes(body)) };
}

export async function announce(from: Host, to: ProviderNode, record: ProviderRecord): Promise<void> {
  await open(from, knownOf(to.host), providersProtocol(GENESIS)).callOne({ announce: record, search: false });
}

export async function ask(from: Host, to: ProviderNode, root: Uint8Array, search = false): Promise<readonly ProviderRecord[]> {
  return (await open(from, knownOf(to.host), providersProtocol(GENESIS)).callOne({ find: root, search })).records;
}
