import type { Clock, RandomBytes, TxSubmit, VerifiedState } from '@perigee/light-core/roles';
import type { Host, KnownPeer } from '@perigee/net';
import { type CollateralRequest, fromHex, PerigeeError } from '@perigee/wire';
import type { WorkerLike } from '@perigee/workers';
import type { ProvenTx } from './chain/prove-tx.ts';
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
  /** Bytes that may come in a second, over seconds: samples that nobody asks for wait for it. Headers and what is asked for do not, and count. Default: no cap. */
  readonly maxDownBytesPerSecond?: number;
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
  readonly shelf: Pick<LightStore, 'value' | 'keepValue'>;
  /** State of the chain under the verified head. @throws UNPROVEN, ABORTED (before `start`) */
  readonly chain: VerifiedState;
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
        starting = new RunningNode(options, readTrust(options), store);
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
      store.update({ phase: 'stopped' });
    },
    hold(blobId) {
      held = blobId;
      running?.blobs.hold(blobId);
    },
    sample: async (blobId, { signal, budget } = {}) => live().blobs.sample(fromHex(blobId, 33), signal, budget),
    chain: {
      head: () => running?.follower.head(),
      get: async (name, key, given) => live().follower.get(name, key, given),
      onHead: (listener) => live().follower.onHead(listener),
    },
    askCollateral: async (request, { signal } = {}) => live().askCollateral(request, signal),
    shelf: {
      value: async (name) => live().kept.value(name),
      keepValue: async (name, bytes) => live().kept.keepValue(name, bytes),
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
