import { writeFileSync } from 'node:fs';
import { unixMs } from '@perigee/light-core/comet';
import { blobKey, committeeKey, STORE } from '@perigee/light-core/state';
import { createHost, open, rowsProtocol } from '@perigee/net';
import { HeaderAnswer, type Prime, type RowProof, StateProof, toHex } from '@perigee/wire';
import { createPool } from '@perigee/workers';
import { expect, it, onTestFinished } from 'vitest';
import { headerOf, type LocalNetwork, startLocalNetwork } from '../../../tests/kit/local-network.ts';
import type { Verifier } from '../src/verify/verifier.ts';
import { spawnVerifyWorker } from '../src/verify/worker.ts';
import { type StoredSample, verifyStored } from './stored-sample.ts';

/** A sample like the stored one, of a network that runs. PERIGEE_WRITE_FIXTURES=1 stores it. */
async function makeSample(network: LocalNetwork): Promise<StoredSample> {
  const { chain } = network;
  const { blobId, key, height: recordedAt } = await network.publish(1_000);
  const height = recordedAt + 2;
  await network.untilHeight(height);
  const member = network.member(0);
  const host = await createHost({ allowPrivate: true });
  const rows: RowProof[] = [];
  let prime: Prime | undefined;
  const target = { peerId: member.host.peerId, multiaddrs: member.host.multiaddrs() };
  for await (const answer of open(host, target, rowsProtocol).call({
    blobId,
    indices: Array.from({ length: 24 }, (_, i) => 10 * i),
    prime: true,
  })) {
    prime ??= answer.prime;
    if (answer.proof !== undefined) rows.push(answer.proof);
  }
  await host.stop();
  const prove = (stateKey: Uint8Array) => toHex(StateProof.encode(chain.prove(STORE.da, stateKey, height - 1)));
  return {
    source: 'a network of packages/sampler/test/make-sample.test.ts, written by this project',
    trustRoot: network.trustRoot([]),
    now: unixMs(headerOf(chain, height).time) + 1_000,
    root: toHex(HeaderAnswer.encode(chain.lightBlock(1))),
    head: toHex(HeaderAnswer.encode(chain.lightBlock(height))),
    height,
    blobId: key,
    recordProof: prove(blobKey(blobId)),
    committeeProof: prove(committeeKey(0)),
    rlcOriginal: toHex(prime?.rlcOriginal ?? new Uint8Array(0)),
    rows: rows.slice(0, 4).map(({ index, row, path }) => ({ index, row: toHex(row), path: toHex(path) })),
  };
}

it('what a network gives is what the stored sample holds', async () => {
  const network = await startLocalNetwork();
  onTestFinished(() => network.stop());
  const sample = await makeSample(network);
  const pool = createPool<Verifier>({ spawn: spawnVerifyWorker, size: 1 });
  onTestFinished(() => pool.close());
  expect(await verifyStored(sample, pool)).toMatchObject({ validators: 4, verdicts: Array(4).fill('verified') });
  if (process.env.PERIGEE_WRITE_FIXTURES === '1') {
    writeFileSync(new URL('../../../tests/vectors/sample.json', import.meta.url), `${JSON.stringify(sample, null, 2)}\n`);
  }
});
