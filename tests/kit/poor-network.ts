/** A local network whose hosts are reached through fault proxies only. */
import type { HostOptions } from '@perigee/net';
import { type FaultProxy, type Faults, startFaultProxy } from './fault-proxy.ts';
import { type LocalNetwork, startLocalNetwork } from './local-network.ts';
import { freePort, freeUdpPort } from './port.ts';
import type { Random } from './random.ts';
import { type DatagramFaultProxy, type DatagramFaults, startDatagramFaultProxy } from './udp-fault-proxy.ts';

const HOST = '127.0.0.1';
/** Blocks are no part of what is tried, and each goes through every proxy. */
const BLOCK_MS = 300;

export type PoorTransport = 'tcp' | 'websocket' | 'webrtc-direct';

export interface PoorNetwork {
  readonly network: LocalNetwork;
  /** Faults on the way to every host, from now on. Of those of the other transport nothing is taken. */
  set(faults: Faults & DatagramFaults): void;
  stop(): Promise<void>;
}

/**
 * Its hosts listen on this transport alone, and tell others of the proxy before them. Of webrtc-direct there is one, the only member: with a second
 * one in the same process libdatachannel answers from whichever socket it likes, and a proxy passes on only what comes from where it sent to.
 */
export async function startPoorNetwork(transport: PoorTransport, random: Random): Promise<PoorNetwork> {
  const proxies: (FaultProxy | DatagramFaultProxy)[] = [];
  const isDatagrams = transport === 'webrtc-direct';
  const hostOptions = async (): Promise<HostOptions> => {
    if (isDatagrams && proxies.length === 0) {
      const port = await freeUdpPort();
      const proxy = await startDatagramFaultProxy({ port }, {}, random);
      proxies.push(proxy);
      return { listen: { host: HOST, webrtcDirect: port }, announce: [`/ip4/${HOST}/udp/${proxy.port}/webrtc-direct`] };
    }
    const port = await freePort();
    const proxy = await startFaultProxy({ port }, {}, random);
    proxies.push(proxy);
    const address = `/ip4/${HOST}/tcp/${proxy.port}`;
    return transport === 'websocket'
      ? { listen: { host: HOST, websocket: port }, announce: [`${address}/ws`] }
      : { listen: { host: HOST, tcp: port }, announce: [address] };
  };
  const network = await startLocalNetwork({ ...(isDatagrams ? { members: 1 } : {}), blockMs: BLOCK_MS, hostOptions });
  return {
    network,
    set(faults) {
      for (const proxy of proxies) proxy.set(faults);
    },
    async stop() {
      await network.stop();
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}
