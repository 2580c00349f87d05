import { AbciServer } from '@perigee/chain/abci';
import { KeyValue } from '../abci/key-value.ts';

const server = await AbciServer.listen(new KeyValue(), {
  address: process.argv[2] ?? 'unix:///tmp/key-value.sock',
  onFault: ({ code, message }) => console.error(`${code}: ${message}`),
});
console.log(`serves ${server.address}`);
process.once('SIGTERM', () => void server.close());
