/** Peers that lie about themselves and about others. */
import { createHash, randomBytes } from 'node:crypto';
import { type PeerRecord, type Status, u32le } from '@perigee/wire';
import { eachAnswer, type StatusLie } from './liar.ts';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
/** Heights that no chain reaches. */
const FAR = 2 ** 50;

/** Says that it is on another chain. */
export const wrongGenesis: StatusLie = lieOf((status) => ({ ...status, genesisHash: randomBytes(32) }));

/** Says that it has headers that nobody has, ever more of them. */
export function absurdHeights(): StatusLie {
  let height = FAR;
  return lieOf((status) => ({ ...status, height: ++height, headerHash: randomBytes(32) }));
}

/** Names blobs that do not exist, other ones each time. */
export const fakeBlobs: StatusLie = lieOf((status) => ({
  ...status,
  recentBlobs: Array.from({ length: 16 }, () => Uint8Array.from([0, ...randomBytes(32)])),
}));

/** Names as many members as fit, at peers that do not exist. None of them is in the committee. */
export function fakeRecords(count: number): StatusLie {
  return lieOf((status, turn) => {
    const [model] = status.peers;
    if (model === undefined) return status;
    const peers = Array.from({ length: count }, (_, i): PeerRecord => {
      const address = createHash('sha256').update(u32le(i)).digest().subarray(0, 20);
      const multiaddrs = [`/ip4/127.0.0.1/tcp/${1_024 + i}`];
      return { ...model, body: { ...model.body, address, peerId: fakePeerId(model.body.peerId), multiaddrs, sequence: turn } };
    });
    return { ...status, peers };
  });
}

/** The members' own records with another peer in them; the signatures are of the true ones. */
export function replayedRecords(as: { readonly peerId: string; readonly multiaddrs: readonly string[] }): StatusLie {
  return lieOf((status) => ({ ...status, peers: status.peers.map((record) => withBody(record, as)) }));
}

/** The members' own records with addresses that lead nowhere. */
export const misleadingAddresses: StatusLie = lieOf((status) => ({
  ...status,
  peers: status.peers.map((record) => withBody(record, { multiaddrs: ['/ip4/127.0.0.1/tcp/1'] })),
}));

function withBody(record: PeerRecord, change: { readonly peerId?: string; readonly multiaddrs: readonly string[] }): PeerRecord {
  const multiaddrs = [...change.multiaddrs];
  return { ...record, body: { ...record.body, ...change, multiaddrs, sequence: record.body.sequence + 1 } };
}

/** @param change gets how many statuses there were before */
function lieOf(change: (status: Status, turn: number) => Status): StatusLie {
  let turn = 0;
  return eachAnswer((status) => change(status, turn++));
}

/** A peer id of the same form: what is changed are bytes of its key. */
function fakePeerId(peerId: string): string {
  const kept = peerId.slice(0, 16);
  return kept + Array.from(randomBytes(peerId.length - kept.length), (byte) => BASE58[byte % 58]).join('');
}
