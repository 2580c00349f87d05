import { MAX_COMMITTEE_MEMBERS, type PeerRecord, type Status, type StatusRequest } from '@perigee/wire';
import type { ChainNode } from '../chain-node.ts';
import type { ServeContext } from './context.ts';

const STATUS_VERSION = 1;

/** What a node says of itself besides its chain. */
export interface NodeFacts {
  /** Signed addresses of committee members that this node knows. */
  readonly peers: () => readonly PeerRecord[];
  readonly roles: readonly string[];
}

/** Answers with the status of now and, when asked to watch, with a new one at each new head; heads that come faster than they are read are skipped. */
export function serveStatus(
  chain: Pick<ChainNode, 'genesis' | 'chainId' | 'earliest' | 'latest' | 'recentBlobs' | 'onBlock'>,
  facts: NodeFacts,
) {
  return async function* ({ watch }: StatusRequest, { signal }: ServeContext): AsyncIterable<Status> {
    let wake = () => {};
    let isNews = false;
    const stopListening = chain.onBlock(() => {
      isNews = true;
      wake();
    });
    const onAbort = () => wake();
    signal.addEventListener('abort', onAbort);
    try {
      yield statusOf(chain, facts);
      while (watch && !signal.aborted) {
        if (!isNews) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        isNews = false;
        if (!signal.aborted) yield statusOf(chain, facts);
      }
    } finally {
      stopListening();
      signal.removeEventListener('abort', onAbort);
    }
  };
}

function statusOf(
  chain: Pick<ChainNode, 'genesis' | 'chainId' | 'earliest' | 'latest' | 'recentBlobs'>,
  { peers, roles }: NodeFacts,
): Status {
  return {
    version: STATUS_VERSION,
    genesisHash: chain.genesis.genesisHash,
    chainId: chain.chainId,
    ...chain.latest(),
    earliest: chain.earliest,
    recentBlobs: chain.recentBlobs(),
    peers: peers().slice(0, MAX_COMMITTEE_MEMBERS),
    roles,
  };
}
