import { formatTrustRoot } from '@perigee/light-core/comet';
import { toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { isolated } from '../src/install/isolated.ts';
import { isKeptChainFile, refuseFailedServer } from '../src/install/kept-chain-file.ts';
import { KeptChains } from '../src/install/kept-chains.ts';

/** Chain files of different genesis. */
function chainFile(first: number, height = 1): string {
  const genesisHash = new Uint8Array(32).fill(first);
  const chainId = `test-${toHex(genesisHash.subarray(0, 4))}`;
  const time = { seconds: 1_700_000_000, nanos: 0 };
  return formatTrustRoot({ chainId, genesisHash, height, headerHash: new Uint8Array(32).fill(9), time, peers: [] });
}

function memory(): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  } as unknown as Storage;
}

describe('what the service worker keeps', () => {
  it('is a chain file, and not what stands in its place', async () => {
    expect(await isKeptChainFile(new Response(chainFile(1)))).toBe(true);
    for (const response of [
      new Response('<!doctype html><title>Sign in to this network</title>'),
      new Response('null'),
      new Response('{}'),
      new Response(' '.repeat(1_000_000)),
      new Response(chainFile(1), { status: 404 }),
    ]) {
      expect(await isKeptChainFile(response)).toBe(false);
    }
  });

  it('takes the place of a server that fails', () => {
    expect(() => refuseFailedServer(new Response('', { status: 502 }))).toThrow('502');
    expect(refuseFailedServer(new Response('', { status: 404 })).status).toBe(404);
  });

  it('is served with the headers that isolate the page', async () => {
    const made = isolated(new Response('text', { status: 203, headers: { 'Content-Type': 'text/css' } }));
    expect(made.status).toBe(203);
    expect(made.headers.get('Content-Type')).toBe('text/css');
    expect(made.headers.get('Cross-Origin-Embedder-Policy')).toBe('require-corp');
    expect(await made.text()).toBe('text');
  });
});

describe('chains of an address', () => {
  it('are told apart by genesis, and the former is kept until it is forgotten', () => {
    const storage = memory();
    const chains = new KeptChains(() => storage);
    chains.add(chainFile(1));
    chains.add(chainFile(1, 7));
    expect(chains.earlier()).toBeUndefined();
    chains.add(chainFile(2));
    expect(new KeptChains(() => storage).earlier()).toMatchObject({ trustRoot: chainFile(1, 7) });
    chains.add(chainFile(1, 9));
    expect(chains.earlier()).toMatchObject({ trustRoot: chainFile(2) });
    chains.forgetEarlier();
    expect(chains.earlier()).toBeUndefined();
  });

  it('are at most four', () => {
    const storage = memory();
    const chains = new KeptChains(() => storage);
    for (let first = 1; first <= 9; first++) chains.add(chainFile(first));
    expect(JSON.parse(storage.getItem('perigee/chains') ?? '').trustRoots).toEqual([9, 8, 7, 6].map((first) => chainFile(first)));
  });

  it.each([
    ['no JSON', '{'],
    ['another version', JSON.stringify({ version: 2, trustRoots: [chainFile(1), chainFile(2)] })],
    ['no list', JSON.stringify({ version: 1, trustRoots: 'x' })],
    ['something that is no chain file', JSON.stringify({ version: 1, trustRoots: [chainFile(1), '{}'] })],
  ])('are none where %s is stored', (_what, stored) => {
    const storage = memory();
    storage.setItem('perigee/chains', stored);
    const chains = new KeptChains(() => storage);
    expect(chains.earlier()).toBeUndefined();
    expect(() => chains.add('{}')).toThrow();
    chains.add(chainFile(3));
    expect(chains.earlier()).toBeUndefined();
  });

  it('are forgotten where the browser blocks storage', () => {
    const chains = new KeptChains(() => {
      throw new Error('blocked');
    });
    chains.add(chainFile(1));
    expect(chains.earlier()).toBeUndefined();
  });
});
