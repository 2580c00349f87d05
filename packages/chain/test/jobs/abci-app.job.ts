/** Run as a process of its own: the state machine behind an ABCI socket, until it is killed. */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { bestEd25519 } from '@perigee/light-core/signature';
import { AbciServer } from '../../src/abci/index.ts';
import { StateMachine } from '../../src/index.ts';

const [, , dir = '', socket = '', chainId = '', interval = '0'] = process.argv;
const machine = await StateMachine.open({
  dir: join(dir, 'state'),
  verifyEd25519: bestEd25519(globalThis.crypto?.subtle),
  chainId,
  ...(interval === '0' ? {} : { snapshots: { dir: join(dir, 'snapshots'), interval: Number(interval) } }),
});
const onFault = (error: Error) => writeSync(2, `${error.message}\n`);
const server = await AbciServer.listen(machine, { address: `unix://${socket}`, onFault });
writeSync(1, `READY {"address":"${server.address}"}\n`);
