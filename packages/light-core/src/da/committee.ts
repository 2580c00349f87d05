import {
  type Committee,
  type CommitteeMember,
  committeeHashOf,
  compare,
  equal,
  keyText,
  MAX_COMMITTEE_MEMBERS,
  PerigeeError,
  toHex,
} from '@perigee/wire';

declare const canonical: unique symbol;

/** A committee in canonical order (PROTOCOL §2), with its hash and total stake. Only `makeCommittee` and `checkCommittee` give one. */
export interface CanonicalCommittee {
  readonly members: readonly CommitteeMember[];
  readonly totalStake: bigint;
  /** committeeHash, 32 bytes. */
  readonly hash: Uint8Array;
  readonly [canonical]: true;
}

/**
 * Put members in canonical order.
 *
 * @throws COMMITTEE when there is none, too many, one without stake, or an address or a key twice
 */
export function makeCommittee(members: readonly CommitteeMember[]): CanonicalCommittee {
  return checkCommittee({ members: [...members].sort((a, b) => compare(a.address, b.address)) });
}

/**
 * Check a committee out of state or genesis: ascending by address, every member with stake, no address and no key twice. One key
 * under two addresses would count as two signers where there is one.
 *
 * @throws COMMITTEE
 */
export function checkCommittee(committee: Committee): CanonicalCommittee {
  const { members } = committee;
  if (members.length < 1 || members.length > MAX_COMMITTEE_MEMBERS) {
    throw new PerigeeError('COMMITTEE', `a committee has 1 to ${MAX_COMMITTEE_MEMBERS} members, not ${members.length}`);
  }
  const keys = new Set<string>();
  let totalStake = 0n;
  members.forEach((member, i) => {
    const previous = members[i - 1];
    if (member.stake <= 0n) throw new PerigeeError('COMMITTEE', `member ${keyText(member.address)} has no stake`);
    if (previous !== undefined && compare(previous.address, member.address) >= 0) {
      throw new PerigeeError('COMMITTEE', `member ${keyText(member.address)} is out of order or there twice`);
    }
    keys.add(toHex(member.publicKey));
    totalStake += member.stake;
  });
  if (keys.size !== members.length) throw new PerigeeError('COMMITTEE', 'two members of the committee share a key');
  return { members, totalStake, hash: committeeHashOf({ members }) } as CanonicalCommittee;
}

/** Place of an address in the committee, or -1. */
export function memberIndex(committee: CanonicalCommittee, address: Uint8Array): number {
  return committee.members.findIndex((member) => equal(member.address, address));
}
