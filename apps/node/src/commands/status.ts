import { defineCommand } from '../cli/command.ts';
import { CHAIN_OPTION, readTrustRootFile, withLightNode } from '../light.ts';

export const status = defineCommand({
  name: 'status',
  usage: '',
  summary: 'verify the head of the chain and show it',
  options: { chain: CHAIN_OPTION },
  async run({ options }, { output, signal }) {
    const trustRoot = await readTrustRootFile(options.chain);
    await withLightNode({ trustRoot, follow: false, workers: 1 }, signal, async (node) => {
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
