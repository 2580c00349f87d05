import { randomInt } from 'node:crypto';
import type { Clock } from '@perigee/light-core/roles';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { type FileHash, verifySegment } from '@perigee/light-core/storage';
import { abortable, type Host, type KnownPeer, limitedSignal, open, providersProtocol } from '@perigee/net';
import { disproves, type Provider, peerIdOfKey, proveProvider, verifiedRecords } from '@perigee/net/providers';
import {
  type ErrorCode,
  GATEWAY_TIMEOUT_MS,
  MAX_PROVIDER_PROOFS_AT_ONCE,
  MAX_PROVIDER_SEARCHES,
  MAX_PROVIDER_SEARCHES_KEPT,
  MAX_PROVIDERS_FOUND,
  MAX_PROVIDERS_PER_FILE,
  PerigeeError,
  PROVIDER_SEARCH_KEPT_MS,
  PROVIDER_SEARCH_MS,
  type ProviderRecord,
  type StoredFile,
  toHex,
} from '@perigee/wire';
import type { ProviderStore } from './provider-store.ts';

/** A file as the log knows it. */
export type SearchedFile = Pick<StoredFile, 'root' | 'length' | 'startSector'>;

/** A node that proved that it has a file, and how it said so. */
export interface FoundProvider extends Provider {
  readonly record: ProviderRecord;
}

export interface ProviderSearchParts {
  readonly host: Host;
  readonly genesisHash: Uint8Array;
  readonly store: ProviderStore;
  /** Nodes close to a file. */
  readonly closest: (root: Uint8Array, signal: AbortSignal) => Promise<readonly KnownPeer[]>;
  readonly hash: FileHash;
  readonly clock: Clock;
  readonly verifyEd25519: VerifyEd25519;
  /** Told of a node that has not what it announced, and whether it gave something false. */
  readonly onLiar: (peerId: string, error: PerigeeError, gaveFalse: boolean) => void;
  /** Ends every search. */
  readonly signal: AbortSignal;
}

/** What a node says that has not got a file; all else that disproves it is false. */
const LACKING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['NOT_FOUND', 'UNSUPPORTED']);

/** Finds out who has a file, wherever in the network: asks those close to it who announced it, and puts each to the proof. */
export class ProviderSearch {
  readonly #parts: ProviderSearchParts;
  /** By data root and place in the flow; the one asked last is at the end. */
  readonly #known = new Map<string, { readonly untilMs: number; readonly found: Promise<readonly FoundProvider[]> }>();
  #running = 0;

  constructor(parts: ProviderSearchParts) {
    this.#parts = parts;
  }

  /**
   * @returns other nodes that have all of the file that is of their shard
   * @throws BUSY, ABORTED
   */
  async find(file: SearchedFile, signal: AbortSignal): Promise<readonly FoundProvider[]> {
    const now = this.#parts.clock.now();
    const key = `${toHex(file.root)} ${file.startSector}`;
    const known = this.#known.get(key);
    if (known !== undefined && known.untilMs > now) return abortable(known.found, signal);
    if (this.#running >= MAX_PROVIDER_SEARCHES) throw new PerigeeError('BUSY', 'too many searches are under way');
    this.#running++;
    // whoever asks meanwhile waits for the same answer, so nobody's going ends it
    const found = this.#look(file).finally(() => {
      this.#running--;
    });
    found.catch(() => this.#known.delete(key));
    this.#known.delete(key);
    this.#known.set(key, { untilMs: now + PROVIDER_SEARCH_KEPT_MS, found });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_PROVIDER_SEARCHES_KEPT && oldest !== undefined) this.#known.delete(oldest);
    return abortable(found, signal);
  }

  /** Puts one node to the proof, and remembers what came of it. @returns `undefined` when it did not prove that it has the file */
  async prove(record: ProviderRecord, file: SearchedFile, signal: AbortSignal): Promise<FoundProvider | undefined> {
    const { host, store, hash, onLiar } = this.#parts;
    const { body } = record;
    const peerId = peerIdOfKey(body.key);
    try {
      const check = async (_file: unknown, answer: Parameters<typeof verifySegment>[1]): Promise<unknown> =>
        verifySegment(file, answer, hash);
      const provider = await proveProvider(body, { host, file, check, below: (end) => randomInt(end), signal });
      store.proved(body.root, peerId);
      return { ...provider, record };
    } catch (thrown) {
      const error = PerigeeError.from(thrown);
      if (disproves(error)) {
        const gaveFalse = !LACKING.has(error.code);
        store.disproved(peerId, gaveFalse);
        onLiar(peerId, error, gaveFalse);
      }
      return undefined;
    }
  }

  async #look(file: SearchedFile): Promise<readonly FoundProvider[]> {
    const { host, store, genesisHash, clock, verifyEd25519 } = this.#parts;
    const signal = limitedSignal(this.#parts.signal, PROVIDER_SEARCH_MS);
    const context = { genesisHash, root: file.root, nowMs: clock.now(), verifyEd25519 };
    const answers = await this.#ask(file.root, signal);
    const records = await verifiedRecords([store.of(file.root), ...answers], MAX_PROVIDERS_FOUND, context);
    const waiting = records.filter(({ body }) => {
      const peerId = peerIdOfKey(body.key);
      return peerId !== host.peerId && !store.isBanned(peerId);
    });
    const found: FoundProvider[] = [];
    const prover = async (): Promise<void> => {
      for (let record = waiting.shift(); record !== undefined && !signal.aborted; record = waiting.shift()) {
        const provider = await this.prove(record, file, signal);
        if (provider !== undefined && found.length < MAX_PROVIDERS_PER_FILE) found.push(provider);
      }
    };
    await Promise.all(Array.from({ length: MAX_PROVIDER_PROOFS_AT_ONCE }, prover));
    if (this.#parts.signal.aborted) throw new PerigeeError('ABORTED', 'the node was stopped');
    return found;
  }

  /** What those close to a file were told. Who does not answer is passed by. */
  async #ask(root: Uint8Array, signal: AbortSignal): Promise<(readonly ProviderRecord[])[]> {
    const { host, genesisHash, closest } = this.#parts;
    const protocol = providersProtocol(genesisHash);
    const peers = await closest(root, signal).catch(() => []);
    return Promise.all(
      peers.map(async (peer) => {
        try {
          const request = { find: root, search: false };
          return (await open(host, peer, protocol).callOne(request, { signal, timeoutMs: GATEWAY_TIMEOUT_MS })).records;
        } catch {
          return [];
        }
      }),
    );
  }
}
