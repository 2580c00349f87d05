/** The lazy chunk: everything that connects and checks. Nothing of it is needed to paint the page. */
import { parseTrustRoot } from '@perigee/light-core/comet';
import { createHost, type Host, isPrivateMultiaddr } from '@perigee/net';
import { type Budgets, createLightNode, type LightNode, type SharingOptions } from '@perigee/sampler';
import { toHex } from '@perigee/wire';
import type { AcceptedTrust } from './node-keeper.ts';

export { untilLive } from '@perigee/sampler';
export { SettingsDesk } from './settings/settings-desk.ts';
export { NodeLead } from './tabs/node-lead.ts';

/** The light node of this page, and the host that it shares with what publishes. */
export interface OpenedNode {
  readonly node: LightNode;
  readonly host: Promise<Host>;
  /** Stops asking and closes every connection; `node.start` goes on with what it has. */
  rest(): Promise<void>;
  /** Ends both for good. */
  close(): Promise<void>;
}

/** What is believed: the trust root that lies beside the page, or a link that a person accepted. */
export type Believed = { readonly trustRoot: string } | AcceptedTrust;

export interface NodeLimits {
  readonly storageBytes: number;
  readonly budgets: Budgets;
  readonly sharing: SharingOptions;
}

/** Names what is believed, for tabs that may show the same. @throws TRUST_ROOT, UNKNOWN_VERSION */
export function chainOf(believed: Believed): string {
  return 'trustRoot' in believed ? toHex(parseTrustRoot(believed.trustRoot).genesisHash) : believed.trustLink;
}

/**
 * Makes a light node that is not started yet.
 *
 * @param limits what it may keep on this device, and take of it
 * @throws TRUST_ROOT, UNKNOWN_VERSION
 */
export function openNode(believed: Believed, { storageBytes, ...limits }: NodeLimits): OpenedNode {
  // whoever writes a link must not make a page of the internet knock on a local network
  const allowPrivate =
    'trustRoot' in believed
      ? parseTrustRoot(believed.trustRoot).peers.some(isPrivateMultiaddr)
      : isPrivateHost(location.hostname);
  const host = createHost({ allowPrivate });
  host.catch(() => {}); // the node tells when it starts
  const node = createLightNode({ ...believed, allowPrivate, host, store: { budgetBytes: storageBytes }, ...limits });
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

/** @param name as a browser gives it: a name, an IPv4 address, or an IPv6 address in brackets */
function isPrivateHost(name: string): boolean {
  if (name.startsWith('[')) return isPrivateMultiaddr(`/ip6/${name.slice(1, -1)}`);
  return isPrivateMultiaddr(`/${/^[\d.]+$/.test(name) ? 'ip4' : 'dns'}/${name}`);
}
