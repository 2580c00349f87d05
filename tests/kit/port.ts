import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Where ports are looked for: below those that systems give to outgoing connections, which took one between its choice and its use, and above
 * those that programs of this project have by default.
 */
const LOWEST = 12_000;
const HIGHEST = 32_000;
const TRIES = 100;

/** A TCP port of loopback that was free a moment ago. Where a program can listen on port 0 and say which it got, let it. */
export function freePort(): Promise<number> {
  return firstThat(async (port) => {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
  });
}

/** The same for UDP. */
export function freeUdpPort(): Promise<number> {
  return firstThat(async (port) => {
    const socket = createSocket('udp4').bind(port, '127.0.0.1');
    await once(socket, 'listening');
    socket.close();
    await once(socket, 'close');
  });
}

/** @param takes a port for a moment; throws where it cannot */
async function firstThat(takes: (port: number) => Promise<void>): Promise<number> {
  for (let i = 1; ; i++) {
    const port = randomInt(LOWEST, HIGHEST);
    try {
      await takes(port);
      return port;
    } catch (error) {
      if (i === TRIES) throw error;
    }
  }
}
