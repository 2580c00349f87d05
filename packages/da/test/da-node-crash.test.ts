import { fileURLToPath } from 'node:url';
import { certificateSignBytes, promiseIdOf } from '@perigee/light-core/da';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { createHost, type Host, type KnownPeer, open, rowsProtocol, systemClock } from '@perigee/net';
import { commitmentOf, MAX_REQUEST_ROW_BYTES, type Prime, type RowProof, toHex } from '@perigee/wire';
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest';
import { crashRounds, randomOf, startProcess, type TestProcess, temporaryFolder } from '../../../tests/kit/index.ts';
import { type CodecPool, createCodecPool } from '../src/codec/codec-pool.ts';
import { uploadToMember } from '../src/publish/upload-member.ts';
import { Ledger, signerOf } from './ledger.ts';
import { type Prepared, prepareBlob, prepareRows, proofOf } from './prepared.ts';

const LONG = process.env.PERIGEE_LONG === '1';
const job = fileURLToPath(new URL('../../../dist/test/jobs/da-node-crash.job.js', import.meta.url));
const parties = { ledger: new Ledger([1n]), publisher: signerOf(100), member: signerOf(0) };
/** A node does about eight things to files for a small blob. */
const OPERATIONS = 30;
/** Blocks between two starts: more than rows that nobody signed for may stay. */
const BLOCKS = 150;

/** Waits of seconds are over in hundredths. */
const hasty = { now: systemClock.now, sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 100, signal) };

let pool: CodecPool;
let host: Host;

beforeAll(async () => {
  pool = createCodecPool(1);
  host = await createHost({ allowPrivate: true });
});
afterAll(async () => {
  await host.stop();
  await pool.close();
});

async function peerOf(child: TestProcess): Promise<KnownPeer> {
  const { peerId, multiaddrs } = await child.ready();
  return { peerId: String(peerId), multiaddrs: multiaddrs as string[] };
}

/** Hands the member all rows of a blob. @returns when it has signed for them */
async function upload(peer: KnownPeer, { blob, promise, rows, certificate }: Prepared): Promise<void> {
  const signature = await uploadToMember(host, hasty, {
    peer: async () => peer,
    promise,
    promiseId: promiseIdOf(promise.body),
    blob: { ...blob, row: (index) => proofOf(blob, index).row },
    indices: rows.map(({ index }) => index),
    signal: AbortSignal.timeout(120_000),
    onProgress: () => {},
  });
  const signed = certificateSignBytes(certificate, parties.ledger.genesisHash);
  expect(await nobleEd25519(parties.member.publicKey, signed, signature)).toBe(true);
}

/** Asks for every row of a blob and verifies it. */
async function expectServed(peer: KnownPeer, { blob, promise, rows }: Prepared): Promise<void> {
  const { blobId, k, n, rowSize } = promise.body;
  const indices = rows.map(({ index }) => index);
  const step = Math.floor(MAX_REQUEST_ROW_BYTES / rowSize);
  const proofs: RowProof[] = [];
  let prime: Prime | undefined;
  for (let at = 0; at < indices.length; at += step) {
    const request = { blobId, indices: indices.slice(at, at + step), prime: at === 0 };
    for await (const answer of open(host, peer, rowsProtocol).call(request)) {
      prime ??= answer.prime;
      if (answer.proof !== undefined) proofs.push(answer.proof);
    }
  }
  expect(
    proofs.map(({ index }) => index),
    `rows of ${toHex(blobId)}`,
  ).toEqual(indices);
  if (prime === undefined) throw new Error('no prime');
  const input = { commitment: commitmentOf(blobId), ...prime, k, n, rowSize };
  expect(blob.rowRoot).toEqual(prime.rowRoot);
  expect((await pool.run('verifyRows', { prime: input, rows: proofs })).every((finding) => finding === undefined)).toBe(true);
}

it.each([
  { files: 'as they were left', cut: undefined, rounds: LONG ? 50 : 1 },
  { files: 'with the last one cut, as a power cut may', cut: 'unsynced', rounds: LONG ? 50 : 2 },
  { files: 'with the last one cut anywhere', cut: 'any', rounds: LONG ? 50 : 1 },
] as const)(
  'a member serves all that it signed for after $rounds kills inside writes, files $files',
  {
    timeout: LONG ? 900_000 : 240_000,
  },
  async ({ cut, rounds }) => {
    const folder = temporaryFolder('da-crash');
    const random = randomOf(onTestFailed);
    const signed: Prepared[] = [];
    let height = 10;
    let blobs = 0;
    let uploading: Promise<void> = Promise.resolve();
    let interrupted: Prepared | undefined;

    const uploadUntilDeath = async (child: TestProcess): Promise<void> => {
      try {
        const peer = await peerOf(child);
        for (;;) {
          const data = random.bytes(random.between(1, 60_000));
          const changes = { nonce: ++blobs, expiryHeight: height + 900 };
          interrupted = await prepareBlob({ ...parties, pool }, data, changes);
          await upload(peer, interrupted);
          signed.push(interrupted);
        }
      } catch {
        // it died, as it should; what was lost is looked for after the restart
      }
    };

    const afterRestart = async (check: (peer: KnownPeer) => Promise<void>): Promise<void> => {
      height += BLOCKS;
      const child = startProcess(job, [folder, `${height}`]);
      try {
        await check(await peerOf(child));
      } finally {
        await child.kill();
      }
      if (cut !== 'any') expect(child.stdout()).not.toContain('FAULT');
    };

    const tally = await crashRounds({
      rounds,
      folder,
      within: OPERATIONS,
      random,
      cut,
      start: (env) => {
        height += BLOCKS;
        const child = startProcess(job, [folder, `${height}`], { env });
        uploading = uploadUntilDeath(child);
        return child;
      },
      check: async () => {
        await uploading;
        await afterRestart(async (peer) => {
          for (const blob of signed.slice(-3)) await expectServed(peer, blob);
          // the upload that was cut off goes on, or starts again
          if (interrupted === undefined || interrupted === signed.at(-1)) return;
          const { blob, promise } = interrupted;
          const changes = { nonce: ++blobs, expiryHeight: height + 900 };
          const again = await prepareRows({ ...parties, pool }, blob, promise.body.length, changes);
          await upload(peer, again);
          signed.push(again);
          await expectServed(peer, again);
        });
      },
    });
    await afterRestart(async (peer) => {
      for (const blob of signed) await expectServed(peer, blob);
    });
    console.log(
      `kills of a member, files ${cut ?? 'not'} cut: ${JSON.stringify(tally)}, ${signed.length} blobs, seed ${random.seed}`,
    );
    expect(tally.kills).toBe(rounds);
  },
);
