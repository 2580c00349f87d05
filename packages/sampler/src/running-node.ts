/** Past 400 lines: the one place where all parts of a light node meet. What each does is in a file of its own. */
import { chainFloorsOf } from '@perigee/light-core/attest/bundle';
import { ChainView } from '@perigee/light-core/da';
import type { Clock, VerifiedHead } from '@perigee/light-core/roles';
import {
  abortable,
  createHost,
  createStopController,
  cryptoRandomBytes,
  eitherSignal,
  type Host,
  isPrivateMultiaddr,
  type KnownPeer,
  systemClock,
} from '@perigee/net';
import {
  type CollateralRequest,
  fromHex,
  KEEP_HEADER_EVERY_MS,
  MAX_WATCHED_BLOBS,
  PerigeeError,
  type Status,
  toHex,
} from '@perigee/wire';
import { createPool, type Pool } from '@perigee/workers';
import { spawnRetrieveWorker } from '#retrieve-worker';
import { spawnVerifyWorker } from '#verify-worker';
import { BlobWatch } from './blob/blob-watch.ts';
import { BudgetKeeper, type Budgets, DayStore } from './budgets/index.ts';
import { askRecord } from './chain/ask-record.ts';
import { ChainFollower } from './chain/chain-follower.ts';
import { ClockWatch } from './chain/clock-watch.ts';
import { conflictFile } from './chain/conflict-file.ts';
import { FreshnessLog } from './chain/freshness-log.ts';
import { HeaderLog } from './chain/header-log.ts';
import type { ProvenTx } from './chain/prove-tx.ts';
import { freshnessOf, isVouchedFor, sourcesOf } from './chain/shown-heads.ts';
import { TxSubmitter } from './chain/tx-submitter.ts';
import { Witnesses } from './chain/witnesses.ts';
import { EventLog } from './event-log.ts';
import { Evidences } from './evidence/index.ts';
import type { Funds } from './faucet/request-funds.ts';
import type { StoragePeers } from './files/index.ts';
import type { KvNode } from './kv/index.ts';
import type { LightNodeOptions } from './light-node.ts';
import { BlobLists, ListWatch } from './lists/index.ts';
import type { Pages, SharingOptions } from './pages/index.ts';
import { askCollateral } from './peers/ask-collateral.ts';
import { judge } from './peers/lies.ts';
import { Members } from './peers/members.ts';
import type { Peer } from './peers/peer.ts';
import { PeerSet } from './peers/peer-set.ts';
import type { ProviderFinder } from './providers/storage-providers.ts';
import type { BlobListing } from './requests.ts';
import { Retrievals } from './retrieve/index.ts';
import type { BlobView, BootStep, HeadView } from './state.ts';
import type { StateStore } from './state-store.ts';
import type { LightStore } from './store/light-store.ts';
import { openStore } from './store/open-store.ts';
import { isChainOf, type Trust, trustExpiry } from './trust.ts';
import type { Conflict, HeadResult, Verifier } from './verify/verifier.ts';

/** How often ages are looked at again, milliseconds. */
const TICK_MS = 1_000;
const DEFAULT_WORKERS = 2;
/** By then the first dials wait for the network; sooner the workers would take the cores that the dials need, milliseconds. */
const WARM_AFTER_MS = 70;
/** What can wait waits until the first blob is sampled, but no longer than this, milliseconds. */
const HURRY_MS = 2_000;

/** As a light node was made, with what is shared as it is now. */
export type RunningNodeOptions = Omit<LightNodeOptions, 'sharing'> & { readonly sharing: (() => SharingOptions) | undefined };

/** From `start()` to `stop()`: the parts, and how what one says reaches the others. */
export class RunningNode {
  readonly follower: ChainFollower;
  readonly blobs: BlobWatch;
  readonly transactions: TxSubmitter;
  readonly lists: BlobLists;
  readonly retrievals: Retrievals;
  readonly evidence: Evidences;
  readonly kept: LightStore;
  readonly storage: StoragePeers;
  readonly #options: RunningNodeOptions;
  readonly #store: StateStore;
  readonly #clock: Clock;
  readonly #stopping = createStopController();
  readonly #verify: Pool<Verifier>;
  readonly #chain: ChainView;
  readonly #events: EventLog;
  readonly #clockWatch: ClockWatch;
  readonly #witnesses: Witnesses;
  readonly #headers = new HeaderLog();
  readonly #freshnessLog: FreshnessLog;
  readonly #budgets: BudgetKeeper;
  readonly #dayStore: DayStore;
  readonly #startedAt: number;
  #endHurry: () => void = () => {};
  /** Resolves when the first blob is sampled, or takes long: until then little else is to share the machine with it. */
  readonly #unhurried = new Promise<void>((resolve) => {
    this.#endHurry = resolve;
  });
  #trust: Trust;
  /** The genesis hash is known: the store of this chain can be opened. */
  #namedGenesis: (genesisHash: string) => void = () => {};
  /** Why the last header was not verified. */
  #obstacle: PerigeeError | undefined;
  /** Why this chain is not followed any further. */
  #conflict: PerigeeError | undefined;
  /** What sampling came to on earlier visits. */
  #earlier: readonly BlobView[] = [];
  #keptHeaderAtMs = Number.NEGATIVE_INFINITY;
  #provingGenesis = false;
  #showing = false;
  #starting: Promise<Pages> | undefined;
  #pages: Pages | undefined;
  #host: Host | undefined;
  /** Bytes that a host of others had received and sent before this node came to it. */
  #bytesBefore = 0;
  #peers: PeerSet | undefined;
  #members: Members | undefined;
  #kv: Promise<KvNode> | undefined;
  /** Loaded when it is needed first. */
  #finding: Promise<ProviderFinder> | undefined;

  /** @throws INVALID_ARGUMENT for a store that is too small */
  constructor(options: RunningNodeOptions, trust: Trust, store: StateStore) {
    const {
      clock = systemClock,
      random = cryptoRandomBytes,
      workers = DEFAULT_WORKERS,
      spawnWorker = spawnVerifyWorker,
    } = options;
    this.#options = options;
    this.#trust = trust;
    this.#store = store;
    this.#clock = clock;
    this.#startedAt = clock.now();
    const signal = this.#stopping.signal;
    const onChange = () => this.#show();
    const onLie = (peer: Peer, error: PerigeeError) => this.#lied(peer, error);
    this.#events = new EventLog(clock, onChange);
    this.kept = openStore({ store: options.store, genesisHash: this.#genesisNamed(), onChange });
    this.#verify = createPool<Verifier>({ spawn: spawnWorker, size: workers });
    // who failed last is asked last
    const peers = () => (this.#peers?.usable() ?? []).sort((a, b) => a.failures - b.failures);
    const chainPeers = () => peers().sort((a, b) => Number(b.hasRole('chain')) - Number(a.hasRole('chain')));
    this.follower = new ChainFollower({
      trustRoot: trust.anchor,
      // before the state has proved whose chain a link's is, nothing of an earlier visit is known to be of it
      ...(trust.genesisHash === undefined ? {} : { kept: () => this.kept.header() }),
      onResumed: (result) => this.#resumed(result),
      onVerified: (result) => this.#store.update({ headers: this.#headers.add(result) }),
      verify: this.#verify,
      clock,
      signal,
      onLie,
      onConflict: (peer, height, conflict) => this.#conflicted(peer, height, conflict),
      peers: chainPeers,
      isAwaited: () => this.#peers?.list().some((peer) => peer.isAwaited) ?? true,
    });
    this.#clockWatch = new ClockWatch(clock);
    this.#freshnessLog = new FreshnessLog(clock);
    this.#witnesses = new Witnesses({
      follower: this.follower,
      peers: () => peers().filter((peer) => peer.hasRole('chain')),
      clock,
      signal,
      onChange,
    });
    this.storage = {
      peers: () => peers().filter((peer) => peer.hasRole('storage')),
      search: async (file, check, until) => {
        const finder = await this.#finder();
        const found = await finder?.find(file, check, until);
        for (const { peerId, multiaddrs } of found ?? []) this.#peers?.add({ peerId, multiaddrs }, 'hint');
      },
      judge: ({ id }, thrown) => {
        const peer = this.#peers?.get(id);
        return peer === undefined ? PerigeeError.from(thrown) : judge(peer, thrown, onLie);
      },
    };
    this.transactions = new TxSubmitter(chainPeers, signal);
    this.lists = new BlobLists(this.follower);
    this.#chain = new ChainView(this.follower);
    this.evidence = new Evidences({
      trustRoot: trust.anchor,
      chain: this.#chain,
      follower: this.follower,
      verify: this.#verify,
      store: this.kept,
      events: this.#events,
      clock,
      signal,
    });
    const chain = this.#chain;
    const isCurrent = (head: VerifiedHead) => freshnessOf(head, sourcesOf(head, this.#peers?.list() ?? []), clock) === 'current';
    const askable = (until: AbortSignal) => this.follower.ready(until);
    const recordOf = (blobId: Uint8Array, until: AbortSignal) =>
      askRecord(blobId, { chain, ready: askable, isCurrent, clock, signal: until });
    const pages = () => this.#pages?.usable() ?? [];
    this.retrievals = new Retrievals({
      chain,
      state: this.follower,
      storage: this.storage,
      recordOf,
      peers,
      keptRows: (blobId) => this.kept.rows(blobId),
      pages: () => this.#pages,
      spawn: spawnRetrieveWorker,
      clock,
      signal,
      onLie,
      onRetrieved: ({ blobId, length, rows, bytesIn }) => {
        this.#events.note('retrieved', blobId, { length, rows, bytesIn });
        this.blobs.decide(blobId, 'available');
      },
      onBadEncoding: async (record, committee, found) => {
        const id = found === undefined ? undefined : await this.evidence.convict(record, committee, found);
        this.blobs.decide(toHex(record.blobId), 'badEncoding', id);
      },
    });
    this.#budgets = new BudgetKeeper({
      budgets: options.budgets ?? {},
      bytes: () => bytesOf(this.#host) - this.#bytesBefore,
      cpuMs: options.cpuMs ?? (() => this.#verify.busyMs()),
      clock,
    });
    this.#dayStore = new DayStore({ name: 'bytes-of-day', counter: this.#budgets, shelf: this.kept, clock });
    this.blobs = new BlobWatch({
      follower: this.follower,
      chain,
      recordOf,
      lists: this.lists,
      verify: this.#verify,
      peers: () => [...peers(), ...pages()],
      isBanned: (member) => (this.#peers?.list() ?? []).some((peer) => peer.banned !== undefined && peer.members.has(member)),
      clock,
      random,
      signal,
      onLie,
      onStep: (name) => this.#step(name),
      onEvent: (kind, about, data) => this.#events.note(kind, about, data),
      onBadEncoding: (record, committee, found) => this.evidence.convict(record, committee, found),
      onProof: (blobId, proof) => {
        this.#pages?.shelf.add(blobId, proof);
        void this.#unhurried.then(() => this.kept.keepRows(blobId, [proof]));
      },
      onPrime: (blobId, prime) => this.#pages?.shelf.addPrime(blobId, prime),
      onOutcome: (blob) => {
        this.#endHurry();
        void this.kept.keepVerdict(blob);
        void this.#pages?.sampled(blob);
      },
      onChange,
      pass: async (until) => {
        // what an earlier run used of the day counts before anything comes
        if (this.#budgets.caps.bytesPerDay !== undefined) await abortable(this.#dayStore.read, until);
        await this.#budgets.pass(until);
      },
    });
  }

  async start(): Promise<void> {
    const { peers = [], allowPrivate = this.#trust.peers.some(isPrivateMultiaddr), host } = this.#options;
    const { anchor, genesisHash } = this.#trust;
    this.#store.update({
      phase: 'connecting',
      error: undefined,
      boot: [],
      headers: [],
      chain:
        genesisHash === undefined
          ? undefined
          : {
              chainId: anchor.chainId,
              genesisHash: toHex(genesisHash),
              development: undefined,
              maxRetentionBlocks: undefined,
              collateralFloors: undefined,
            },
    });
    const expiry = trustExpiry(this.#trust, this.#clock.now());
    // what was verified on an earlier visit may be younger than what came with the program
    if (expiry !== undefined && !(await this.follower.resumed)) throw expiry;
    void this.#hurry();
    void this.#warm();
    this.#host = await (host ?? createHost({ allowPrivate, clock: this.#clock }));
    this.#bytesBefore = bytesOf(this.#host);
    const { signal } = this.#stopping;
    if (signal.aborted) throw new PerigeeError('ABORTED', 'the light node was stopped while it started');
    this.#step('network');
    this.#peers = new PeerSet({
      host: this.#host,
      clock: this.#clock,
      isOurChain: (given) => isChainOf(this.#trust, given),
      signal,
      onStatus: (peer, status) => this.#hear(peer, status),
      onLie: (peer, error) => this.#lied(peer, error),
      onConnection: (peer, isConnected) => {
        const { transport = null } = peer.view();
        this.#events.note(isConnected ? 'connected' : 'disconnected', peer.id, { transport });
        if (!isConnected) this.blobs.forget(peer);
      },
      onChange: () => this.#show(),
    });
    this.#members = new Members({
      peers: this.#peers,
      chain: this.#chain,
      verify: this.#verify,
      genesisHash: () => this.#trust.genesisHash,
      onLie: (peer, error) => this.#lied(peer, error),
    });
    this.follower.onHead((_head, result) => this.#verified(result));
    this.#peers.addText([...this.#trust.peers, ...peers]);
    void this.#tick();
    if (this.#options.sharing !== undefined) void this.#share(this.#options.sharing);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new PerigeeError('ABORTED', 'the light node was stopped'));
    const own = this.#options.host === undefined ? this.#host : undefined;
    this.#keepHeader();
    this.#dayStore.keep();
    this.#endHurry(); // what waits to be kept is written before the store closes
    const kv = await this.#kv?.catch(() => undefined);
    const finding = await this.#finding?.catch(() => undefined);
    await (await this.#starting?.catch(() => undefined))?.stop();
    await Promise.all([own?.stop(), this.#verify.close(), this.kept.close(), kv?.close(), finding?.stop()]);
  }

  setBudgets(budgets: Budgets): void {
    this.#budgets.set(budgets);
    this.#show();
  }

  readdress({ anchor, genesisHash, peers }: Trust): void {
    const chainId = this.#trust.anchor.chainId;
    if (genesisHash === undefined || !isChainOf(this.#trust, genesisHash)) {
      throw new PerigeeError('WRONG_CHAIN', `the chain file is now of ${anchor.chainId}, not of ${chainId}`);
    }
    this.#peers?.addText(peers);
  }

  addPeers(addresses: readonly string[]): void {
    this.#peers?.addText(addresses);
  }

  members(): ReadonlyMap<string, KnownPeer> {
    return this.#members?.addresses() ?? new Map();
  }

  async proveTx(txId: Uint8Array, signal?: AbortSignal): Promise<ProvenTx> {
    const { proveTx } = await import('./chain/prove-tx.ts');
    const both = signal === undefined ? this.#stopping.signal : eitherSignal(signal, this.#stopping.signal);
    return proveTx(txId, {
      trustRoot: this.#trust.anchor,
      follower: this.follower,
      verify: this.#verify,
      peers: () => (this.#peers?.usable() ?? []).sort((a, b) => a.failures - b.failures),
      clock: this.#clock,
      signal: both,
      onLie: (peer, error) => this.#lied(peer, error),
    });
  }

  async requestFunds(address: Uint8Array, signal?: AbortSignal): Promise<Funds> {
    const { requestFunds } = await import('./faucet/request-funds.ts');
    const both = signal === undefined ? this.#stopping.signal : eitherSignal(signal, this.#stopping.signal);
    const peers = () => this.#peers?.usable() ?? [];
    const onLie = (peer: Peer, error: PerigeeError) => this.#lied(peer, error);
    return requestFunds(address, { chain: this.#chain, state: this.follower, peers, clock: this.#clock, signal: both, onLie });
  }

  askCollateral(request: CollateralRequest, signal?: AbortSignal): Promise<readonly Uint8Array[]> {
    const both = signal === undefined ? this.#stopping.signal : eitherSignal(signal, this.#stopping.signal);
    return askCollateral(this.#peers?.usable() ?? [], request, both);
  }

  /** Streams; what reads them is loaded when it is first needed. */
  kv(): Promise<KvNode> {
    this.#kv ??= this.#openKv().catch((error) => {
      this.#kv = undefined; // the next question tries again
      throw error;
    });
    return this.#kv;
  }

  async #openKv(): Promise<KvNode> {
    const [{ KvNode }, genesisHash] = await Promise.all([import('./kv/index.ts'), this.#genesisNamed()]);
    const { signal } = this.#stopping;
    if (signal.aborted) throw new PerigeeError('ABORTED', 'the light node was stopped');
    return KvNode.open({
      follower: this.follower,
      isCurrent: (head) => isVouchedFor(head, this.#peers?.list() ?? [], (height) => this.follower.hashAt(height), this.#clock),
      peers: () => {
        const usable = this.#peers?.usable() ?? [];
        return usable.filter((peer) => peer.hasRole('chain')).sort((a, b) => a.failures - b.failures);
      },
      trustRoot: this.#trust.anchor,
      verify: this.#verify,
      onLie: (peer, error) => this.#lied(peer, error),
      genesisHash,
      store: this.#options.store,
      clock: this.#clock,
      signal,
      onFault: ({ code, message }) => this.#events.note('storage', code, { message }),
    });
  }

  /** `undefined` before other pages can be met. */
  get pages(): Pages | undefined {
    return this.#pages;
  }

  /** Meets other pages, once the first blob was sampled and it is known which chain this is. */
  async #share(sharing: () => SharingOptions): Promise<void> {
    try {
      await this.#unhurried;
      const genesisHash = fromHex(await this.#genesisNamed(), 32);
      const { Pages } = await import('./pages/index.ts');
      const { signal } = this.#stopping;
      const host = this.#host;
      if (signal.aborted || host === undefined) return;
      this.#starting = Pages.start({
        host,
        genesisHash,
        clock: this.#clock,
        signal,
        sharing: sharing(),
        shelf: this.kept,
        relays: () => (this.#peers?.usable() ?? []).filter((peer) => peer.hasRole('relay')),
        onLie: (peer, error) => this.#lied(peer, error),
        onChange: () => this.#show(),
      });
      this.#pages = await this.#starting;
      this.#pages.set(sharing()); // it may have been changed meanwhile
    } catch (error) {
      const { code, message } = PerigeeError.from(error);
      if (!this.#stopping.signal.aborted) this.#events.note('error', code, { message });
    }
  }

  watchList(namespace: Uint8Array, listener: (listing: BlobListing) => void): () => void {
    const { follower, lists } = this;
    const onHead = (look: () => void) => follower.onHead(look);
    return new ListWatch({ lists, namespace, listener, onHead, signal: this.#stopping.signal }).stop;
  }

  /** `undefined` while it is not known which chain this is. */
  async #finder(): Promise<ProviderFinder | undefined> {
    const host = this.#host;
    const { genesisHash } = this.#trust;
    if (host === undefined || genesisHash === undefined) return undefined;
    this.#finding ??= import('./providers/storage-providers.ts').then(
      (module) =>
        new module.ProviderFinder({
          host,
          genesisHash,
          clock: this.#clock,
          peers: () => (this.#peers?.usable() ?? []).filter((peer) => peer.hasRole('storage')).map(({ address }) => address),
          startWalk: this.#options.startWalk,
          signal: this.#stopping.signal,
        }),
    );
    this.#finding.catch(() => {
      this.#finding = undefined; // the next search tries again
    });
    return this.#finding;
  }

  async #hurry(): Promise<void> {
    await this.#clock.sleep(HURRY_MS, this.#stopping.signal).catch(() => {});
    this.#endHurry();
  }

  /** Starts the workers while the dials wait for the network. */
  async #warm(): Promise<void> {
    void this.#lookBack();
    try {
      await this.#clock.sleep(WARM_AFTER_MS, this.#stopping.signal).catch(() => {});
      await Promise.all(
        Array.from({ length: this.#verify.size }, (_, i) => this.#verify.run('warm', undefined, { affinity: i })),
      );
      this.#step('worker');
    } catch (error) {
      this.#fail(error);
    }
  }

  async #lookBack(): Promise<void> {
    await this.#unhurried;
    this.#earlier = (await this.kept.verdicts()).slice(0, MAX_WATCHED_BLOBS);
    this.#show();
  }

  /** Hexadecimal; later, where only the state can tell it. */
  #genesisNamed(): Promise<string> {
    const { genesisHash } = this.#trust;
    if (genesisHash !== undefined) return Promise.resolve(toHex(genesisHash));
    const named = new Promise<string>((resolve, reject) => {
      this.#namedGenesis = resolve;
      const stopped = () => reject(new PerigeeError('ABORTED', 'it was never proved which chain this is'));
      this.#stopping.signal.addEventListener('abort', stopped, { once: true });
    });
    named.catch(() => {}); // whoever waits for it hears it
    return named;
  }

  /** What a peer says of itself are hints: each is followed up by something that can be verified. */
  async #hear(peer: Peer, status: Status): Promise<void> {
    this.#step('connect');
    peer.heads.note(status.height, status.headerHash);
    this.#members?.dial(status.peers);
    // others tell of heights that they have heard of; their word counts as a source, the header comes from who has it
    if (peer.hasRole('chain')) await this.#advance(peer, status.height);
    if (this.follower.head() === undefined || this.#conflict !== undefined) return;
    await this.#members?.verify(peer, status.peers).catch(() => {}); // the committee could not be proved yet: the next status brings them again
    if (this.#options.follow !== false && peer.usable) this.blobs.hint(peer, status.recentBlobs);
  }

  async #advance(peer: Peer, height: number): Promise<void> {
    if (this.#store.state.head === undefined) this.#store.update({ phase: 'verifying' });
    try {
      await this.follower.announce(peer, height);
    } catch (thrown) {
      const error = PerigeeError.from(thrown);
      const aheadMs = error.data?.aheadMs;
      if (error.code === 'HEADER_FUTURE' && typeof aheadMs === 'number') this.#clockWatch.future(aheadMs);
      // a lost worker stands in the way for good
      const isOurs = error.code === 'INTERNAL' && error.data?.remote !== true;
      if (isOurs) this.#fail(error);
      else this.#obstacle = error;
      this.#show();
    }
  }

  /** An earlier visit's header is trusted again: it is shown with its time, until there is a later one. */
  #resumed(result: HeadResult): void {
    this.#store.update({ headers: this.#headers.add(result) });
    if (this.#store.state.head === undefined) this.#store.update({ head: this.#headView(result), freshness: 'stale' });
  }

  #verified(result: HeadResult): void {
    this.#step('header');
    this.#store.update({ phase: 'live', error: undefined, head: this.#headView(result) });
    this.#show();
    if (this.#options.follow !== false) void this.blobs.follow();
    void this.#proveGenesis();
    const { height } = result.head;
    this.follower.signedPower(height).then(
      (signedPower) => {
        if (signedPower === undefined) return;
        const { head } = this.#store.state;
        if (head?.height === height) this.#store.update({ head: { ...head, signedPower } });
        this.#store.update({ headers: this.#headers.signed(height, signedPower) });
      },
      () => {}, // the worker was lost or closed: the next head tells its own
    );
    const now = this.#clock.now();
    if (now - this.#keptHeaderAtMs < KEEP_HEADER_EVERY_MS) return;
    this.#keptHeaderAtMs = now;
    void this.#unhurried.then(() => this.#keepHeader());
  }

  /** Keeps the header of now, which is none once the chain is not followed any further. */
  #keepHeader(): void {
    const { trusted } = this.follower;
    if (trusted !== undefined) void this.kept.keepHeader(trusted);
  }

  #headView({ head, validators, verifyMs }: HeadResult): HeadView {
    return {
      height: head.height,
      headerHash: toHex(head.headerHash),
      timeMs: head.timeMs,
      verifiedAtMs: this.#clock.now(),
      verifyMs,
      validators,
      sources: [],
      signedPower: undefined,
      confidence: undefined,
    };
  }

  /** A peer was proved to lie. */
  #lied(peer: Peer, error: PerigeeError): void {
    if (peer.banned === undefined) this.#events.note('banned', peer.id, { code: error.code, message: error.message });
    this.blobs.forget(peer);
    if (peer.isPage) this.#pages?.ban(peer, error.message);
    else this.#peers?.ban(peer, error.message);
    if (!peer.isPage) this.#obstacle = error;
    this.#show();
  }

  /** The chain's own validators signed two headers of one height: nothing that follows from either is believed any more. */
  #conflicted(peer: Peer, height: number, conflict: Conflict): void {
    if (this.#conflict !== undefined) return;
    const { chainId } = this.#trust.anchor;
    const error = new PerigeeError(
      'CONFLICTING_HEADERS',
      `validators of ${chainId} signed two headers of height ${height}; which one is the chain's, nobody can tell from here. Ask people you trust, and start from a trust root that they confirm`,
      { data: { height, peer: peer.id } },
    );
    this.#conflict = error;
    this.follower.halt(error);
    const foundAtMs = this.#clock.now();
    const file = conflictFile(conflict, chainId, foundAtMs);
    this.#events.note('conflict', String(height), { peer: peer.id });
    void this.kept.dropHeader();
    this.evidence.keep({ id: `headers-${height}`, blobId: '', foundAtMs, bytes: file.length }, file);
    this.#fail(error);
  }

  async #proveGenesis(): Promise<void> {
    const { chain } = this.#store.state;
    if (chain?.development !== undefined || this.#provingGenesis) return;
    this.#provingGenesis = true;
    try {
      const { genesisHash, appState } = await this.#chain.facts();
      if (!isChainOf(this.#trust, genesisHash)) {
        throw new PerigeeError('WRONG_CHAIN', 'the state of this chain proves another genesis than is trusted');
      }
      this.#trust = { ...this.#trust, genesisHash };
      this.#namedGenesis(toHex(genesisHash));
      this.#step('state');
      const { chainId } = this.#trust.anchor;
      const { development, maxRetentionBlocks } = appState;
      const collateralFloors = chainFloorsOf(appState);
      this.#store.update({
        chain: { chainId, genesisHash: toHex(genesisHash), development, maxRetentionBlocks, collateralFloors },
      });
    } catch (thrown) {
      const error = PerigeeError.from(thrown);
      if (error.code === 'WRONG_CHAIN' || error.code === 'GENESIS') {
        this.follower.halt(error);
        this.#fail(error);
      }
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
    const { head, phase, clock, freshness: before, storage } = this.#store.state;
    const sources = verified === undefined ? [] : sourcesOf(verified, peers);
    const isFollowed = phase === 'live' || phase === 'connecting';
    if (verified !== undefined) this.#clockWatch.head(verified, keysOf(sources));
    this.#witnesses.look(sources);
    const freshness = verified === undefined ? before : freshnessOf(verified, sources, this.#clock);
    if (verified !== undefined && freshness !== undefined && this.#freshnessLog.look(freshness)) {
      this.#events.note('head', String(verified.height), { freshness });
    }
    const clockNow = this.#clockWatch.view;
    if (clockNow.state !== clock.state) this.#events.note('clock', clockNow.state, { offsetMs: clockNow.offsetMs });
    const { view } = this.kept;
    if (view?.error?.code !== storage?.error?.code) this.#noteStorage(view?.error?.code);
    const blobs = this.blobs.views();
    this.#store.update({
      peers: [...peers, ...(this.#pages?.list() ?? [])].map((peer) => peer.view()),
      sharing: this.#pages?.view(),
      blobs: [...blobs, ...this.#earlier.filter(({ blobId }) => !blobs.some((blob) => blob.blobId === blobId))],
      rowsVerified: this.blobs.rowsVerified,
      ...this.#host?.traffic(),
      clock: clockNow,
      events: this.#events.list(),
      evidence: this.evidence.views(),
      storage: view,
      budgets: this.#budgets.view(),
      freshness,
      ...(verified === undefined || head === undefined
        ? {}
        : {
            ...(isFollowed ? { phase: peers.some((peer) => peer.usable) ? 'live' : 'connecting' } : {}),
            head: { ...head, sources: sources.map((peer) => peer.id), confidence: this.blobs.headConfidence() },
          }),
    });
  }

  #noteStorage(code: string | undefined): void {
    this.#events.note('storage', code ?? 'ok');
  }

  async #tick(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#clock.sleep(TICK_MS, signal).catch(() => {});
      this.#dayStore.look();
      this.#pages?.look();
      this.#show();
    }
  }
}

function bytesOf(host: Host | undefined): number {
  const { bytesIn, bytesOut } = host?.traffic() ?? { bytesIn: 0, bytesOut: 0 };
  return bytesIn + bytesOut;
}

function mayHaveHeader(peer: Peer): boolean {
  const isUnknown = peer.roles.length === 0;
  return peer.banned === undefined && peer.error === undefined && (isUnknown || peer.hasRole('chain'));
}

/** A committee key belongs to one peer at a time, so peers that have one are peers with different keys. */
function keysOf(sources: readonly Peer[]): number {
  return sources.filter((peer) => peer.members.size > 0).length;
}
