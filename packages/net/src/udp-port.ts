import { createSocket } from 'node:dgram';
import { PerigeeError } from '@perigee/wire';

/**
 * A UDP port that is free now.
 *
 * @param wanted the port, 0 for any
 * @throws UNREACHABLE when another program has it: libdatachannel does not say which one it could not have
 */
export function freeUdpPort(host: string, wanted = 0): Promise<number> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      const isTaken = cause.code === 'EADDRINUSE';
      reject(isTaken ? new PerigeeError('UNREACHABLE', `the host cannot listen: ${cause.message}, UDP`, { cause }) : cause);
    });
    socket.bind(wanted, host, () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}
