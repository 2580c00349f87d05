import { concat, equal, type PeerRecord, PeerRecordBody, PerigeeError, toHex, utf8 } from '@perigee/wire';
import type { VerifyEd25519 } from '../signature/index.ts';
import { type CanonicalCommittee, memberIndex } from './committee.ts';

const DOMAIN = utf8('perigee/da/peer/v0');

/** What a member signs: `'perigee/da/peer/v0' ‖ canonical PeerRecordBody`. */
export function peerRecordSignBytes(body: PeerRecordBody): Uint8Array {
  return concat(DOMAIN, PeerRecordBody.encode(body));
}

/**
 * Check where a committee member says that it can be reached. It is a hint even then: rows are verified whoever gives them.
 *
 * @param context `committee` of the record's epoch; `nowMs` milliseconds since 1970
 * @returns the body and the member's place in the committee
 * @throws PEER_RECORD, WRONG_CHAIN
 */
export async function verifyPeerRecord(
  { body, signature }: PeerRecord,
  context: {
    readonly genesisHash: Uint8Array;
    readonly epoch: number;
    readonly committee: CanonicalCommittee;
    readonly nowMs: number;
    readonly verifyEd25519: VerifyEd25519;
  },
): Promise<{ body: PeerRecordBody; member: number }> {
  if (!equal(body.genesisHash, context.genesisHash)) throw new PerigeeError('WRONG_CHAIN', 'peer record is for another chain');
  const whose = `peer record of ${toHex(body.address)}`;
  if (body.epoch !== context.epoch) {
    throw new PerigeeError('PEER_RECORD', `${whose} is of epoch ${body.epoch}, not ${context.epoch}`);
  }
  if (body.expiry <= context.nowMs) throw new PerigeeError('PEER_RECORD', `${whose} has expired`);
  if (body.peerId === '' || body.multiaddrs.length === 0)
    throw new PerigeeError('PEER_RECORD', `${whose} names no peer or no address`);
  const place = memberIndex(context.committee, body.address);
  const member = context.committee.members[place];
  if (member === undefined) throw new PerigeeError('PEER_RECORD', `${whose}: not a member of the committee`);
  if (!(await context.verifyEd25519(member.publicKey, peerRecordSignBytes(body), signature))) {
    throw new PerigeeError('PEER_RECORD', `${whose} is not signed with the member's key`);
  }
  return { body, member: place };
}
