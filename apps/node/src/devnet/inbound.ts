import type { Host } from '@perigee/net';

/** Changes within this time are told at once, milliseconds. */
const QUIET_MS = 200;

/** What a node tells the devnet that started it, over the channel that Node gives to a child. */
export interface InboundNews {
  /** Peer ids of those who have dialled the node and are connected. */
  readonly inbound: readonly string[];
}

/** Tells the parent process who is connected, where there is one that listens. */
export function tellInbound(host: Host): void {
  if (process.send === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  host.subscribe(({ type }) => {
    if (type === 'protocolError' || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      const inbound = host.connections().flatMap(({ direction, peerId }) => (direction === 'inbound' ? [peerId] : []));
      if (process.connected) process.send?.({ inbound: [...new Set(inbound)] } satisfies InboundNews);
    }, QUIET_MS);
    timer.unref();
  });
}

/** Reads a message of a child. */
export function parseInbound(message: unknown): readonly string[] | undefined {
  const inbound = (message as Partial<InboundNews> | null)?.inbound;
  return Array.isArray(inbound) && inbound.every((peerId) => typeof peerId === 'string') ? inbound : undefined;
}
