import { parseTrustRoot, type TrustRoot, unixMs } from '@perigee/light-core/comet';
import { ChainView } from '@perigee/light-core/da';
import type { Clock, RandomBytes, TxSubmit, VerifiedState } from '@perigee/light-core/roles';
import {
  createHost,
  createStopController,
  cryptoRandomBytes,
  type Host,
  isPrivateMultiaddr,
  type KnownPeer,
  systemClock,
} from '@perigee/net';
import { equal, fromHex, PerigeeError, type Status, TRUSTING_PERIOD_MS, toHex } from '@perigee/wire';
import { createPool, type Pool, type WorkerLike } from '@perigee/workers';
import { spawnRetrieveWorker } from '#retrieve-worker';
import { spawnVerifyWorker } from '#verify-worker';
import { BlobWatch } from './blob/blob-watch.ts';
import { ChainFollower } from './chain/chain-follower.ts';
import { freshnessOf, sourcesOf } from './chain/shown-heads.ts';
import { TxSubmitter } from './chain/tx-submitter.ts';
import { BlobLists, ListWatch } from './lists/index.ts';
import { Members } from './peers/members.ts';
import type { Peer } from './peers/peer.ts';
import { PeerSet } from './peers/peer-set.ts';
import type { BlobListing, ListOptions, RetrievedBlob, RetrieveOptions, StoreOptions } from './requests.ts';
import { orAbort, Retrievals } from './retrieve/index.ts';
import type { BlobView, BootStep, HeadView, LightNodeState } from './state.ts';
import { StateStore } from './state-store.ts';
import type { Verifier } from './verify/verifier.ts';

/** How often ages are looked at again, milliseconds. */
const TICK_MS = 1_000;
const DEFAULT_WORKERS = 2;
const DEFAULT_LISTINGS = 20;

export interface LightNodeOptions {
  /** Text of `/perigee-chain.json`: the one thing that is believed. It must come with the program, not from a peer. */
  readonly trustRoot: string;
  /** More addresses to dial, ending in `/p2p/<peer id>`. They add peers, never trust. */
  readonly peers?: readonly string[];
  /**
   * Dial loopback and private addresses. By default only where the trust root itself names such a peer, as that of a local chain does: then
   * who built the page meant a local network, and it is not a peer that makes us knock on one.
   */
  readonly allowPrivate?: boolean;
  /** Sample what is recorded on the chain as it comes. Default true. */
  readonly follow?: boolean;
  readonly workers?: number;
  /** Starts a verify worker, for hosts that have another way to load one. */
  readonly spawnWorker?: () => WorkerLike;
  /** A host to share with other roles, or one that is being made; its owner stops it. Without it the node makes and stops its own. */
  readonly host?: Host | Promise<Host>;
  readonly clock?: Clock;
  readonly random?: RandomBytes;
  /** Keeps headers, verdicts, rows and evidence for later visits. Without it nothing is kept. */
  readonly store?: StoreOptions;
}

/** A running light node. Everything that it shows was verified in its own worker. */
export interface LightNode {
  readonly state: LightNodeState;
  /** Calls back after every change, until the returned function is called. */
  subscribe(listener: (state: LightNodeState) => void): () => void;
  /** @throws TRUST_ROOT, UNKNOWN_VERSION, TRUST_EXPIRED, UNSUPPORTED; ABORTED when it is stopped meanwhile */
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * Samples one blob.
   *
   * @param blobId hexadecimal, 33 bytes
   * @returns when every drawn row has its verdict
   * @throws NOT_FOUND when the chain proves that it has no such blob; BLOB_EXPIRED when nobody owes its rows any more; ROW_ROOT_MISMATCH when
   *   its signers certified what they never checked; UNPROVEN, ABORTED, INTERNAL (the verify worker)
   */
  sample(blobId: string, options?: { signal?: AbortSignal; budget?: 'full' | 'light' }): Promise<BlobView>;
  /**
   * Fetches rows from all holders, reconstructs, re-encodes, compares with the commitment, and writes the data.
   *
   * @param blobId hexadecimal, 33 bytes
   * @throws what `sample` throws; NOT_ENOUGH_ROWS when fewer than K rows can be had; COMMITMENT_MISMATCH when it is no codeword (the sink was
   *   aborted, the evidence is the blob itself); what the sink throws
   */
  retrieve(blobId: string, options: RetrieveOptions): Promise<RetrievedBlob>;
  /**
   * Blobs of a namespace, newest block first, each listing proved complete, and all of them complete down to the last.
   *
   * @param namespace hexadecimal; empty for all blobs of the chain
   * @throws UNPROVEN, ABORTED, INVALID_ARGUMENT; PROOF when the state itself breaks the rules of lists
   */
  list(namespace: string, options?: ListOptions): Promise<readonly BlobListing[]>;
  /** Calls back with every later listing, ascending and complete, until the returned function is called. @throws ABORTED, INVALID_ARGUMENT */
  watch(namespace: string, listener: (listing: BlobListing) => void): () => void;
  /** The file of evidence that `state.evidence` names. @throws NOT_FOUND */
  evidence(id: string): Promise<Uint8Array>;
  /**
   * Asks the faucet of a development chain for tokens and waits until they are there.
   *
   * @throws REFUSED (cap reached), UNREACHABLE (no peer has a faucet), UNSUPPORTED (not a development chain), TIMEOUT
   */
  requestFunds(
    address: Uint8Array,
    options?: { signal?: AbortSignal },
  ): Promise<{ readonly amount: bigint; readonly height: number }>;
  /** State of the chain under the verified head. @throws UNPROVEN, ABORTED (before `start`) */
  readonly chain: VerifiedState;
  /** @throws ABORTED (before `start`) and what `TxSubmitter` throws */
  readonly transactions: TxSubmit;
  /**
   * Takes the addresses of the chain file as it is now: nodes that were restarted may listen elsewhere. They add peers, never trust.
   *
   * @throws WRONG_CHAIN when the file is of another chain; TRUST_ROOT, UNKNOWN_VERSION, ABORTED (before `start`)
   */
  readdress(trustRoot: string): void;
  /** Dials more addresses, ending in `/p2p/<peer id>`. They add peers, never trust. @throws ABORTED (before `start`) */
  addPeers(addresses: readonly string[]): void;
  /** Committee members whose signed addresses were verified: committee address, hexadecimal → where to dial. */
  members(): ReadonlyMap<string, KnownPeer>;
}

/** A light node that is not started yet. */
export function createLightNode(options: LightNodeOptions): LightNode {
  const store = new StateStore();
  let running: RunningNode | undefined;
  const live = (): RunningNode => {
    if (running === undefined) throw new PerigeeError('ABORTED', 'the light node is not running: call start() first');
    return running;
  };
  return {
    get state() {
      return store.state;
    },
    subscribe: (listener) => store.subscribe(listener),
    async start() {
      if (running !== undefined) return;
      let starting: RunningNode | undefined;
      try {
        starting = new RunningNode(options, parseTrustRoot(options.trustRoot), store);
        running = starting;
        await starting.start();
      } catch (thrown) {
        await starting?.stop();
        const error = PerigeeError.from(thrown);
        if (running === starting) {
          running = undefined;
          store.update({ phase: 'failed', error: error.toObject() });
        }
        throw error;
      }
    },
    async stop() {
      const stopping = running;
      running = undefined;
      await stopping?.stop();
      store.update({ phase: 'stopped' });
    },
    sample: async (blobId, { signal } = {}) => live().blobs.sample(fromHex(blobId, 33), signal),
    chain: {
      head: () => running?.follower.head(),
      get: async (name, key, given) => live().follower.get(name, key, given),
      onHead: (listener) => live().follower.onHead(listener),
    },
    transactions: { submit: async (raw, given) => live().transactions.submit(raw, given) },
    readdress: (trustRoot) => live().readdress(parseTrustRoot(trustRoot)),
    addPeers: (addresses) => live().addPeers(addresses),
    members: () => running?.members() ?? new Map(),
    retrieve: (blobId, given) => orAbort(given.sink, async () => live().retrievals.retrieve(fromHex(blobId, 33), given)),
    list: async (namespace, given = {}) => live().lists.list(fromHex(namespace), { limit: DEFAULT_LISTINGS, ...given }),
    watch: (namespace, listener) => live().watchList(fromHex(namespace), listener),
    evidence: () => Promise.reject(unsupported('evidence')),
    requestFunds: () => Promise.reject(unsupported('requestFunds')),
  };
}

function unsupported(what: string): PerigeeError {
  return new PerigeeError('UNSUPPORTED', `${what} is not there yet`);
}

/** From `start()` to `stop()`: the parts, and how what one says reaches the others. */
class RunningNode {
  readonly follower: ChainFollower;
  readonly blobs: BlobWatch;
  readonly transactions: TxSubmitter;
  readonly lists: BlobLists;
  readonly retrievals: Retrievals;
  readonly #options: LightNodeOptions;
  readonly #root: TrustRoot;
  readonly #store: StateStore;
  readonly #clock: Clock;
  readonly #stopping = createStopController();
  readonly #verify: Pool<Verifier>;
  readonly #chain: ChainView;
  readonly #startedAt: number;
  /** Why the last header was not verified. */
  #obstacle: PerigeeError | undefined;
  #provingGenesis = false;
  #showing = false;
  #host: Host | undefined;
  #peers: PeerSet | undefined;
  #members: Members | undefined;

  constructor(options: LightNodeOptions, root: TrustRoot, store: StateStore) {
    const {
      clock = systemClock,
      random = cryptoRandomBytes,
      workers = DEFAULT_WORKERS,
      spawnWorker = spawnVerifyWorker,
    } = options;
    this.#options = options;
    this.#root = root;
    this.#store = store;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#verify = createPool<Verifier>({ spawn: spawnWorker, size: workers });
    const signal = this.#stopping.signal;
    const onLie = (peer: Peer, error: PerigeeError) => this.#lied(peer, error);
    // who failed last is asked last
    const peers = () => (this.#peers?.usable() ?? []).sort((a, b) => a.failures - b.failures);
    const chainPeers = () => peers().sort((a, b) => Number(b.hasRole('chain')) - Number(a.hasRole('chain')));
    this.follower = new ChainFollower({ trustRoot: root, verify: this.#verify, clock, signal, onLie, peers: chainPeers });
    this.transactions = new TxSubmitter(chainPeers, signal);
    this.lists = new BlobLists(this.follower);
    this.#chain = new ChainView(this.follower);
    this.retrievals = new Retrievals({
      chain: this.#chain,
      peers,
      keptRows: async () => [],
      spawn: spawnRetrieveWorker,
      clock,
      signal,
      onLie,
    });
    this.blobs = new BlobWatch({
      follower: this.follower,
      chain: this.#chain,
      verify: this.#verify,
      peers,
      isBanned: (member) => (this.#peers?.list() ?? []).some((peer) => peer.banned !== undefined && peer.members.has(member)),
      clock,
      random,
      signal,
      onLie,
      onStep: (name) => this.#step(name),
      onChange: () => this.#show(),
    });
  }

  async start(): Promise<void> {
    const { peers = [], allowPrivate = this.#root.peers.some(isPrivateMultiaddr), host } = this.#options;
    const { chainId, genesisHash, time } = this.#root;
    this.#store.update({
      phase: 'connecting',
      error: undefined,
      boot: [],
      chain: { chainId, genesisHash: toHex(genesisHash), development: undefined },
    });
    if (unixMs(time) + TRUSTING_PERIOD_MS <= this.#clock.now()) {
      throw new PerigeeError(
        'TRUST_EXPIRED',
        `the trust root is of ${new Date(unixMs(time)).toISOString()}, longer ago than the trusting period; get a newer one from a source you trust`,
      );
    }
    void this.#warm();
    this.#host = await (host ?? createHost({ allowPrivate, clock: this.#clock }));
    if (this.#stopping.signal.aborted) throw new PerigeeError('ABORTED', 'the light node was stopped while it started');
    this.#step('network');
    this.#peers = new PeerSet({
      host: this.#host,
      clock: this.#clock,
      genesisHash,
      signal: this.#stopping.signal,
      onStatus: (peer, status) => this.#hear(peer, status),
      onLie: (peer, error) => this.#lied(peer, error),
      onChange: () => this.#show(),
    });
    this.#members = new Members({
      peers: this.#peers,
      chain: this.#chain,
      verify: this.#verify,
      clock: this.#clock,
      genesisHash,
      onLie: (peer, error) => this.#lied(peer, error),
    });
    this.follower.onHead((head, { validators, verifyMs }) => {
      this.#step('header');
      const view: HeadView = {
        height: head.height,
        headerHash: toHex(head.headerHash),
        timeMs: head.timeMs,
        verifiedAtMs: this.#clock.now(),
        verifyMs,
        validators,
        sources: [],
        signedPower: 0,
        confidence: undefined,
      };
      this.#store.update({ phase: 'live', error: undefined, head: view });
      this.#show();
      void this.#proveGenesis();
    });
    this.#peers.addText([...this.#root.peers, ...peers]);
    void this.#tick();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new PerigeeError('ABORTED', 'the light node was stopped'));
    const own = this.#options.host === undefined ? this.#host : undefined;
    await Promise.all([own?.stop(), this.#verify.close()]);
  }

  readdress({ chainId, genesisHash, peers }: TrustRoot): void {
    if (!equal(genesisHash, this.#root.genesisHash)) {
      throw new PerigeeError('WRONG_CHAIN', `the chain file is now of ${chainId}, not of ${this.#root.chainId}`);
    }
    this.#peers?.addText(peers);
  }

  addPeers(addresses: readonly string[]): void {
    this.#peers?.addText(addresses);
  }

  members(): ReadonlyMap<string, KnownPeer> {
    return this.#members?.addresses() ?? new Map();
  }

  watchList(namespace: Uint8Array, listener: (listing: BlobListing) => void): () => void {
    const { follower, lists } = this;
    const onHead = (look: () => void) => follower.onHead(look);
    return new ListWatch({ lists, namespace, listener, onHead, signal: this.#stopping.signal }).stop;
  }

  /** Starts the workers while the network is still dialling. */
  async #warm(): Promise<void> {
    try {
      await Promise.all(
        Array.from({ length: this.#verify.size }, (_, i) => this.#verify.run('warm', undefined, { affinity: i })),
      );
      this.#step('worker');
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What a peer says of itself are hints: each is followed up by something that can be verified. */
  async #hear(peer: Peer, status: Status): Promise<void> {
    this.#step('connect');
    peer.heads.note(status.height, status.headerHash);
    this.#members?.dial(status.peers);
    // others tell of heights that they have heard of; their word counts as a source, the header comes from who has it
    if (peer.hasRole('chain')) await this.#advance(peer, status.height);
    if (this.follower.head() === undefined) return;
    await this.#members?.verify(peer, status.peers).catch(() => {}); // the committee could not be proved yet: the next status brings them again
    if (this.#options.follow !== false && peer.banned === undefined) this.blobs.hint(peer, status.recentBlobs);
  }

  async #advance(peer: Peer, height: number): Promise<void> {
    if (this.#store.state.head === undefined) this.#store.update({ phase: 'verifying' });
    try {
      await this.follower.announce(peer, height);
    } catch (thrown) {
      const error = PerigeeError.from(thrown);
      // a lost worker stands in the way for good
      const isOurs = error.code === 'INTERNAL' && error.data?.remote !== true;
      if (isOurs) this.#fail(error);
      else this.#obstacle = error;
      this.#show();
    }
  }

  /** A peer was proved to lie. */
  #lied(peer: Peer, error: PerigeeError): void {
    this.blobs.forget(peer);
    this.#peers?.ban(peer, error.message);
    this.#obstacle = error;
    this.#show();
  }

  async #proveGenesis(): Promise<void> {
    const { chain } = this.#store.state;
    if (chain === undefined || chain.development !== undefined || this.#provingGenesis) return;
    this.#provingGenesis = true;
    try {
      const { genesisHash, appState } = await this.#chain.facts();
      if (!equal(genesisHash, this.#root.genesisHash)) {
        throw new PerigeeError('WRONG_CHAIN', 'the state of this chain proves another genesis than the trust root names');
      }
      const { development } = appState;
      this.#step('state');
      this.#store.update({ chain: { ...chain, development } });
    } catch (thrown) {
      const error = PerigeeError.from(thrown);
      if (error.code === 'WRONG_CHAIN' || error.code === 'GENESIS') this.#fail(error);
    } finally {
      this.#provingGenesis = false;
    }
  }

  #step(name: BootStep['name']): void {
    const { boot } = this.#store.state;
    if (boot.some((step) => step.name === name)) return;
    this.#store.update({ boot: [...boot, { name, atMs: this.#clock.now() - this.#startedAt }] });
  }

  #fail(thrown: unknown): void {
    if (this.#stopping.signal.aborted) return;
    this.#store.update({ phase: 'failed', error: PerigeeError.from(thrown).toObject() });
  }

  /** Many changes of one turn are put into one snapshot. */
  #show(): void {
    if (this.#showing) return;
    this.#showing = true;
    queueMicrotask(() => {
      this.#showing = false;
      if (!this.#stopping.signal.aborted) this.#snapshot();
    });
  }

  /** Puts what peers and blobs say now into the snapshot. */
  #snapshot(): void {
    const verified = this.follower.head();
    const peers = this.#peers?.list() ?? [];
    // an error of one peer is ours when no other is left that might have a header for us
    if (verified === undefined && this.#obstacle !== undefined && !peers.some(mayHaveHeader)) this.#fail(this.#obstacle);
    const { head, phase } = this.#store.state;
    const sources = verified === undefined ? [] : sourcesOf(verified, peers);
    const isFollowed = phase === 'live' || phase === 'connecting';
    this.#store.update({
      peers: peers.map((peer) => peer.view()),
      blobs: this.blobs.views(),
      rowsVerified: this.blobs.rowsVerified,
      bytesIn: this.blobs.bytesIn,
      ...(verified === undefined || head === undefined
        ? {}
        : {
            ...(isFollowed ? { phase: peers.some((peer) => peer.usable) ? 'live' : 'connecting' } : {}),
            head: { ...head, sources: sources.map((peer) => peer.id) },
            freshness: freshnessOf(verified, sources, this.#clock),
          }),
    });
  }

  async #tick(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#clock.sleep(TICK_MS, signal).catch(() => {});
      this.#show();
    }
  }
}

function mayHaveHeader(peer: Peer): boolean {
  const isUnknown = peer.roles.length === 0;
  return peer.banned === undefined && peer.error === undefined && (isUnknown || peer.hasRole('chain'));
}
