import type { VerifiedHead } from '@perigee/light-core/roles';
import type { KvEntry, KvScan } from '@perigee/wire';
import type { KvFound } from '../verify/check-kv.ts';

/** What one answer of a peer proved, and what that cost. */
export interface KvProof {
  /** Bytes of the answer, without the keys and values whose presence it proves. */
  readonly bytes: number;
  /** Milliseconds that the check took. */
  readonly verifyMs: number;
}

/** Proved entries of a stream: what a reader of streams needs of a light node. */
export interface KvSource {
  head(): VerifiedHead | undefined;
  /** Whether a head is recent, and two peers with different committee keys have it, or a later one that was verified (PROTOCOL §5). */
  isCurrent(head: VerifiedHead): boolean;
  /**
   * @param keys MAX_KV_KEYS_PER_REQUEST at most
   * @returns in the order of the keys, `undefined` where the absence was proved
   * @throws UNPROVEN, ABORTED
   */
  prove(stream: Uint8Array, keys: readonly Uint8Array[], signal?: AbortSignal): Promise<ProvedKeys>;
  /**
   * As `prove`, under an earlier header.
   *
   * @throws PRUNED when nobody keeps that state; NOT_FOUND for a header above the head; UNPROVEN, ABORTED
   */
  proveAt(height: number, stream: Uint8Array, keys: readonly Uint8Array[], signal?: AbortSignal): Promise<ProvedKeys>;
  /** @throws UNPROVEN, ABORTED, INVALID_ARGUMENT */
  scan(stream: Uint8Array, scan: KvScan, signal?: AbortSignal): Promise<ProvedScan>;
}

export interface ProvedKeys {
  readonly head: VerifiedHead;
  readonly entries: readonly (KvEntry | undefined)[];
  readonly proof: KvProof;
}

export interface ProvedScan {
  readonly head: VerifiedHead;
  /** In the order asked for. */
  readonly found: readonly KvFound[];
  /** Whether the range holds no more. */
  readonly complete: boolean;
  readonly proof: KvProof;
}
