import type { Clock } from '@perigee/light-core/roles';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { type FileHash, verifyProviderRecord } from '@perigee/light-core/storage';
import {
  createStopController,
  type Host,
  type HostEvent,
  keepAddresses,
  open,
  providersProtocol,
  type RequestContext,
  serve,
} from '@perigee/net';
import { Kad } from '@perigee/net/kad';
import { peerIdOfKey } from '@perigee/net/providers';
import {
  chainProtocol,
  equal,
  MAX_PROVIDERS_PER_FILE,
  PerigeeError,
  PROVIDER_RENEW_MS,
  type ProviderRecord,
  type ProvidersAnswer,
  type ProvidersRequest,
} from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import { Announcer } from './announcer.ts';
import { type FoundProvider, ProviderSearch, type SearchedFile } from './provider-search.ts';
import { ProviderStore } from './provider-store.ts';

/** Waits between greetings of a node that does not answer them yet, milliseconds. */
const GREET_AGAIN_MS = [0, 500, 2_000, 10_000];

export interface ProvidersOptions {
  readonly host: Host;
  readonly genesisHash: Uint8Array;
  readonly log: FileLog;
  readonly hash: FileHash;
  readonly clock: Clock;
  readonly verifyEd25519: VerifyEd25519;
  /** Where this node's HTTP interface is. */
  readonly url?: () => string | undefined;
  /** Told of a node that has not what it announced, and whether it gave something false. */
  readonly onLiar?: (peerId: string, error: PerigeeError, gaveFalse: boolean) => void;
}

/** The part of a storage node in finding out who has which file. */
export class Providers {
  readonly #options: ProvidersOptions;
  readonly #stopping = createStopController();
  readonly #kad: Kad;
  readonly #store: ProviderStore;
  readonly #search: ProviderSearch;
  readonly #announcer: Announcer;
  readonly #ends: (() => void | Promise<void>)[] = [];

  private constructor(options: ProvidersOptions, kad: Kad) {
    const { host, genesisHash, log, hash, clock, verifyEd25519, url = () => undefined, onLiar = () => {} } = options;
    this.#options = options;
    this.#kad = kad;
    this.#store = new ProviderStore(clock);
    const closest = kad.closest.bind(kad);
    const common = { host, genesisHash, clock, closest };
    const store = this.#store;
    this.#search = new ProviderSearch({ ...common, store, hash, verifyEd25519, onLiar, signal: this.#stopping.signal });
    const keep = (record: ProviderRecord): void => store.put(record, true);
    this.#announcer = new Announcer({ ...common, log, url, peers: () => kad.size, keep });
  }

  static async start(options: ProvidersOptions): Promise<Providers> {
    const { host, genesisHash } = options;
    const kad = await Kad.start({
      host,
      protocol: chainProtocol('kad', genesisHash),
      mode: 'server',
    });
    const providers = new Providers(options, kad);
    await providers.#begin();
    return providers;
  }

  /** Nodes that take part, and announcements that are kept. */
  stats(): { readonly peers: number; readonly records: number } {
    return { peers: this.#kad.size, records: this.#store.size };
  }

  /** Other nodes that have proved to this one that they have all of a file that is of their shard. @throws BUSY, ABORTED */
  find(file: SearchedFile, signal: AbortSignal): Promise<readonly FoundProvider[]> {
    return this.#search.find(file, signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const end of this.#ends) await end();
    await this.#announcer.stop();
    await this.#kad.stop();
  }

  async #begin(): Promise<void> {
    const { host, genesisHash, clock } = this.#options;
    this.#ends.push(await serve(host, providersProtocol(genesisHash), (request, context) => this.#answer(request, context)));
    const onEvent = (event: HostEvent): void => {
      if (event.type === 'connect' && event.connection.direction === 'outbound') void this.#greet(event.connection.peerId);
    };
    this.#ends.push(host.subscribe(onEvent));
    for (const connection of host.connections()) onEvent({ type: 'connect', connection });
    this.#announcer.start();
    void this.#sweep(clock);
  }

  /** Whom this node dialled is told that it takes part, and asked whether it does; whoever dials greets. */
  async #greet(peerId: string): Promise<void> {
    const { host, genesisHash, clock } = this.#options;
    const { signal } = this.#stopping;
    for (const wait of GREET_AGAIN_MS) {
      if (wait > 0) await clock.sleep(wait, signal).catch(() => {});
      if (signal.aborted || !host.connections().some((connection) => connection.peerId === peerId)) return;
      try {
        const client = open(host, { peerId, multiaddrs: [] }, providersProtocol(genesisHash));
        const request = { hello: { multiaddrs: this.#addresses() }, search: false };
        const { multiaddrs } = await client.callOne(request, { signal });
        await this.#kad.meet({ peerId, multiaddrs });
        return;
      } catch {
        // it does not take part, or does not yet
      }
    }
  }

  #addresses(): string[] {
    return keepAddresses(this.#options.host.multiaddrs());
  }

  async #answer(request: ProvidersRequest, { peerId, signal }: RequestContext): Promise<ProvidersAnswer> {
    const { hello, announce, find, search } = request;
    if ([hello, announce, find].filter((one) => one !== undefined).length !== 1) {
      throw new PerigeeError(
        'INVALID_ARGUMENT',
        'a question is a greeting, an announcement, or asks who has a file: one of them',
      );
    }
    if (hello !== undefined) {
      // it is asked back before it counts, and need not wait for that
      this.#kad.meet({ peerId, multiaddrs: hello.multiaddrs }).catch(() => {});
      return { records: [], multiaddrs: this.#addresses() };
    }
    if (announce !== undefined) await this.#take(announce, peerId, signal);
    if (find === undefined) return { records: [], multiaddrs: [] };
    return { records: search ? await this.#searched(find, signal) : this.#store.of(find), multiaddrs: [] };
  }

  /** @throws NOT_FOUND, BUSY */
  async #searched(root: Uint8Array, signal: AbortSignal): Promise<ProviderRecord[]> {
    const file = this.#options.log.ofRoot(root).at(-1);
    if (file === undefined) throw new PerigeeError('NOT_FOUND', 'no such file is known here');
    const found = await this.#search.find(file, signal);
    const own = this.#store.of(root).filter(({ body }) => equal(body.key, this.#options.host.publicKey));
    return [...own, ...found.map(({ record }) => record)].slice(0, MAX_PROVIDERS_PER_FILE);
  }

  /** @throws REFUSED, NOT_FOUND, BUSY, and what `verifyProviderRecord` throws */
  async #take(record: ProviderRecord, peerId: string, signal: AbortSignal): Promise<void> {
    const { log, genesisHash, clock, verifyEd25519 } = this.#options;
    const { root, key } = record.body;
    if (peerIdOfKey(key) !== peerId) throw new PerigeeError('REFUSED', 'a node announces its own files only');
    const file = log.ofRoot(root).at(-1);
    // what nobody paid for takes no room
    if (file === undefined) throw new PerigeeError('NOT_FOUND', 'no such file is known here');
    await verifyProviderRecord(record, { genesisHash, root, nowMs: clock.now(), verifyEd25519 });
    const isProved = this.#store.isFull(root, peerId) && (await this.#search.prove(record, file, signal)) !== undefined;
    this.#store.put(record, isProved);
  }

  async #sweep(clock: Clock): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await clock.sleep(PROVIDER_RENEW_MS, signal).catch(() => {});
      this.#store.sweep();
    }
  }
}
