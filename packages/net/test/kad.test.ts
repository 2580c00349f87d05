import { chainProtocol } from '@perigee/wire';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Host } from '../src/index.ts';
import { Kad } from '../src/kad/kad.ts';
import { testHost } from './fixtures.ts';

const protocol = chainProtocol('kad', new Uint8Array(32).fill(7));
const ROOT = new Uint8Array(32).fill(9);

async function server(mode: 'server' | 'client' = 'server', name = protocol): Promise<{ host: Host; kad: Kad }> {
  const host = await testHost({ listen: { host: '127.0.0.1', tcp: 0 } });
  const kad = await Kad.start({ host, protocol: name, mode });
  onTestFinished(() => kad.stop());
  return { host, kad };
}

describe('Kademlia', () => {
  it('leads a client to servers that it never met, by one that it did', async () => {
    const nodes = await Promise.all(Array.from({ length: 5 }, () => server()));
    const [first, ...others] = nodes;
    if (first === undefined) throw new Error('no nodes');
    const known = (host: Host) => ({ peerId: host.peerId, multiaddrs: host.multiaddrs() });
    for (const { host, kad } of others) {
      await first.kad.meet(known(host));
      await kad.meet(known(first.host));
    }
    const client = await server('client');
    await client.kad.meet(known(first.host));
    expect(client.kad.size).toBeGreaterThan(0);
    const found = await client.kad.closest(ROOT, AbortSignal.timeout(120_000));
    expect(found.map(({ peerId }) => peerId).sort()).toEqual(nodes.map(({ host }) => host.peerId).sort());
    expect(found.every(({ multiaddrs }) => multiaddrs.length > 0)).toBe(true);
    // a client is nobody's neighbour
    await first.kad.meet(known(client.host));
    expect(first.kad.size).toBe(4);
  });
});
