import type { Clock } from '@perigee/light-core/roles';
import { peerIdOfKey } from '@perigee/net/providers';
import {
  MAX_BANNED_PEERS,
  MAX_PROVIDER_RECORDS,
  MAX_PROVIDER_RECORDS_PER_PEER,
  MAX_PROVIDER_STRIKES,
  MAX_PROVIDERS_PER_FILE,
  PerigeeError,
  ProviderRecord,
  toHex,
} from '@perigee/wire';

interface Kept {
  /** Encoded: there may be many. */
  readonly bytes: Uint8Array;
  readonly expiry: number;
  /** It proved to this node that it has the file. */
  readonly isProved: boolean;
}

/** Announcements that were verified, by file and node. */
export class ProviderStore {
  readonly #clock: Clock;
  readonly #byFile = new Map<string, Map<string, Kept>>();
  /** Records of each node. */
  readonly #counts = new Map<string, number>();
  /** How often nodes were disproved; those that were too often are not heard again. */
  readonly #strikes = new Map<string, number>();
  #size = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#size;
  }

  /** Those that hold, of one file. */
  of(root: Uint8Array): ProviderRecord[] {
    const now = this.#clock.now();
    const kept = [...(this.#byFile.get(toHex(root))?.values() ?? [])];
    return kept.filter(({ expiry }) => expiry > now).map(({ bytes }) => ProviderRecord.decode(bytes));
  }

  isBanned(peerId: string): boolean {
    return (this.#strikes.get(peerId) ?? 0) >= MAX_PROVIDER_STRIKES;
  }

  /** Whether a node that is not kept of a file takes somebody's place. */
  isFull(root: Uint8Array, peerId: string): boolean {
    const nodes = this.#byFile.get(toHex(root));
    return nodes !== undefined && nodes.size >= MAX_PROVIDERS_PER_FILE && !nodes.has(peerId);
  }

  /**
   * Keep a record that was verified, in place of an older one of the same node.
   *
   * @param isProved that the node has the file; such a one takes the place of one that is not
   * @throws REFUSED (the node was disproved too often), BUSY (there is no room)
   */
  put(record: ProviderRecord, isProved = false): void {
    const { root, key, expiry } = record.body;
    const peerId = peerIdOfKey(key);
    if (this.isBanned(peerId)) {
      throw new PerigeeError('REFUSED', 'it announced files that it had not, too often', { data: { peerId } });
    }
    const file = toHex(root);
    const nodes = this.#byFile.get(file) ?? new Map<string, Kept>();
    const before = nodes.get(peerId);
    if (before !== undefined && before.expiry > expiry) return;
    if (before === undefined) this.#makeRoom(file, nodes, peerId, isProved);
    this.#byFile.set(file, nodes);
    nodes.set(peerId, { bytes: ProviderRecord.encode(record), expiry, isProved: isProved || before?.isProved === true });
    if (before !== undefined) return;
    this.#size++;
    this.#counts.set(peerId, (this.#counts.get(peerId) ?? 0) + 1);
  }

  /** A node has proved that it has a file. */
  proved(root: Uint8Array, peerId: string): void {
    const nodes = this.#byFile.get(toHex(root));
    const kept = nodes?.get(peerId);
    if (kept !== undefined) nodes?.set(peerId, { ...kept, isProved: true });
  }

  /**
   * A node has not what it announced: nothing of it is believed any more, and it is not heard again when it gave what is false, or that was not the
   * first time.
   */
  disproved(peerId: string, gaveFalse: boolean): void {
    const strikes = gaveFalse ? MAX_PROVIDER_STRIKES : (this.#strikes.get(peerId) ?? 0) + 1;
    this.#strikes.delete(peerId);
    this.#strikes.set(peerId, strikes);
    const [oldest] = this.#strikes.keys();
    if (this.#strikes.size > MAX_BANNED_PEERS && oldest !== undefined) this.#strikes.delete(oldest);
    for (const [file, nodes] of this.#byFile) this.#drop(file, nodes, peerId);
  }

  /** Forgets what has expired. */
  sweep(): void {
    const now = this.#clock.now();
    for (const [file, nodes] of this.#byFile) {
      for (const [peerId, { expiry }] of nodes) if (expiry <= now) this.#drop(file, nodes, peerId);
    }
  }

  #makeRoom(file: string, nodes: Map<string, Kept>, peerId: string, isProved: boolean): void {
    if ((this.#counts.get(peerId) ?? 0) >= MAX_PROVIDER_RECORDS_PER_PEER) {
      throw new PerigeeError('BUSY', `${MAX_PROVIDER_RECORDS_PER_PEER} files of one node are kept already`);
    }
    const now = this.#clock.now();
    if (nodes.size >= MAX_PROVIDERS_PER_FILE) {
      const gone = [...nodes].find(([, kept]) => kept.expiry <= now) ?? [...nodes].find(([, kept]) => isProved && !kept.isProved);
      if (gone === undefined) throw new PerigeeError('BUSY', `${MAX_PROVIDERS_PER_FILE} nodes are kept for this file already`);
      this.#drop(file, nodes, gone[0]);
    }
    if (this.#size >= MAX_PROVIDER_RECORDS) this.sweep();
    if (this.#size >= MAX_PROVIDER_RECORDS)
      throw new PerigeeError('BUSY', `${MAX_PROVIDER_RECORDS} announcements are kept already`);
  }

  #drop(file: string, nodes: Map<string, Kept>, peerId: string): void {
    if (!nodes.delete(peerId)) return;
    this.#size--;
    const left = (this.#counts.get(peerId) ?? 1) - 1;
    if (left === 0) this.#counts.delete(peerId);
    else this.#counts.set(peerId, left);
    if (nodes.size === 0) this.#byFile.delete(file);
  }
}
