/** The lazy chunk: everything that connects and checks. Nothing of it is needed to paint the page. */
import { parseTrustRoot } from '@perigee/light-core/comet';
import { createHost, type Host, isPrivateMultiaddr } from '@perigee/net';
import { createLightNode, type LightNode, type LightNodeOptions } from '@perigee/sampler';

/** The light node of this page, and the host that it shares with what publishes. */
export interface OpenedNode {
  readonly node: LightNode;
  readonly host: Promise<Host>;
  /** Stops asking and closes every connection; `node.start` goes on with what it has. */
  rest(): Promise<void>;
  /** Ends both for good. */
  close(): Promise<void>;
}

/**
 * Makes a light node that is not started yet.
 *
 * @throws TRUST_ROOT, UNKNOWN_VERSION
 */
export function openNode(options: Pick<LightNodeOptions, 'trustRoot' | 'store'>): OpenedNode {
  // addresses of a link must not make a page of the internet knock on a local network
  const allowPrivate = parseTrustRoot(options.trustRoot).peers.some(isPrivateMultiaddr);
  const host = createHost({ allowPrivate });
  host.catch(() => {}); // the node tells when it starts
  const node = createLightNode({ ...options, allowPrivate, host });
  return {
    node,
    host,
    async rest() {
      await node.stop();
      const made = await host;
      await Promise.allSettled(made.connections().map(({ peerId }) => made.disconnect(peerId)));
    },
    async close() {
      await node.stop();
      await (await host).stop();
    },
  };
}
