import { localState } from '@perigee/chain';
import { assignRows, blobFee, ChainView, memberIndex, requiredStake } from '@perigee/light-core/da';
import { createHost, open, rowsProtocol } from '@perigee/net';
import { commitmentOf, MAX_REQUEST_ROW_BYTES, ROW_STATUS } from '@perigee/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalMember, type LocalNetwork, startLocalNetwork } from '../../../tests/kit/local-network.ts';
import { type CodecPool, createCodecPool, type PublishedBlob, type PublishProgress } from '../src/index.ts';

let network: LocalNetwork;
let pool: CodecPool;
let chain: ChainView;

beforeAll(async () => {
  network = await startLocalNetwork({ gasPrice: 1n, daPrice: 2n });
  pool = createCodecPool(1);
  chain = new ChainView(localState(network.chain));
});
afterAll(async () => {
  await network.stop();
  await pool.close();
});

/** Whether a member gives all rows that are its own, verified. */
async function servesAll({ host, address }: LocalMember, { blobId, record }: PublishedBlob): Promise<boolean> {
  const { k, n, rowSize, epoch } = record;
  const committee = await chain.committee(epoch);
  const commitment = commitmentOf(blobId);
  const indices = [...assignRows(committee, commitment, record).rowsOf(memberIndex(committee, address))];
  const client = await createHost({ allowPrivate: true });
  const rows = open(client, { peerId: host.peerId, multiaddrs: host.multiaddrs() }, rowsProtocol);
  const step = Math.floor(MAX_REQUEST_ROW_BYTES / rowSize);
  let verified = 0;
  for (let at = 0; at < indices.length; at += step) {
    const answers = [];
    for await (const answer of rows.call({ blobId, indices: indices.slice(at, at + step), prime: true })) answers.push(answer);
    const [{ prime } = {}] = answers;
    const proofs = answers.flatMap(({ proof, status }) => (proof && status === ROW_STATUS.row ? [proof] : []));
    if (prime === undefined) break;
    const findings = await pool.run('verifyRows', { prime: { commitment, ...prime, k, n, rowSize }, rows: proofs });
    verified += findings.filter((finding) => finding === undefined).length;
  }
  await client.stop();
  return verified === indices.length;
}

it.each([
  { redundancy: 2, quorum: 0, persist: false, retention: 50 },
  { redundancy: 4, quorum: 7_500, persist: true, retention: 601 },
  { redundancy: 8, quorum: 9_999, persist: false, retention: 5_000 },
] as const)(
  'a blob at $redundancy× with quorum $quorum, persist $persist, for $retention blocks',
  async ({ retention, ...policy }) => {
    const { quorum, persist } = policy;
    const { appState } = await chain.facts();
    const account = async (): Promise<bigint> => (await chain.account(network.publisher))?.balance ?? 0n;
    const before = await account();
    const published = await network.publish(20_000, retention, policy);
    const { record, certificate, height } = published;
    expect(record).toMatchObject({ quorum, persist, publisher: network.publisher });
    expect((record.k + record.n) / record.k).toBe(policy.redundancy);
    expect(record.expiryHeight - height).toBeLessThanOrEqual(retention);
    // all of four members sign, whatever was asked; the certificate says how much had to
    const committee = await chain.committee(record.epoch);
    expect(certificate?.signatures).toHaveLength(4);
    const least = requiredStake(committee.totalStake, record);
    expect(least).toBe(
      (committee.totalStake * BigInt(Math.max(policy.quorum, policy.redundancy === 2 ? 8_333 : 6_666))) / 10_000n + 1n,
    );
    for (const member of network.members) expect(await servesAll(member, published)).toBe(true);
    // the fee of the rows, and some gas
    const paid = before - (await account());
    const fee = blobFee(record, appState, height, record.expiryHeight);
    expect(paid).toBeGreaterThan(fee);
    expect(paid).toBeLessThanOrEqual(fee + 1_000_000n * appState.gasPrice);
  },
);

it('a longer time costs the difference, and sends no row again', async () => {
  const { appState } = await chain.facts();
  const data = new Uint8Array(30_000).fill(5);
  const first = await network.publish(data, 700);
  const paidUntil = first.record.expiryHeight;
  const before = (await chain.account(network.publisher))?.balance ?? 0n;
  const all: PublishProgress[] = [];
  const { record } = await network.publish(data, 2_000, { onProgress: (progress) => all.push(progress) });
  const paid = before - ((await chain.account(network.publisher))?.balance ?? 0n);
  const fee = blobFee(record, appState, paidUntil, record.expiryHeight);
  expect(fee).toBeLessThan(blobFee(record, appState, record.height, record.expiryHeight));
  expect(paid).toBeGreaterThan(fee);
  expect(paid).toBeLessThanOrEqual(fee + 1_000_000n * appState.gasPrice);
  expect(all.at(-1)).toMatchObject({ stage: 'done', sentBytes: 0, signed: 4 });
});
