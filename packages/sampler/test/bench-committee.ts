/** A blob, its committee and its holders as objects of this process: samples of it take milliseconds, by the same code as over a network. */
import { assignRows, blobGeometry, type CanonicalCommittee, makeCommittee, packBlob, signerBitmap } from '@perigee/light-core/da';
import type { RandomBytes } from '@perigee/light-core/roles';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { type CallOptions, systemClock } from '@perigee/net';
import { openRow } from '@perigee/wasm-codec';
import {
  type BlobRecord,
  blobIdOf,
  PerigeeError,
  ROW_STATUS,
  type RowAnswer,
  type RowsRequest,
  toHex,
  utf8,
} from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import { loadCodec } from '@perigee/workers/codec';
import type { Random } from '../../../tests/kit/random.ts';
import { BlobSampler, type Budget } from '../src/blob/blob-sampler.ts';
import type { Peer } from '../src/peers/peer.ts';
import { TrackRecord } from '../src/peers/track-record.ts';
import { createVerifier, type Verifier } from '../src/verify/verifier.ts';

const LENGTH = 4_000;
const EXPIRY = 1_000_000;

export interface Question {
  readonly member: number;
  readonly index: number;
}

export interface HeldBlob {
  readonly record: BlobRecord;
  readonly committee: CanonicalCommittee;
  readonly total: number;
  /** Samples it once, of holders that keep `withheld` to themselves. */
  sample(options: {
    withheld: ReadonlySet<number>;
    random: RandomBytes;
    budget?: Budget;
    /** Questions about rows never get as far as a holder. */
    unsent?: boolean;
  }): Promise<{ sampler: BlobSampler; outcome: string; asked: readonly Question[]; draws: readonly number[] }>;
}

/** @param stakes of the committee, in the order in which keys were made */
export async function heldBlob(
  random: Random,
  redundancy: 2 | 4 | 8,
  stakes: readonly bigint[] = [1n, 1n, 1n, 1n],
): Promise<HeldBlob> {
  const codec = await loadCodec();
  const geometry = blobGeometry(LENGTH, redundancy);
  const { k, n, rowSize } = geometry;
  const original = packBlob(random.bytes(LENGTH), geometry);
  const { parity, tree, ...commitment } = codec.extendAndCommit({ ...geometry, original });
  const rowOf = (index: number) =>
    index < k
      ? original.subarray(index * rowSize, (index + 1) * rowSize)
      : parity.subarray((index - k) * rowSize, (index - k + 1) * rowSize);
  const members = stakes.map((stake) => ({ address: random.bytes(20), publicKey: random.bytes(32), stake }));
  const committee = makeCommittee(members);
  const record: BlobRecord = {
    ...geometry,
    blobId: blobIdOf(commitment.commitment),
    rowRoot: commitment.rowRoot,
    length: LENGTH,
    namespace: utf8('test'),
    quorum: 0,
    persist: false,
    expiryHeight: EXPIRY,
    publisher: random.bytes(20),
    promiseId: random.bytes(32),
    epoch: 0,
    committeeHash: committee.hash,
    signers: signerBitmap(
      members.map((_, place) => place),
      members.length,
    ),
    height: 1,
  };
  const assignment = assignRows(committee, commitment.commitment, { k, n });
  const table = createVerifier({
    codec: async () => codec,
    verifyEd25519: nobleEd25519,
    performanceNow: () => performance.now(),
  });
  const verify = {
    size: 1,
    run: async (name: keyof Verifier, input: never) => (table[name] as (given: never) => unknown)(input),
    close: async () => {},
  } as unknown as Pool<Verifier>;

  return {
    record,
    committee,
    total: k + n,
    async sample({ withheld, random: bytes, budget = 'full', unsent = false }) {
      const asked: Question[] = [];
      const peers = committee.members.map(({ address }, member) => {
        const rows = async function* ({ indices, prime }: RowsRequest, { onSent }: CallOptions): AsyncGenerator<RowAnswer> {
          if (unsent && indices.length > 0) throw new PerigeeError('TIMEOUT', 'it was never sent');
          onSent?.();
          if (prime)
            yield { prime: { rowRoot: commitment.rowRoot, rlcOriginal: commitment.rlcOriginal }, status: ROW_STATUS.row };
          for (const index of indices) {
            asked.push({ member, index });
            if (!assignment.holds(member, index)) yield { index, status: ROW_STATUS.notAssigned };
            else if (withheld.has(index)) yield { index, status: ROW_STATUS.refused };
            else yield { index, status: ROW_STATUS.row, proof: { index, row: rowOf(index), path: openRow(tree, index) } };
          }
        };
        const peer = {
          id: `${member}`,
          members: new Set([toHex(address)]),
          usable: true,
          failures: 0,
          track: new TrackRecord(),
          gave: () => {},
          rows,
        };
        return { ...peer, rowsVerified: 0, rowsFailed: 0 } as unknown as Peer;
      });
      const draws: number[] = [];
      const sampler: BlobSampler = new BlobSampler({
        record,
        committee,
        budget: () => budget,
        height: () => 10,
        verify,
        peers: () => peers,
        isBanned: () => false,
        clock: systemClock,
        random: bytes,
        signal: new AbortController().signal,
        onLie: (peer, error) => {
          throw new Error(`${peer.id} is blamed: ${error.message}`);
        },
        onChange: () => {
          if (sampler.rows().length !== draws.at(-1)) draws.push(sampler.rows().length);
        },
        onVerified: () => {},
        onBadRow: () => {},
      });
      return { sampler, outcome: await sampler.run(), asked, draws };
    },
  };
}
