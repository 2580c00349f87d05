import { formatTrustRoot, parseTime } from '@perigee/light-core/comet';
import type { BlobSource } from '@perigee/light-core/roles';
import type { Host } from '@perigee/net';
import { concat, PerigeeError, toHex } from '@perigee/wire';
import { withLightNode } from '../light.ts';
import type { Trust } from '../trust.ts';
import type { ChainSource } from './chain-source.ts';

/** Blobs as a light node retrieves them. It is started for each, and stopped after it: a node takes one over now and then. */
export function lightBlobSource(trustOf: () => Promise<Trust>): BlobSource {
  return {
    async read(blobId, { signal }) {
      const pieces: Uint8Array[] = [];
      const sink = {
        write: async (bytes: Uint8Array) => void pieces.push(bytes),
        close: async () => {},
        abort: async () => void pieces.splice(0),
      };
      const trust = await trustOf();
      await withLightNode({ ...trust, follow: false, workers: 1 }, signal, (node) =>
        node.retrieve(toHex(blobId), { sink, signal }),
      );
      return concat(...pieces);
    },
  };
}

/** What a light node believes that follows this node's own chain, and asks this node first. */
export async function ownTrust(host: Host, chain: ChainSource): Promise<Trust> {
  const root = await chain.root();
  if (root === undefined) throw new PerigeeError('UNPROVEN', 'this node has no header of its own chain yet');
  const { chainId, genesisHash } = chain;
  const peers = host.multiaddrs().map((multiaddr) => `${multiaddr}/p2p/${host.peerId}`);
  return { trustRoot: formatTrustRoot({ ...root, chainId, genesisHash, time: parseTime(root.time), peers }) };
}
