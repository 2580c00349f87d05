/** Blobs that are wrong in themselves, and members that serve them. */
import { blobGeometry, packBlob } from '@perigee/light-core/da';
import { openRow, type RowCommitment } from '@perigee/wasm-codec';
import { ROW_STATUS, type RowAnswer } from '@perigee/wire';
import { loadCodec } from '@perigee/workers/codec';
import { type RowLie, startMemberLiar } from '../../../tests/kit/adversaries/liar.ts';
import type { LocalNetwork } from '../../../tests/kit/local-network.ts';
import { withLiar } from './light.ts';

export interface Coded extends RowCommitment {
  readonly rows: Uint8Array;
  /** Bytes of data. */
  readonly length: number;
}

/** A blob whose parity rows are not the extension of its original rows, rightly committed to. */
export async function badlyCoded(seed: number, redundancy: 2 | 4 | 8 = 4, length = 20_000): Promise<Coded> {
  const codec = await loadCodec();
  const geometry = blobGeometry(length, redundancy);
  const original = packBlob(new Uint8Array(length).fill(seed), geometry);
  const parity = codec.encode({ ...geometry, original, layout: 'high' }).map((byte) => byte ^ 0x55);
  const rows = new Uint8Array(original.length + parity.length);
  rows.set(original);
  rows.set(parity, original.length);
  return { ...codec.commit({ ...geometry, original, parity }), rows, length };
}

/** Every member serves every row of it. */
export async function colludeOn(network: LocalNetwork, { rows, rowSize, tree, rowRoot, rlcOriginal }: Coded): Promise<void> {
  const serve: RowLie = () =>
    async function* ({ indices, prime }): AsyncGenerator<RowAnswer> {
      if (prime) yield { prime: { rowRoot, rlcOriginal }, status: ROW_STATUS.row };
      for (const index of indices) {
        const row = rows.subarray(index * rowSize, (index + 1) * rowSize);
        yield { index, status: ROW_STATUS.row, proof: { index, row, path: openRow(tree, index) } };
      }
    };
  await Promise.all(network.members.map((member) => withLiar(startMemberLiar(network, member, { rows: serve }))));
}
