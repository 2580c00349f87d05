import { defineCommand } from '../cli/command.ts';
import { CHAIN_OPTION, readTrustRootFile, stateWhere, withLightNode } from '../light.ts';

/** How long a second peer with the same head is waited for, milliseconds. */
const SECOND_SOURCE_MS = 2_000;

export const status = defineCommand({
  name: 'status',
  usage: '',
  summary: 'verify the head of the chain and show it',
  options: { chain: CHAIN_OPTION },
  async run({ options }, { output, signal }) {
    const trustRoot = await readTrustRootFile(options.chain);
    await withLightNode({ trustRoot, follow: false, workers: 1 }, signal, async (node) => {
      // a second source is a moment behind the first
      const soon = AbortSignal.any([signal, AbortSignal.timeout(SECOND_SOURCE_MS)]);
      await stateWhere(node, (state) => state.freshness === 'current', soon).catch(() => {});
      const { chain, head, freshness, peers } = node.state;
      const connected = peers.filter((peer) => peer.connected);
      output.result({ chain, head, freshness, peers: connected }, [
        `chain      ${chain?.chainId}${chain?.development === true ? ' (development)' : ''}`,
        `head       ${head?.height} ${head?.headerHash}`,
        `time       ${new Date(head?.timeMs ?? 0).toISOString()} (${freshness})`,
        `validators ${head?.validators}, verified in ${head?.verifyMs.toFixed(1)} ms`,
        ...connected.map((peer) => `peer       ${peer.peerId} ${peer.transport} ${peer.roles.join(',')}`),
      ]);
    });
  },
});
