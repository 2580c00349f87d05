import { MAX_COMMITTEE_MEMBERS, type PeerRecord, type Status, type StorageOffer } from '@perigee/wire';
import type { Host } from './create-host.ts';
import { statusProtocol } from './protocols.ts';
import { serve } from './server.ts';

/** Version of `Status` that this program writes. */
const STATUS_VERSION = 1;

/** What a node says of itself. */
export interface StatusParts {
  readonly chainId: string;
  readonly genesisHash: Uint8Array;
  readonly roles: readonly string[];
  /** What it stores of the flow, where it does. */
  readonly storage?: StorageOffer;
  /** Latest header; `undefined` while there is none. */
  head(): { readonly height: number; readonly headerHash: Uint8Array } | undefined;
  /** Earliest header that this node can give; 0 when it gives none. */
  earliest(): number;
  /** Newest first. */
  recentBlobs(): readonly Uint8Array[];
  peers(): Promise<readonly PeerRecord[]>;
  /** Calls back at each new head, until the returned function is called. */
  onHead(listener: () => void): () => void;
}

/** Tells whoever asks what this node is at; those who watch hear of every head, or of the last of several that came together. */
export function serveStatus(host: Host, parts: StatusParts): Promise<() => Promise<void>> {
  return serve(host, statusProtocol, async function* ({ watch }, { signal }) {
    let changed = false;
    let wake = (): void => {};
    const unsubscribe = parts.onHead(() => {
      changed = true;
      wake();
    });
    const onAbort = (): void => wake();
    signal.addEventListener('abort', onAbort);
    try {
      yield await statusOf(parts);
      while (watch && !signal.aborted) {
        if (!changed) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        changed = false;
        if (!signal.aborted) yield await statusOf(parts);
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      unsubscribe();
    }
  });
}

async function statusOf(parts: StatusParts): Promise<Status> {
  const head = parts.head();
  return {
    version: STATUS_VERSION,
    genesisHash: parts.genesisHash,
    chainId: parts.chainId,
    height: head?.height ?? 0,
    headerHash: head?.headerHash ?? new Uint8Array(0),
    earliest: parts.earliest(),
    recentBlobs: parts.recentBlobs(),
    peers: (await parts.peers()).slice(0, MAX_COMMITTEE_MEMBERS),
    roles: parts.roles,
    ...(parts.storage && { storage: parts.storage }),
  };
}
