import type { Clock } from '@perigee/light-core/roles';
import { bestEd25519 } from '@perigee/light-core/signature';
import { cryptoRandomBytes, eitherSignal, type Host, type KnownPeer, limitedSignal, open, providersProtocol } from '@perigee/net';
import { disproves, type ProvedFile, type Provider, peerIdOfKey, proveProvider, verifiedRecords } from '@perigee/net/providers';
import {
  MAX_BANNED_PEERS,
  MAX_PROVIDER_PROOFS_AT_ONCE,
  MAX_PROVIDERS_FOUND,
  PerigeeError,
  PROVIDER_SEARCH_MS,
  type ProviderRecord,
  type SegmentAnswer,
} from '@perigee/wire';

/** Nodes that are asked to search, at most: each asks many others. */
const ASKED_TO_SEARCH = 4;

/** Kademlia, for a client that finds its own way: who is close to a file, begun with peers that are known. */
export interface ProviderWalk {
  meet(peer: KnownPeer): Promise<void>;
  closest(root: Uint8Array, signal: AbortSignal): Promise<readonly KnownPeer[]>;
  stop(): Promise<void>;
}

/** Starts one on a host, for a chain. */
export type StartProviderWalk = (host: Host, genesisHash: Uint8Array) => Promise<ProviderWalk>;

export interface ProviderFinderParts {
  readonly host: Host;
  readonly genesisHash: Uint8Array;
  readonly clock: Clock;
  /** Storage nodes that are connected. */
  readonly peers: () => readonly KnownPeer[];
  /** Left out: nodes that are connected are asked to search. */
  readonly startWalk?: StartProviderWalk | undefined;
  readonly signal: AbortSignal;
}

/** Finds nodes that have a file, wherever they are: by records that they signed, and each put to the proof by this client itself. */
export class ProviderFinder {
  readonly #parts: ProviderFinderParts;
  readonly #verifyEd25519 = bestEd25519(globalThis.crypto?.subtle);
  /** Nodes that had not what they announced, the latest last. */
  readonly #disproved = new Set<string>();
  #walk: Promise<ProviderWalk> | undefined;

  constructor(parts: ProviderFinderParts) {
    this.#parts = parts;
  }

  /**
   * @param check that a segment is the file's. @throws FILE_PROOF, SEGMENT_SIZE, SEGMENT_INDEX
   * @returns those that proved that they have all of the file that is of their shard
   * @throws ABORTED
   */
  async find(
    file: ProvedFile,
    check: (file: ProvedFile, answer: SegmentAnswer) => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<readonly Provider[]> {
    const { host, genesisHash, clock } = this.#parts;
    const until = limitedSignal(eitherSignal(signal, this.#parts.signal), 2 * PROVIDER_SEARCH_MS);
    const answers = await this.#ask(file.root, until);
    const context = { genesisHash, root: file.root, nowMs: clock.now(), verifyEd25519: this.#verifyEd25519 };
    const waiting = await verifiedRecords(answers, MAX_PROVIDERS_FOUND, context);
    const found: Provider[] = [];
    const prover = async (): Promise<void> => {
      for (let record = waiting.shift(); record !== undefined && !until.aborted; record = waiting.shift()) {
        const peerId = peerIdOfKey(record.body.key);
        if (this.#disproved.has(peerId)) continue;
        try {
          found.push(await proveProvider(record.body, { host, file, check, below, signal: until }));
        } catch (thrown) {
          if (disproves(PerigeeError.from(thrown))) this.#remember(peerId);
        }
      }
    };
    await Promise.all(Array.from({ length: MAX_PROVIDER_PROOFS_AT_ONCE }, prover));
    if (signal.aborted) throw new PerigeeError('ABORTED', 'the search was stopped');
    return found;
  }

  async stop(): Promise<void> {
    await (await this.#walk?.catch(() => undefined))?.stop();
  }

  /** What nodes close to the file were told, where this client finds its own way; else what connected nodes find for it. */
  async #ask(root: Uint8Array, signal: AbortSignal): Promise<(readonly ProviderRecord[])[]> {
    const peers = this.#parts.peers();
    const near = await this.#closest(peers, root, signal).catch(() => []);
    const told = near.map((peer) => this.#askOne(peer, root, false, signal));
    const searched = near.length > 0 ? [] : peers.slice(0, ASKED_TO_SEARCH).map((peer) => this.#askOne(peer, root, true, signal));
    return Promise.all([...told, ...searched]);
  }

  async #closest(peers: readonly KnownPeer[], root: Uint8Array, signal: AbortSignal): Promise<readonly KnownPeer[]> {
    const { host, genesisHash, startWalk } = this.#parts;
    if (startWalk === undefined) return [];
    this.#walk ??= startWalk(host, genesisHash);
    const walk = await this.#walk;
    await Promise.all(peers.map((peer) => walk.meet(peer).catch(() => {}))); // one that takes no part
    return walk.closest(root, signal);
  }

  async #askOne(peer: KnownPeer, root: Uint8Array, search: boolean, signal: AbortSignal): Promise<readonly ProviderRecord[]> {
    const { host, genesisHash } = this.#parts;
    try {
      const options = { signal, timeoutMs: PROVIDER_SEARCH_MS };
      return (await open(host, peer, providersProtocol(genesisHash)).callOne({ find: root, search }, options)).records;
    } catch {
      return [];
    }
  }

  #remember(peerId: string): void {
    this.#disproved.add(peerId);
    const [oldest] = this.#disproved;
    if (this.#disproved.size > MAX_BANNED_PEERS && oldest !== undefined) this.#disproved.delete(oldest);
  }
}

/** A whole number from 0 to below `end`, all alike likely. */
function below(end: number): number {
  const most = 2 ** 32 - (2 ** 32 % end);
  for (;;) {
    const bytes = cryptoRandomBytes(4);
    const word = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
    if (word < most) return word % end;
  }
}
