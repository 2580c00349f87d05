/** Issue 4, first point: four CometBFT processes with our application. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CometChain } from '@perigee/chain/cometbft';
import { validatorAddress } from '@perigee/light-core/comet';
import { signTx } from '@perigee/light-core/tx';
import { systemClock } from '@perigee/net';
import { ed25519Address, toHex } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cometbftProgram } from '../kit/cometbft.ts';
import { freePort } from '../kit/port.ts';
import { runPerigee, startPerigee } from '../kit/process.ts';
import { appHashAt, ask, CometNetwork, heightOf, type Place, secretOf, signerOf } from './network.ts';
import { recording, replayed } from './recorder.ts';

const BLOCK_MS = 300;
const SNAPSHOT_BLOCKS = 40;
const PATIENCE = { timeout: 90_000, interval: 250 };

describe.skipIf(cometbftProgram() === undefined)('four CometBFT processes with our application', () => {
  // CometBFT looks for snapshots for five seconds before it asks for one, and a node keeps two
  const network = new CometNetwork({ validators: 4, blockMs: BLOCK_MS, snapshotBlocks: SNAPSHOT_BLOCKS });
  const record = recording();
  /** Follows from the first block, in this process. */
  let observer: CometChain;

  const placeAt = (i: number): Place => {
    const place = network.places[i];
    if (place === undefined) throw new Error(`there is no place ${i}`);
    return place;
  };

  beforeAll(async () => {
    await network.begin();
    observer = await CometChain.open(
      {
        dir: join(network.folder, 'observer'),
        genesis: network.genesis,
        settings: {
          p2p: { host: '127.0.0.1', port: await freePort() },
          peers: network.places.map(({ address }) => address),
          blockIntervalMs: BLOCK_MS,
        },
        program: cometbftProgram() ?? '',
        validatorSecret: secretOf('observer'),
        nodeSecret: secretOf('node observer'),
        clock: systemClock,
        wrap: record.wrap,
      },
      AbortSignal.timeout(60_000),
    );
  });
  afterAll(async () => {
    await observer?.close();
    await network.stop();
  });

  it('a blob is published, certified, and sampled by a light node that follows the chain', async () => {
    const file = join(network.folder, 'data.bin');
    writeFileSync(file, randomBytes(100_000));
    const common = ['--home', network.light, '--chain', network.chain, '--json'];
    const published = await runPerigee(['publish', file, ...common]);
    expect(published.code, published.output).toBe(0);
    const { blobId } = JSON.parse(published.stdout.trim().split('\n').at(-1) ?? '');
    const sampled = await runPerigee(['sample', blobId, ...common]);
    expect(sampled.code, sampled.output).toBe(0);
    expect(JSON.parse(sampled.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ blobId, outcome: 'available' });
    expect(observer.recentBlobs().map(toHex)).toContain(blobId);
  });

  it('a validator is killed, the others go on, and it comes back', async () => {
    const place = placeAt(3);
    await place.process?.kill();
    const before = await heightOf(placeAt(0));
    await vi.waitFor(async () => expect(await heightOf(placeAt(0))).toBeGreaterThan(before + 3), PATIENCE);
    // its CometBFT has ended with it
    await expect(ask(place, 'status')).rejects.toThrow();
    place.process = startPerigee(place.argv);
    await place.process.ready();
    const address = toHex(validatorAddress(signerOf('validator 3').publicKey)).toUpperCase();
    await vi.waitFor(async () => {
      type Answer = { signed_header: { commit: { signatures: { validator_address: string }[] } } };
      const { signed_header } = await ask<Answer>(placeAt(0), 'commit');
      expect(signed_header.commit.signatures.map(({ validator_address }) => validator_address)).toContain(address);
    }, PATIENCE);
  });

  it('a node begins from a snapshot', async () => {
    await vi.waitFor(async () => expect(await heightOf(placeAt(0))).toBeGreaterThan(SNAPSHOT_BLOCKS), PATIENCE);
    const height = Math.max(1, (await heightOf(placeAt(0))) - SNAPSHOT_BLOCKS - 20);
    const { signed_header } = await ask<{ signed_header: { commit: { block_id: { hash: string } } } }>(placeAt(0), 'commit', {
      height: String(height),
    });
    const trust = `${network.genesis.initChain.chainId}:${height}:${signed_header.commit.block_id.hash.toLowerCase()}`;
    const rpcs = [placeAt(0).rpc, placeAt(1).rpc].flatMap((url) => ['--state-sync', url]);
    const place = await network.add('synced', { more: [...rpcs, '--trust', trust] });
    place.process = startPerigee(place.argv);
    await place.process.ready();
    const { sync_info } = await ask<{ sync_info: { earliest_block_height: string } }>(place, 'status');
    expect(Number(sync_info.earliest_block_height)).toBeGreaterThan(1);
  });

  it('a second process with the key of a validator signs twice, and the stake is slashed through misbehavior', async () => {
    const twin = await network.add('twin', { validator: 2 });
    twin.process = startPerigee(twin.argv);
    await twin.process.ready();
    // each has transactions that the other does not have yet, so that they propose, and vote for, different blocks
    const ends = [twin, placeAt(2)].map((place, lane) => ({ place, lane, nonce: 0 }));
    await vi.waitFor(
      async () => {
        for (const end of ends) {
          const draft = {
            lane: end.lane,
            nonce: end.nonce++,
            expiryHeight: 1_000,
            gasLimit: 100_000,
            maxFee: 10n ** 12n,
            tip: 0n,
          };
          const messages = [{ transfer: { to: ed25519Address(signerOf('account').publicKey), amount: 1n } }];
          const raw = await signTx({ ...draft, messages }, network.genesis.genesisHash, signerOf('sender'));
          await ask(end.place, 'broadcast_tx_async', { tx: Buffer.from(raw).toString('base64') });
        }
        expect(record.blocks.flatMap(({ misbehavior }) => misbehavior.map(({ type }) => type))).toContain('duplicateVote');
      },
      { timeout: 90_000, interval: 50 },
    );
    const block = record.blocks.find(({ misbehavior }) => misbehavior.length > 0);
    const height = block?.height ?? 0;
    // out of the set two blocks later
    await vi.waitFor(async () => expect(await heightOf(placeAt(0))).toBeGreaterThan(height + 3), PATIENCE);
    const results = await ask<{ finalize_block_events: { type: string }[]; validator_updates: { power?: string }[] }>(
      placeAt(0),
      'block_results',
      { height: String(height) },
    );
    expect(results.finalize_block_events.map(({ type }) => type)).toContain('slash');
    const { validators } = await ask<{ validators: { address: string }[] }>(placeAt(0), 'validators');
    expect(validators.map(({ address }) => address.toLowerCase())).not.toContain(
      toHex(validatorAddress(signerOf('validator 2').publicKey)),
    );
    // a light client follows over the change of the set
    const status = await runPerigee(['status', '--home', network.light, '--chain', network.chain, '--json']);
    expect(status.code, status.output).toBe(0);
    const { head } = JSON.parse(status.stdout.trim().split('\n').at(-1) ?? '');
    expect(head.height).toBeGreaterThan(height + 2);
  });

  it('has the same app hash at every height on all, and on the embedded path', async () => {
    const last = Math.min(...(await Promise.all(network.places.map(heightOf)))) - 1;
    const hashes = await replayed(
      network.genesis,
      record.blocks.filter(({ height }) => height <= last),
    );
    expect(hashes.map(({ height }) => height)).toEqual(Array.from({ length: last }, (_, i) => i + 1));
    const compared = new Map(network.places.map(({ name }) => [name, 0]));
    for (const { height, ...own } of hashes) {
      for (const place of network.places) {
        const given = await appHashAt(place, height).catch((error: Error) => {
          // it has no blocks from before its snapshot
          expect(place.name, error.message).toBe('synced');
        });
        if (given === undefined) continue;
        expect(given, `${place.name}, height ${height}`).toBe(own.appHash);
        compared.set(place.name, (compared.get(place.name) ?? 0) + 1);
      }
      const header = (await observer.lightBlock(height + 1)).block.signedHeader?.header;
      expect(toHex(header?.lastResultsHash ?? new Uint8Array(0))).toBe(own.lastResultsHash);
    }
    const fromSnapshot = compared.get('synced') ?? 0;
    expect(fromSnapshot).toBeGreaterThan(0);
    expect(fromSnapshot).toBeLessThan(last);
    compared.delete('synced');
    expect([...compared.values()]).toEqual(network.places.slice(1).map(() => last));
  });
});
