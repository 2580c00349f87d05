/** Run as a process of its own: stores files of a chain whose submissions it is given, fetches them from a peer if it is given one, until it is killed. */
import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createHost, systemClock } from '@perigee/net';
import { fromHex, StoredFile } from '@perigee/wire';
import { createStorageNode, FileLog, FlowStore, type SegmentPeer } from '../../src/node/index.ts';
import { FileLedger, fileHash } from '../files.ts';

const [, , dir, list, shardId, peer] = process.argv;
if (dir !== undefined && list !== undefined) {
  const say = (line: string): void => void writeSync(1, `${line}\n`);
  const ledger = new FileLedger();
  for (const line of readFileSync(list, 'utf8').split('\n').filter(Boolean)) ledger.record(StoredFile.decode(fromHex(line)));
  const onFault = (error: Error): void => say(`FAULT ${error.message}`);
  const shard = { shardId: Number(shardId), numShard: 2 };
  const log = await FileLog.open({ dir, shard, budgetBytes: 2 ** 40, hash: fileHash, onFault });
  const host = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
  const flow = await FlowStore.open({ dir: join(dir, 'flow'), hash: fileHash, onFault });
  const peers: SegmentPeer[] = peer === undefined ? [] : [JSON.parse(peer)];
  const common = { host, state: ledger, log, flow, clock: systemClock, hash: fileHash, onFault };
  await createStorageNode({ ...common, peers: () => peers, syncPatienceMs: 0 });
  ledger.advance();
  say(`READY ${JSON.stringify({ peerId: host.peerId, multiaddrs: host.multiaddrs() })}`);
}
