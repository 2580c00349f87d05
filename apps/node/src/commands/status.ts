import { limitedSignal } from '@perigee/net/abort';
import { CLOCK_AHEAD_SPAN_MS } from '@perigee/wire';
import { defineCommand } from '../cli/command.ts';
import { stateWhere, withLightNode } from '../light.ts';
import { LIGHT_HOME, readTrust, TRUST_OPTIONS } from '../trust.ts';
import { clockText } from '../words.ts';

/** How long a second peer with the same head is waited for, milliseconds. */
const SECOND_SOURCE_MS = 2_000;
/** How long heads are compared with a clock by which they are old: it takes some of them to tell which of the two is wrong, milliseconds. */
const OLD_HEADS_MS = CLOCK_AHEAD_SPAN_MS + 5_000;

export const status = defineCommand({
  name: 'status',
  usage: '',
  summary: 'verify the head of the chain and show it',
  options: TRUST_OPTIONS,
  defaultHome: LIGHT_HOME,
  async run({ options }, { output, signal }) {
    const trust = await readTrust(options);
    await withLightNode({ ...trust, follow: false, workers: 1 }, signal, async (node) => {
      // a second source is a moment behind the first
      const soon = limitedSignal(signal, SECOND_SOURCE_MS);
      await stateWhere(node, (state) => state.freshness === 'current', soon).catch(() => {});
      if (node.state.freshness === 'stale') {
        const later = limitedSignal(signal, OLD_HEADS_MS);
        await stateWhere(node, (state) => state.freshness !== 'stale' || state.clock.state !== 'unknown', later).catch(() => {});
      }
      const { chain, head, freshness, clock, peers } = node.state;
      const connected = peers.filter((peer) => peer.connected);
      output.result({ chain, head, freshness, clock, peers: connected }, [
        `chain      ${chain?.chainId}${chain?.development === true ? ' (development)' : ''}`,
        `head       ${head?.height} ${head?.headerHash}`,
        `time       ${new Date(head?.timeMs ?? 0).toISOString()} (${freshness})`,
        `clock      ${clockText(clock)}`,
        `validators ${head?.validators}, ${head?.signedPower === undefined ? '' : `${percent(head.signedPower)} of power signed, `}verified in ${head?.verifyMs.toFixed(1)} ms`,
        ...connected.map(({ peerId, transport, roles, storage }) => {
          const shard = storage === undefined ? '' : ` shard ${storage.shardId}/${storage.numShard}`;
          return `peer       ${peerId} ${transport} ${roles.join(',')}${shard}`;
        }),
      ]);
    });
  },
});

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
