import type { Clock } from '@perigee/light-core/roles';
import { providerSignBytes, type Shard, someSegmentOf } from '@perigee/light-core/storage';
import { createStopController, type Host, type KnownPeer, keepAddresses, open, providersProtocol } from '@perigee/net';
import {
  GATEWAY_TIMEOUT_MS,
  MAX_ANNOUNCES_AT_ONCE,
  MAX_ANNOUNCES_WAITING,
  PROVIDER_LIFETIME_MS,
  PROVIDER_LOOK_MS,
  PROVIDER_RENEW_MS,
  PROVIDER_REPLICAS,
  PROVIDER_VERSION,
  type ProviderRecord,
} from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import type { LogFile } from '../log/kept-file.ts';

export interface AnnouncerParts {
  readonly host: Host;
  readonly genesisHash: Uint8Array;
  readonly log: Pick<FileLog, 'get' | 'status' | 'ofRoot' | 'onFinalized' | 'nextTxSeq' | 'shard'>;
  readonly clock: Clock;
  /** Where this node's HTTP interface is. */
  readonly url: () => string | undefined;
  /** Nodes close to a file. */
  readonly closest: (root: Uint8Array, signal: AbortSignal) => Promise<readonly KnownPeer[]>;
  /** Nodes that are known to take part. */
  readonly peers: () => number;
  /** Keeps the node's own record. */
  readonly keep: (record: ProviderRecord) => void;
}

/**
 * Tells the nodes close to each file that this node has all of it that is of its shard: as soon as it has, and again every PROVIDER_RENEW_MS, as long as
 * it has.
 */
export class Announcer {
  readonly #parts: AnnouncerParts;
  readonly #stopping = createStopController();
  readonly #fresh: LogFile[] = [];
  #unsubscribe: () => void = () => {};
  #running: Promise<void> = Promise.resolve();
  #wake = new AbortController();

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#unsubscribe = this.#parts.log.onFinalized((file) => {
      if (this.#fresh.length < MAX_ANNOUNCES_WAITING) this.#fresh.push(file);
      this.#wake.abort();
    });
    this.#running = this.#run().catch(() => {});
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#stopping.abort();
    this.#wake.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, peers } = this.#parts;
    const { signal } = this.#stopping;
    let roundAtMs = Number.NEGATIVE_INFINITY;
    let peersThen = 0;
    while (!signal.aborted) {
      const count = peers();
      // a round among few was heard by few: there is another as soon as there are more
      const isEarly = peersThen < PROVIDER_REPLICAS && count > peersThen;
      if (count > 0 && (isEarly || clock.now() - roundAtMs >= PROVIDER_RENEW_MS)) {
        roundAtMs = clock.now();
        peersThen = count;
        this.#fresh.length = 0;
        await this.#all(this.#files());
      } else if (this.#fresh.length > 0) await this.#all(this.#fresh.splice(0));
      if (this.#fresh.length > 0) continue;
      this.#wake = new AbortController();
      if (!signal.aborted) await clock.sleep(PROVIDER_LOOK_MS, this.#wake.signal).catch(() => {});
    }
  }

  /** Every file that there is. */
  *#files(): Generator<LogFile, void, undefined> {
    const { log } = this.#parts;
    for (let txSeq = 0; txSeq < log.nextTxSeq; txSeq++) {
      const file = log.get(txSeq);
      if (file !== undefined) yield file;
    }
  }

  async #all(files: Iterable<LogFile>): Promise<void> {
    const list = files[Symbol.iterator]();
    const worker = async (): Promise<void> => {
      for (let next = list.next(); next.done !== true && !this.#stopping.signal.aborted; next = list.next()) {
        if (this.#isHeld(next.value)) await this.#announce(next.value).catch(() => {}); // there is a next round
      }
    };
    await Promise.all(Array.from({ length: MAX_ANNOUNCES_AT_ONCE }, worker));
  }

  /** Of several submissions of one root it is the latest that others ask for. */
  #isHeld(file: LogFile): boolean {
    const { log } = this.#parts;
    const isLatest = log.ofRoot(file.root).at(-1)?.txSeq === file.txSeq;
    return isLatest && log.status(file).finalized && someSegmentOf(log.shard, file, () => 0) !== undefined;
  }

  async #announce({ root }: LogFile): Promise<void> {
    const { host, genesisHash, closest, keep } = this.#parts;
    const { signal } = this.#stopping;
    const record = await this.#record(root, this.#parts.log.shard);
    keep(record);
    const protocol = providersProtocol(genesisHash);
    const nearest = [...(await closest(root, signal))];
    let told = 0;
    const tell = async (): Promise<void> => {
      for (let peer = nearest.shift(); peer !== undefined && told < PROVIDER_REPLICAS; peer = nearest.shift()) {
        told++;
        try {
          const request = { announce: record, search: false };
          await open(host, peer, protocol).callOne(request, { signal, timeoutMs: GATEWAY_TIMEOUT_MS });
        } catch {
          told--; // the next one is told instead
        }
      }
    };
    await Promise.all(Array.from({ length: PROVIDER_REPLICAS }, tell));
  }

  async #record(root: Uint8Array, { shardId, numShard }: Shard): Promise<ProviderRecord> {
    const { host, genesisHash, clock } = this.#parts;
    const url = this.#parts.url();
    const body = {
      version: PROVIDER_VERSION,
      genesisHash,
      root,
      key: host.publicKey,
      shardId,
      numShard,
      multiaddrs: keepAddresses(host.multiaddrs()),
      ...(url === undefined ? {} : { url }),
      expiry: clock.now() + PROVIDER_LIFETIME_MS,
    };
    return { body, signature: await host.sign(providerSignBytes(body)) };
  }
}
