import { peerRecordSignBytes } from '@perigee/light-core/da';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { createHost, dialPeer, type Host, serve, statusProtocol, systemClock } from '@perigee/net';
import { ed25519Address, type PeerRecord, type Status, toHex } from '@perigee/wire';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../../../tests/kit/eventually.ts';
import { PeerDirectory } from '../src/node/index.ts';
import { Ledger, signerOf } from './ledger.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function newHost(options: Parameters<typeof createHost>[0] = {}): Promise<Host> {
  const host = await createHost({ allowPrivate: true, ...options });
  ends.push(() => host.stop());
  return host;
}

const ledger = new Ledger([1n, 1n, 1n]);
ledger.advance(5);

/** Where a member says that it is, signed by `signer`. */
async function recordOf(member: number, sequence: number, signer = member): Promise<PeerRecord> {
  const body = {
    genesisHash: ledger.genesisHash,
    epoch: 0,
    address: ed25519Address(signerOf(member).publicKey),
    peerId: '12D3KooWPeer',
    multiaddrs: ['/ip4/203.0.113.1/tcp/1'],
    sequence,
    expiry: systemClock.now() + 600_000,
  };
  return { body, signature: await signerOf(signer).sign(peerRecordSignBytes(body)) };
}

const statusOf = (peers: readonly PeerRecord[]): Status => ({
  version: 1,
  chainId: 'ledger-0',
  genesisHash: ledger.genesisHash,
  height: 5,
  headerHash: new Uint8Array(32),
  earliest: 0,
  roles: ['da'],
  recentBlobs: [],
  peers: [...peers],
});

/** As many as say that nobody waits between two of them. */
const WORDS = 30;

/** A directory that hears a host which tells of these, one after the other. Its clock waits until it is told to go on. */
async function hearing(peersAt: (word: number) => Promise<readonly PeerRecord[]>) {
  const seen = { words: 0, checks: 0, isOver: false };
  const sleeping: (() => void)[] = [];
  const goOn = async (): Promise<void> => {
    await eventually(() => expect(sleeping).toHaveLength(1));
    sleeping.pop()?.();
  };
  const host = await newHost({ listen: { host: '127.0.0.1', tcp: 0 } });
  const directory = new PeerDirectory({
    host,
    state: ledger,
    clock: {
      now: () => systemClock.now(),
      sleep: (_ms, signal) =>
        new Promise((resolve) => {
          sleeping.push(resolve);
          signal?.addEventListener('abort', () => resolve(), { once: true });
        }),
    },
    verifyEd25519: async (...signature) => {
      seen.checks++;
      return nobleEd25519(...signature);
    },
    onStatus: () => {
      seen.words++;
    },
  });
  ends.push(() => directory.stop());
  const talker = await newHost();
  await serve(talker, statusProtocol, async function* (_request, { signal }) {
    signal.addEventListener('abort', () => {
      seen.isOver = true;
    });
    for (let word = 0; word < WORDS; word++) yield statusOf(await peersAt(word));
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  });
  await dialPeer(talker, { peerId: host.peerId, multiaddrs: host.multiaddrs() });
  return { directory, seen, goOn };
}

const nameOf = (member: number): string => toHex(ed25519Address(signerOf(member).publicKey));
const namesIn = async (directory: PeerDirectory): Promise<string[]> =>
  (await directory.records()).map(({ body }) => toHex(body.address));

test('a peer that talks without end is heard now and then, and what members signed is known', async () => {
  const { directory, seen, goOn } = await hearing(async (word) => [await recordOf(0, word), await recordOf(1, word)]);
  for (let word = 1; word < 4; word++) {
    await eventually(() => expect(seen).toEqual({ words: word, checks: 2 * word, isOver: false }));
    await goOn();
  }
  expect(await namesIn(directory)).toEqual([nameOf(0), nameOf(1)]);
});

test('a peer that hands on what its member did not sign costs one check, and is not heard further', async () => {
  const { directory, seen } = await hearing(async (word) => [await recordOf(0, word, 2), await recordOf(1, word, 2)]);
  await eventually(() => expect(seen).toEqual({ words: 1, checks: 1, isOver: true }));
  expect(await directory.records()).toEqual([]);
});

test('records of another epoch and those that have expired are passed over without a check', async () => {
  const late = await recordOf(0, 1);
  const old = { ...late, body: { ...late.body, epoch: 1 } };
  const over = { ...late, body: { ...late.body, expiry: systemClock.now() - 1 } };
  const { directory, seen } = await hearing(async (word) => [old, over, await recordOf(1, word)]);
  await eventually(() => expect(seen).toEqual({ words: 1, checks: 1, isOver: false }));
  expect(await namesIn(directory)).toEqual([nameOf(1)]);
});
