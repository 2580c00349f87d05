import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assignRows, memberIndex, verifyCertificate } from '@perigee/light-core/da';
import type { Clock } from '@perigee/light-core/roles';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { sessionsKey } from '@perigee/light-core/state';
import { createHost, cryptoRandomBytes, type Host, open, rowsProtocol, serve, systemClock, uploadProtocol } from '@perigee/net';
import {
  commitmentOf,
  ed25519Address,
  equal,
  MAX_REQUEST_ROW_BYTES,
  MESSAGE_KIND,
  PerigeeError,
  type Prime,
  ROW_STATUS,
  type RowProof,
  Sessions,
  toHex,
  utf8,
} from '@perigee/wire';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCodecPool } from '../src/codec/codec-pool.ts';
import {
  type CodecPool,
  createPublisher,
  type PublishedBlob,
  type Publisher,
  type PublisherOptions,
  type PublishProgress,
  type PublishRequest,
} from '../src/index.ts';
import { createDaNode, type DaNode, RowStore } from '../src/node/index.ts';
import { Ledger, signerOf } from './ledger.ts';
import { filled } from './rows.ts';

const LISTEN = { host: '127.0.0.1', tcp: 0 };
const MEMBERS = 4;

interface Member {
  readonly host: Host;
  readonly store: RowStore;
  readonly node: DaNode;
}

/** Waits of seconds are over in tenths; those that are under way are counted. */
const hasty: Clock = {
  now: systemClock.now,
  sleep: async (ms, signal) => {
    sleeping++;
    try {
      await systemClock.sleep(ms / 10, signal);
    } finally {
      sleeping--;
    }
  },
};
let sleeping = 0;

let pool: CodecPool;
let dir: string;
let ledger: Ledger;
let members: Member[];
let client: Host;
let publisher: Publisher;
/** Peers by committee address, as a follower of status answers would know them. */
let peers: Map<string, { peerId: string; multiaddrs: string[] }>;

beforeAll(() => {
  pool = createCodecPool(2);
});
afterAll(() => pool.close());

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'perigee-publish-'));
  ledger = new Ledger(Array.from({ length: MEMBERS }, () => 1n));
  ledger.advance(5);
  peers = new Map();
  members = await Promise.all(Array.from({ length: MEMBERS }, (_, place) => startMember(place)));
  client = await createHost({ allowPrivate: true });
  publisher = publisherOf(ledger);
});

async function startMember(place: number, budgetBytes = 2 ** 30): Promise<Member> {
  const host = await createHost({ listen: LISTEN, allowPrivate: true });
  const store = await RowStore.open({ dir: join(dir, `member-${place}`), budgetBytes });
  const parts = { pool, clock: systemClock, verifyEd25519: nobleEd25519 };
  const node = await createDaNode({ host, state: ledger, signer: signerOf(place), store, ...parts });
  peers.set(toHex(node.address), { peerId: host.peerId, multiaddrs: host.multiaddrs() });
  return { host, store, node };
}

async function stopMember({ host, store, node }: Member): Promise<void> {
  await node.stop();
  await host.stop();
  await store.close();
}

const publisherOf = (chain: Ledger, parts: Partial<Pick<PublisherOptions, 'account' | 'state' | 'clock'>> = {}): Publisher =>
  createPublisher({
    ...(parts.account === undefined ? {} : { account: parts.account }),
    host: client,
    state: parts.state ?? chain,
    tx: chain,
    signer: signerOf(100),
    pool,
    clock: parts.clock ?? hasty,
    random: cryptoRandomBytes,
    verifyEd25519: nobleEd25519,
    peerOf: (address) => peers.get(toHex(address)),
  });

afterEach(async () => {
  await client.stop();
  await Promise.all(members.map(stopMember));
  await rm(dir, { recursive: true });
});

const request = (bytes: number, label = 'data') => ({
  data: filled(bytes, label),
  namespace: utf8('test'),
  retentionBlocks: 100,
});

/** Asks one member for rows, in requests of the allowed size. */
async function fetchRows(member: Member, { blobId, record }: PublishedBlob, indices: readonly number[]) {
  const rows = open(client, { peerId: member.host.peerId, multiaddrs: member.host.multiaddrs() }, rowsProtocol);
  let prime: Prime | undefined;
  const proofs: RowProof[] = [];
  const statuses = new Map<number, number>();
  const step = Math.floor(MAX_REQUEST_ROW_BYTES / record.rowSize);
  for (let at = 0; at < indices.length; at += step) {
    for await (const answer of rows.call({ blobId, indices: indices.slice(at, at + step), prime: at === 0 })) {
      prime ??= answer.prime;
      if (answer.proof !== undefined) proofs.push(answer.proof);
      if (answer.index !== undefined) statuses.set(answer.index, answer.status);
    }
  }
  return { prime, proofs, statuses };
}

describe('publish', () => {
  it('goes on in the name of an account while it grants the key a session, and is recorded as its', async () => {
    const account = new Uint8Array(20).fill(0xaa);
    const session = { key: signerOf(100).publicKey, kinds: [MESSAGE_KIND.certify], left: 0n, expiryHeight: 100 };
    const forAccount = publisherOf(ledger, { account });
    await expect(forAccount.publish(request(1_000))).rejects.toMatchObject({ code: 'PROMISE' });
    ledger.grant(account, [{ ...session, kinds: [MESSAGE_KIND.transfer] }]);
    await expect(forAccount.publish(request(1_000))).rejects.toMatchObject({ code: 'PROMISE' });
    ledger.grant(account, [session]);
    const { record } = await forAccount.publish(request(1_000));
    expect(record.publisher).toEqual(account);
    // members ask the state themselves
    ledger.grant(account, [{ ...session, key: signerOf(99).publicKey }]);
    const state = {
      head: () => ledger.head(),
      onHead: ledger.onHead.bind(ledger),
      get: async (store: string, key: Uint8Array) =>
        equal(key, sessionsKey(account)) ? Sessions.encode({ sessions: [session] }) : ledger.get(store, key),
    };
    const refused = publisherOf(ledger, { account, state }).publish(request(1_000, 'other'));
    await expect(refused).rejects.toMatchObject({ code: 'QUORUM' });
  });

  it('ends with a certificate, a record, and every row served by its owners', async () => {
    const stages: PublishProgress[] = [];
    const published = await publisher.publish({ ...request(1 << 20), onProgress: (progress) => stages.push(progress) });
    const { certificate, record, blobId } = published;
    expect(published.refusals).toEqual([]);
    expect(record).toMatchObject({ k: 256, n: 768, rowSize: 4160, length: 1 << 20, expiryHeight: 105, height: published.height });
    if (certificate === undefined) throw new Error('no certificate');
    const { genesisHash, committee } = ledger;
    const verified = await verifyCertificate(certificate, committee, { genesisHash, verifyEd25519: nobleEd25519 });
    expect(verified.signedStake).toBe(4n);

    const last = stages.at(-1);
    expect([...new Set(stages.map(({ stage }) => stage))]).toEqual(['encode', 'upload', 'certify', 'record', 'done']);
    expect(last).toMatchObject({ signed: 4, refused: 0, members: 4 });
    expect(last?.uploadedBytes).toBe(last?.totalBytes);

    const commitment = commitmentOf(blobId);
    const assignment = assignRows(committee, commitment, record);
    const seen = new Set<number>();
    for (const member of members) {
      const place = memberIndex(committee, member.node.address);
      const assigned = [...assignment.rowsOf(place)];
      const { prime, proofs } = await fetchRows(member, published, assigned);
      if (prime === undefined) throw new Error('no prime');
      expect(prime.rowRoot).toEqual(record.rowRoot);
      expect(proofs.map(({ index }) => index)).toEqual(assigned);
      const { k, n, rowSize } = record;
      const findings = await pool.run('verifyRows', { prime: { commitment, ...prime, k, n, rowSize }, rows: proofs });
      expect(findings.every((finding) => finding === undefined)).toBe(true);
      for (const index of assigned) seen.add(index);
      const foreign = Array.from({ length: k + n }, (_, i) => i).find((index) => !assignment.holds(place, index)) ?? -1;
      expect((await fetchRows(member, published, [foreign])).statuses.get(foreign)).toBe(ROW_STATUS.notAssigned);
    }
    expect(seen.size).toBe(1024);
    expect((await members[0]?.node.peerRecord())?.body.peerId).toBe(members[0]?.host.peerId);
  });

  it('finds a blob that is recorded already, and extends one that is to be kept longer', async () => {
    const first = await publisher.publish(request(5_000));
    expect(await publisher.publish({ ...request(5_000), retentionBlocks: 50 })).toMatchObject({
      height: first.height,
      certificate: undefined,
    });
    const extended = await publisher.publish({ ...request(5_000), retentionBlocks: 500 });
    expect(extended.record.expiryHeight).toBeGreaterThan(500);
    expect(extended.blobId).toEqual(first.blobId);
  });

  it('publishes several blobs at once, at every redundancy', async () => {
    const blobs = await Promise.all(
      ([2, 4, 8] as const).map((redundancy) => publisher.publish({ ...request(3_000, `${redundancy}`), redundancy })),
    );
    expect(blobs.map(({ record }) => record.n)).toEqual([64, 192, 448]);
    expect(new Set(blobs.map(({ height }) => height)).size).toBe(3);
  });
});

/** Publishes until half of the rows are with the members, and gives up. @returns bytes of rows that they took */
async function publishHalf(bytes: number): Promise<number> {
  const controller = new AbortController();
  let taken = 0;
  const half = publisher.publish({
    ...request(bytes),
    signal: controller.signal,
    onProgress: ({ uploadedBytes, totalBytes }) => {
      taken = uploadedBytes;
      if (uploadedBytes > totalBytes / 2) controller.abort();
    },
  });
  await expect(half).rejects.toMatchObject({ code: 'ABORTED' });
  return taken;
}

/** Publishes to the end. @returns the last progress, and what went out on the wire */
async function publishRest(changes: Partial<PublishRequest> & { data: Uint8Array }) {
  const wire = (): number => client.connections().reduce((sum, { bytesOut }) => sum + bytesOut, 0);
  const before = wire();
  const all: PublishProgress[] = [];
  const published = await publisher.publish({ ...request(1), ...changes, onProgress: (progress) => all.push(progress) });
  return { published, last: all.at(-1) as PublishProgress, all, wire: wire() - before };
}

describe('an upload that was stopped', () => {
  it('goes on where it was, by the bytes that are sent', async () => {
    const bytes = 3 << 20;
    const taken = await publishHalf(bytes);
    const { last, all, wire } = await publishRest(request(bytes));
    expect(last.uploadedBytes).toBe(last.totalBytes);
    expect(last.sentBytes).toBeGreaterThan(0);
    expect(last.sentBytes).toBeLessThanOrEqual(last.totalBytes - taken);
    // rows come with paths, and each member gets the prime; nothing of what was taken goes out again
    expect(wire).toBeLessThan(1.1 * last.sentBytes + 4 * 100_000);
    // what the members had counts as done from the start
    const first = all.find(({ sentBytes }) => sentBytes > 0);
    expect((first?.uploadedBytes ?? 0) - (first?.sentBytes ?? 0)).toBeGreaterThan(0);
  });

  it('goes on after a member restarted, and after the publisher did', async () => {
    const bytes = 3 << 20;
    await publishHalf(bytes);
    await stopMember(members[1] as Member);
    members[1] = await startMember(1);
    publisher = publisherOf(ledger);
    const { published, last } = await publishRest(request(bytes));
    expect(published.refusals).toEqual([]);
    expect(last.sentBytes).toBeLessThan(last.totalBytes / 2);
  });

  it('leaves no wait, no job and no request behind', async () => {
    await publishHalf(3 << 20);
    expect(sleeping).toBe(0);
    // the members hear of it: nothing is under way, so that they can stop at once
    await Promise.all(members.map(({ node }) => node.stop()));
    const wire = client.connections().reduce((sum, { bytesOut }) => sum + bytesOut, 0);
    await pool.run('extendAndCommit', { k: 64, n: 64, rowSize: 64, original: new Uint8Array(64 * 64) });
    expect(client.connections().reduce((sum, { bytesOut }) => sum + bytesOut, 0)).toBe(wire);
  });
});

describe('a blob that is to be kept longer', () => {
  it('is certified again without a byte of a row', async () => {
    const data = filled(1 << 20, 'long');
    const first = await publishRest({ data, retentionBlocks: 50 });
    expect(first.last.sentBytes).toBe(first.last.totalBytes);
    const { published, last } = await publishRest({ data, retentionBlocks: 900 });
    expect(published.record.expiryHeight).toBeGreaterThan(first.published.record.expiryHeight);
    expect(last).toMatchObject({ sentBytes: 0, uploadedBytes: last.totalBytes, signed: 4 });
  });
});

describe('data that is read when it is packed', () => {
  it('gives the same blob, and a source that fails ends the attempt', async () => {
    const data = filled(5_000, 'source');
    const { blobId } = await publisher.publish({ ...request(1), data });
    const read = async (into: Uint8Array): Promise<void> => into.set(data);
    expect((await publisher.publish({ ...request(1), data: { length: data.length, read } })).blobId).toEqual(blobId);
    const changed = publisher.publish({
      ...request(1),
      data: { length: 10, read: () => Promise.reject(new PerigeeError('INVALID_ARGUMENT', 'the file changed')) },
    });
    await expect(changed).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('an account that cannot pay', () => {
  it('is told so before anything is encoded, with balance, fee and remedy', async () => {
    const faucet = new Uint8Array(20).fill(9);
    const address = ed25519Address(signerOf(100).publicKey);
    for (const [options, remedy] of [
      [{ gasPrice: 1n, daPrice: 2n, faucet }, 'faucet'],
      [{ gasPrice: 1n, daPrice: 2n }, 'tokens'],
    ] as const) {
      const dear = new Ledger([1n], options);
      dear.advance(5);
      // 4 · 64 rows of 128 bytes, two epochs of 100 blocks; and the gas limit
      const fee = 2n * 256n * 128n * 2n + 1_000_000n;
      dear.pay(address, fee - 1n);
      let encoded = false;
      const read = async (): Promise<void> => {
        encoded = true;
      };
      const poor = publisherOf(dear).publish({ ...request(1), data: { length: 5_000, read }, retentionBlocks: 101 });
      await expect(poor).rejects.toMatchObject({ code: 'TX_FEE', data: { balance: `${fee - 1n}`, fee: `${fee}` } });
      await expect(poor).rejects.toThrow(remedy);
      expect(encoded).toBe(false);
    }
  });
});

describe('a member', () => {
  const addressOf = (member: number): Uint8Array => ed25519Address(signerOf(member).publicKey);

  it('that is dead does not stop three others', async () => {
    await members[1]?.node.stop();
    await members[1]?.host.stop();
    const { certificate, refusals } = await publisher.publish(request(200_000));
    expect(certificate?.signatures).toHaveLength(3);
    expect(refusals.map(({ address, error }) => [toHex(address), error.code])).toEqual([[toHex(addressOf(1)), 'UNREACHABLE']]);
  });

  it('that is full does not stop three others, and takes rows again when it has room', async () => {
    await stopMember(members[1] as Member);
    members[1] = await startMember(1, 100_000);
    const full = await publisher.publish(request(200_000));
    expect(full.refusals.map(({ address, error }) => [toHex(address), error.code])).toEqual([
      [toHex(addressOf(1)), 'STORE_FULL'],
    ]);
    expect((await publisher.publish(request(5_000))).refusals).toEqual([]);
  });

  it('that restarts in the middle of an upload gets the rest', async () => {
    let restarted: Promise<void> | undefined;
    const restart = async (): Promise<void> => {
      await stopMember(members[1] as Member);
      members[1] = await startMember(1);
    };
    // however slow this machine is: nobody's patience ends before the member is back, nor soon after
    const clock: Clock = {
      now: systemClock.now,
      sleep: async (ms, signal) => {
        await restarted;
        await systemClock.sleep(ms, signal);
      },
    };
    const { refusals, certificate } = await publisherOf(ledger, { clock }).publish({
      ...request(3 << 20),
      onProgress: ({ uploadedBytes, totalBytes }) => {
        if (uploadedBytes > totalBytes / 4) restarted ??= restart();
      },
    });
    await restarted;
    expect(refusals).toEqual([]);
    expect(certificate?.signatures).toHaveLength(4);
  });

  it('that signs something else is found out, and does not stop three others', async () => {
    const liar = await createHost({ listen: LISTEN, allowPrivate: true });
    await serve(liar, uploadProtocol, async ({ sign }) => ({
      missing: 0,
      ...(sign === undefined ? {} : { signature: new Uint8Array(64) }),
    }));
    peers.set(toHex(addressOf(2)), { peerId: liar.peerId, multiaddrs: liar.multiaddrs() });
    const { certificate, refusals } = await publisher.publish(request(20_000));
    await liar.stop();
    expect(certificate?.signatures).toHaveLength(3);
    expect(refusals.map(({ address, error }) => [toHex(address), error.code])).toEqual([[toHex(addressOf(2)), 'SIGNATURE']]);
  });

  it('that never answers is left behind', async () => {
    const silent = await createHost({ listen: LISTEN, allowPrivate: true });
    await serve(
      silent,
      uploadProtocol,
      (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('gone')))),
    );
    peers.set(toHex(addressOf(2)), { peerId: silent.peerId, multiaddrs: silent.multiaddrs() });
    const { certificate, refusals } = await publisher.publish(request(20_000));
    await silent.stop();
    expect(certificate?.signatures).toHaveLength(3);
    expect(refusals.map(({ error }) => error.code)).toEqual(['TIMEOUT']);
  });

  it('more than a quorum can spare ends the attempt, and says who refused', async () => {
    peers.delete(toHex(addressOf(0)));
    peers.delete(toHex(addressOf(3)));
    const error = await publisher.publish(request(1_000)).then(
      () => undefined,
      (thrown: PerigeeError) => thrown,
    );
    expect(error?.code).toBe('QUORUM');
    expect(error?.message).toContain(toHex(addressOf(0)));
    expect(error?.message).toContain('UNREACHABLE');
  });
});

describe('publish is refused', () => {
  const codeOf = async (changes: Partial<Parameters<Publisher['publish']>[0]>): Promise<string> =>
    publisher.publish({ ...request(1_000), ...changes }).then(
      () => 'none',
      (error: PerigeeError) => error.code,
    );

  it('with the code of what is wrong', async () => {
    expect(await codeOf({ data: new Uint8Array(0) })).toBe('BLOB_LENGTH');
    expect(await codeOf({ retentionBlocks: 1_001 })).toBe('INVALID_ARGUMENT');
    expect(await codeOf({ retentionBlocks: 0 })).toBe('INVALID_ARGUMENT');
    expect(await codeOf({ namespace: new Uint8Array(0) })).toBe('INVALID_ARGUMENT');
    expect(await codeOf({ quorum: 10_000 })).toBe('INVALID_ARGUMENT');
    expect(await codeOf({ signal: AbortSignal.abort() })).toBe('ABORTED');
  });

  it('when it is given up half way', async () => {
    const controller = new AbortController();
    const onProgress = ({ stage }: PublishProgress): void => {
      if (stage === 'upload') controller.abort();
    };
    expect(await codeOf({ signal: controller.signal, onProgress })).toBe('ABORTED');
  });
});
