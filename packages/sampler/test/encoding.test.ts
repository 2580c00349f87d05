/** Blobs that are wrong in themselves, certified by members that never checked them, and passed on by peers that did nothing wrong. */
import { blobGeometry, packBlob } from '@perigee/light-core/da';
import { openRow, type RowCommitment } from '@perigee/wasm-codec';
import { ROW_STATUS, type RowAnswer } from '@perigee/wire';
import { loadCodec } from '@perigee/workers/codec';
import { expect, it } from 'vitest';
import { flipped, type RowLie, startMemberLiar } from '../../../tests/kit/adversaries/liar.ts';
import { type LocalNetwork, termsOf } from '../../../tests/kit/local-network.ts';
import { codeOf, networkOfFile, ready, testLight, verdicts, withLiar } from './light.ts';

const LENGTH = 20_000;
const file = networkOfFile();

interface Coded extends RowCommitment {
  readonly rows: Uint8Array;
}

/** A blob whose parity rows are not the extension of its original rows, rightly committed to. */
async function badlyCoded(seed: number): Promise<Coded> {
  const codec = await loadCodec();
  const geometry = blobGeometry(LENGTH, 4);
  const original = packBlob(new Uint8Array(LENGTH).fill(seed), geometry);
  const parity = codec.encode({ ...geometry, original, layout: 'high' }).map((byte) => byte ^ 0x55);
  const rows = new Uint8Array(original.length + parity.length);
  rows.set(original);
  rows.set(parity, original.length);
  return { ...codec.commit({ ...geometry, original, parity }), rows };
}

/** Every member serves every row of it. */
async function colludeOn(network: LocalNetwork, { rows, rowSize, tree, rowRoot, rlcOriginal }: Coded): Promise<void> {
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

it('rows that are committed to and wrongly coded convict the blob, not who relays them', async () => {
  const { network } = file;
  const blob = await badlyCoded(1);
  await colludeOn(network, blob);
  const key = await network.certify(termsOf(blob, LENGTH));
  const node = await ready(await testLight(network, [network.chainHost]));
  const view = await node.sample(key);
  // original rows are right, parity rows are not: three of four
  for (const { index, verdict } of view.rows) expect(verdict).toBe(index < blob.k ? 'verified' : 'invalid/encoding');
  expect(verdicts(view.rows)['invalid/encoding']).toBeGreaterThan(0);
  expect(node.state.peers.filter(({ banned }) => banned !== undefined)).toEqual([]);
});

it('a commitment with another row root than the record convicts the signers', async () => {
  const { network } = file;
  const blob = await badlyCoded(2);
  await colludeOn(network, blob);
  const key = await network.certify({ ...termsOf(blob, LENGTH), rowRoot: flipped(blob.rowRoot) });
  const node = await ready(await testLight(network, [network.chainHost]));
  expect(await codeOf(node.sample(key))).toBe('ROW_ROOT_MISMATCH');
  expect(node.state.blobs).toMatchObject([{ phase: 'failed', verified: 0, error: { code: 'ROW_ROOT_MISMATCH' } }]);
  expect(node.state.peers.filter(({ banned }) => banned !== undefined)).toEqual([]);
});
