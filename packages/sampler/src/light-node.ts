import type { Clock, RandomBytes, TxSubmit, VerifiedState } from '@perigee/light-core/roles';
import type { Host, KnownPeer } from '@perigee/net';
import { type CollateralRequest, fromHex, PerigeeError } from '@perigee/wire';
import type { WorkerLike } from '@perigee/workers';
import { type Budgets, checkBudgets } from './budgets/index.ts';
import type { ProvenTx } from './chain/prove-tx.ts';
import type { StoragePeers } from './files/index.ts';
import type { KvStream } from './kv/index.ts';
import { lazyStream } from './lazy-stream.ts';
import type { SharingOptions } from './pages/index.ts';
import type { StartProviderWalk } from './providers/storage-providers.ts';
import type { BlobListing, ListOptions, RetrievedBlob, RetrieveOptions, StoreOptions } from './requests.ts';
import { orAbort } from './retrieve/index.ts';
import { RunningNode } from './running-node.ts';
import type { BlobView, LightNodeState } from './state.ts';
import { StateStore } from './state-store.ts';
import type { LightStore } from './store/light-store.ts';
import { readTrust } from './trust.ts';

const DEFAULT_LISTINGS = 20;

export interface LightNodeOptions {
  /** Text of `/perigee-chain.json`: the one thing that is believed. It must come with the program, not from a peer. */
  readonly trustRoot?: string;
  /**
   * `<chainId>:<height>:<hash>`, with or without `#trust=` before it: believed in its place, for a chain that did not come with the program. Only
   * what a person has seen in full and accepted by hand may be given here (PROTOCOL §5).
   */
  readonly trustLink?: string;
  /** More addresses to dial, ending in `/p2p/<peer id>`. They add peers, never trust. */
  readonly peers?: readonly string[];
  /**
   * Dial loopback and private addresses. By default only where the trust root itself names such a peer, as that of a local chain does: then
   * who built the page meant a local network, and it is not a peer that makes us knock on one.
   */
  readonly allowPrivate?: boolean;
  /** Sample what is recorded on the chain as it comes. Default true. */
  readonly follow?: boolean;
  /** What it may take; `setBudgets` changes it. Default: no caps. */
  readonly budgets?: Budgets;
  /** Processor time that counts against `budgets.cpuShare` so far, milliseconds. Default: what jobs took in the verify workers, all that a page can tell. */
  readonly cpuMs?: () => number;
  readonly workers?: number;
  /** Starts a verify worker, for hosts that have another way to load one. */
  readonly spawnWorker?: () => WorkerLike;
  /** A host to share with other roles, or one that is being made; its owner stops it. Without it the node makes and stops its own. */
  readonly host?: Host | Promise<Host>;
  /** Kademlia of its own, by which it finds who has a file. Left out: it asks connected nodes to search. */
  readonly startWalk?: StartProviderWalk;
  /**
   * Give verified rows to other pages, and take theirs (browser to browser). Left out: it meets no page, and `setSharing` throws. `{}` shares within the
   * default bounds.
   */
  readonly sharing?: SharingOptions;
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
  /** @throws TRUST_ROOT, UNKNOWN_VERSION, TRUST_EXPIRED, INVALID_ARGUMENT, UNSUPPORTED; ABORTED when it is stopped meanwhile */
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * Samples one blob.
   *
   * @param blobId hexadecimal, 33 bytes
   * @returns when every drawn row has its verdict
   * @throws NOT_FOUND when the chain proves at a current head that it has no such blob; BLOB_EXPIRED when nobody owes its rows any more;
   *   ROW_ROOT_MISMATCH when its signers certified what they never checked; UNPROVEN, ABORTED, INTERNAL (the verify worker)
   */
  sample(blobId: string, options?: { signal?: AbortSignal; budget?: 'full' | 'light' }): Promise<BlobView>;
  /**
   * Other caps from now on, instead of all that were; before `start` too. What is used, and what waits for it, is in `state.budgets`.
   *
   * @throws INVALID_ARGUMENT for a cap that is not above 0
   */
  setBudgets(budgets: Budgets): void;
  /**
   * Keeps what is known of one blob in `state.blobs`, however many newer ones come, until another is held.
   *
   * @param blobId hexadecimal; `undefined` for none
   */
  hold(blobId: string | undefined): void;
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
  /**
   * Changes what is given to other pages, from now on and for later starts; what is left out stays as it is. `state.sharing` shows it.
   *
   * @throws INVALID_ARGUMENT; UNSUPPORTED where it was made without `sharing`
   */
  setSharing(sharing: SharingOptions): Promise<void>;
  /** The file of evidence that `state.evidence` names. @throws NOT_FOUND */
  evidence(id: string): Promise<Uint8Array>;
  /**
   * Asks the faucet of a development chain for tokens and waits until they are there.
   *
   * @returns by how much the proved balance has grown, and the head that proves it
   * @throws REFUSED (cap reached), UNREACHABLE (no peer has a faucet), UNSUPPORTED (the chain has none), TIMEOUT, UNPROVEN, ABORTED
   */
  requestFunds(
    address: Uint8Array,
    options?: { signal?: AbortSignal },
  ): Promise<{ readonly amount: bigint; readonly height: number }>;
  /**
   * Files of collateral that connected peers hand on, at most COLLATERAL_PEERS of them. Nothing of it is verified: `CollateralClient` does that.
   *
   * @throws ABORTED
   */
  askCollateral(request: CollateralRequest, options?: { signal?: AbortSignal }): Promise<readonly Uint8Array[]>;
  /** Small values that are kept beside those of the chain. @throws ABORTED (before `start`) */
  readonly shelf: Pick<LightStore, 'value' | 'keepValue' | 'changeValue'>;
  /** State of the chain under the verified head. @throws UNPROVEN, ABORTED (before `start`) */
  readonly chain: VerifiedState;
  /**
   * A stream of key-value pairs: every value proved, kept on this device, and followed.
   *
   * @param stream 32 bytes, or as many in hexadecimal
   * @throws INVALID_ARGUMENT, PARSE; its methods also ABORTED (before `start`)
   */
  kv(stream: Uint8Array | string): KvStream;
  /** The storage nodes that it is connected to, for transfers of files (`@perigee/sampler/files`). None before `start`. */
  readonly storage: StoragePeers;
  /** @throws ABORTED (before `start`) and what `TxSubmitter` throws */
  readonly transactions: TxSubmit;
  /**
   * Proves that a block holds a transaction, and what came of it, under headers that the trust root vouches for.
   *
   * @param txId SHA-256 of its bytes
   * @throws NOT_FOUND no block is known to hold it, or the header after that is not verified yet; PRUNED when it is older than the trust root; PROOF,
   *   UNREACHABLE, UNPROVEN without a head, ABORTED
   */
  proveTx(txId: Uint8Array, options?: { signal?: AbortSignal }): Promise<ProvenTx>;
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
  let held: string | undefined;
  let { budgets, sharing } = options;
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
        const chosen = { ...options, ...(budgets && { budgets }), sharing: sharing && (() => sharing ?? {}) };
        starting = new RunningNode(chosen, readTrust(options), store);
        running = starting;
        starting.blobs.hold(held);
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
      if (running === undefined) store.update({ phase: 'stopped' }); // else it was started again meanwhile
    },
    setBudgets(given) {
      const caps = checkBudgets(given);
      budgets = caps;
      if (running !== undefined) running.setBudgets(caps);
      else store.update({ budgets: { ...store.state.budgets, caps } });
    },
    hold(blobId) {
      held = blobId;
      running?.blobs.hold(blobId);
    },
    async setSharing(given) {
      if (sharing === undefined) throw new PerigeeError('UNSUPPORTED', 'this light node was made to share nothing');
      const { sharingOf } = await import('./pages/index.ts');
      sharing = sharingOf({ ...sharing, ...given });
      running?.pages?.set(sharing);
    },
    sample: async (blobId, { signal, budget } = {}) => live().blobs.sample(fromHex(blobId, 33), signal, budget),
    chain: {
      head: () => running?.follower.head(),
      get: async (name, key, given) => live().follower.get(name, key, given),
      onHead: (listener) => live().follower.onHead(listener),
    },
    kv: (stream) => lazyStream(stream, async () => live().kv()),
    storage: {
      peers: () => running?.storage.peers() ?? [],
      search: async (file, check, given) => live().storage.search?.(file, check, given),
      judge: (peer, thrown) => running?.storage.judge(peer, thrown) ?? PerigeeError.from(thrown),
    },
    askCollateral: async (request, { signal } = {}) => live().askCollateral(request, signal),
    shelf: {
      value: async (name) => live().kept.value(name),
      keepValue: async (name, bytes) => live().kept.keepValue(name, bytes),
      changeValue: async (name, change) => live().kept.changeValue(name, change),
    },
    transactions: { submit: async (raw, given) => live().transactions.submit(raw, given) },
    proveTx: async (txId, given) => live().proveTx(txId, given?.signal),
    readdress: (trustRoot) => live().readdress(readTrust({ trustRoot })),
    addPeers: (addresses) => live().addPeers(addresses),
    members: () => running?.members() ?? new Map(),
    retrieve: (blobId, given) => orAbort(given.sink, async () => live().retrievals.retrieve(fromHex(blobId, 33), given)),
    list: async (namespace, given = {}) => live().lists.list(fromHex(namespace), { limit: DEFAULT_LISTINGS, ...given }),
    watch: (namespace, listener) => live().watchList(fromHex(namespace), listener),
    evidence: async (id) => live().evidence.get(id),
    requestFunds: async (address, { signal } = {}) => live().requestFunds(address, signal),
  };
}
