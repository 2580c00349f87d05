/** Run as a process of its own: stores files of a chain whose submissions it is given, until it is killed. */
import { readFileSync, writeSync } from 'node:fs';
import { nobleFileHash } from '@perigee/light-core/storage';
import { createHost, systemClock } from '@perigee/net';
import { fromHex, StoredFile } from '@perigee/wire';
import { createStorageNode, FileLog } from '../../src/node/index.ts';
import { FileLedger } from '../files.ts';

const [, , dir, list, shardId] = process.argv;
if (dir !== undefined && list !== undefined) {
  const say = (line: string): void => void writeSync(1, `${line}\n`);
  const ledger = new FileLedger();
  for (const line of readFileSync(list, 'utf8').split('\n').filter(Boolean)) ledger.record(StoredFile.decode(fromHex(line)));
  const onFault = (error: Error): void => say(`FAULT ${error.message}`);
  const shard = { shardId: Number(shardId), numShard: 2 };
  const log = await FileLog.open({ dir, shard, budgetBytes: 2 ** 40, hash: nobleFileHash, onFault });
  const host = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
  await createStorageNode({ host, state: ledger, log, clock: systemClock, hash: nobleFileHash, onFault });
  ledger.advance();
  say(`READY ${JSON.stringify({ peerId: host.peerId, multiaddrs: host.multiaddrs() })}`);
}
