import type { Clock } from '@perigee/light-core/roles';
import { MAX_CONNECTIONS } from '@perigee/wire';
import { TokenBucket } from './token-bucket.ts';

export interface QuotaLimits {
  /** Streams of one peer. */
  readonly maxStreams: number;
  /** Requests of one peer in work at once. */
  readonly maxConcurrentPerPeer: number;
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
}

/** What one peer uses of one protocol. */
export class PeerQuota {
  readonly #limits: QuotaLimits;
  readonly #bucket: TokenBucket;
  #streams = 0;
  #requests = 0;

  constructor(clock: Clock, limits: QuotaLimits) {
    this.#limits = limits;
    this.#bucket = new TokenBucket(clock, limits.requestsPerSecond, limits.requestBurst);
  }

  get unused(): boolean {
    return this.#streams === 0 && this.#requests === 0;
  }

  openStream(): boolean {
    if (this.#streams >= this.#limits.maxStreams) return false;
    this.#streams++;
    return true;
  }

  closeStream(): void {
    this.#streams--;
  }

  /** @returns why a request is not taken; `undefined` when it is, and then `leave` is owed */
  enter(): string | undefined {
    if (!this.#bucket.take()) return `more than ${this.#limits.requestsPerSecond} requests a second`;
    if (this.#requests >= this.#limits.maxConcurrentPerPeer)
      return `more than ${this.#limits.maxConcurrentPerPeer} requests at once`;
    this.#requests++;
    return undefined;
  }

  leave(): void {
    this.#requests--;
  }
}

/** Quotas by peer. They outlive a connection, so that a peer cannot start afresh by dialling again. */
export class PeerQuotas {
  readonly #byPeer = new Map<string, PeerQuota>();
  readonly #create: () => PeerQuota;

  constructor(clock: Clock, limits: QuotaLimits) {
    this.#create = () => new PeerQuota(clock, limits);
  }

  of(peerId: string): PeerQuota {
    let quota = this.#byPeer.get(peerId);
    if (quota === undefined) {
      if (this.#byPeer.size >= MAX_CONNECTIONS) this.#sweep();
      quota = this.#create();
      this.#byPeer.set(peerId, quota);
    }
    return quota;
  }

  /** Drops quotas that are not in use: identities are free, memory is not. */
  #sweep(): void {
    for (const [peerId, quota] of this.#byPeer) if (quota.unused) this.#byPeer.delete(peerId);
  }
}
