import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { printable } from '../src/cli/printable.ts';
import { plainError } from '../src/cli/system-error.ts';
import { Clients } from '../src/devnet/clients.ts';
import { parseInbound } from '../src/devnet/inbound.ts';
import { devnetLayout } from '../src/devnet/layout.ts';
import { openableHost } from '../src/devnet/openable-host.ts';
import { findOwnFiles } from '../src/devnet/own-files.ts';
import { servePage } from '../src/devnet/page-server.ts';
import { prepareDevnet } from '../src/devnet/prepare.ts';
import { sizeText } from '../src/sizes.ts';

describe('clients of a devnet', () => {
  it('are those that are no part of it', async () => {
    const clients = new Clients();
    clients.addOwn('node');
    clients.note(0, ['node', 'traffic']);
    clients.addOwn('traffic');
    expect(clients.present).toBe(false);
    const stop = new AbortController();
    let arrived = false;
    const waiting = clients.arrived(stop.signal).then(() => {
      arrived = true;
    });
    clients.note(1, ['node']);
    await Promise.resolve();
    expect(arrived).toBe(false);
    clients.note(1, ['page']);
    await waiting;
    clients.note(1, []);
    expect(clients.present).toBe(false);
    const unwanted = clients.arrived(stop.signal);
    stop.abort();
    await unwanted;
  });

  it('are told in messages of one form', () => {
    expect(parseInbound({ inbound: ['a'] })).toEqual(['a']);
    for (const wrong of [null, 1, {}, { inbound: 'a' }, { inbound: [1] }]) expect(parseInbound(wrong)).toBeUndefined();
  });
});

describe('the genesis of a devnet', () => {
  const clock = { now: () => 1_700_000_000_000, sleep: async () => {} };

  it('is kept with its stakes, and refuses others', async () => {
    const layout = devnetLayout(temporaryFolder('devnet-parts'), 3);
    const made = await prepareDevnet(layout, [1n, 2n, 3n], clock);
    expect(made.stakes).toEqual([1n, 2n, 3n]);
    const { appState } = made.genesis;
    expect(appState).toMatchObject({ development: true });
    expect(appState.storage?.pricePerSector).toBeGreaterThan(0n);
    expect(appState.daPrice > 0n && appState.gasPrice > 0n && appState.faucet !== undefined).toBe(true);
    const again = await prepareDevnet(layout, undefined, clock);
    expect(again.genesis.genesisHash).toEqual(made.genesis.genesisHash);
    expect(again.stakes).toEqual([1n, 2n, 3n]);
    await expect(prepareDevnet(layout, [3n, 2n, 1n], clock)).rejects.toThrow('has stakes 1,2,3');
    const { nodes } = layout;
    await expect(prepareDevnet({ ...layout, nodes: nodes.slice(1) }, undefined, clock)).rejects.toThrow('--nodes 3');
    await expect(
      prepareDevnet({ ...layout, nodes: devnetLayout(temporaryFolder('devnet-parts'), 3).nodes }, undefined, clock),
    ).rejects.toThrow('does not know the keys');
  });
});

describe('the page of a devnet', () => {
  it('has its port before there is a network, and shows a page that was built again', async () => {
    const folder = temporaryFolder('page');
    writeFileSync(join(folder, 'index.html'), 'first');
    const page = await servePage({ folder, host: '127.0.0.1', port: 0 });
    onTestFinished(() => page.close());
    const get = (path: string) => fetch(`http://127.0.0.1:${page.port}/${path}`);
    expect((await get('')).status).toBe(503);
    await expect(servePage({ folder, host: '127.0.0.1', port: page.port })).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('--http-port'),
    });
    page.begin('{"version":1}');
    expect(await (await get('perigee-chain.json')).json()).toEqual({ version: 1 });
    expect(await (await get('')).text()).toBe('first');
    rmSync(folder, { recursive: true });
    expect((await get('')).status).toBe(404);
    mkdirSync(join(folder, 'assets'), { recursive: true });
    writeFileSync(join(folder, 'index.html'), 'second');
    writeFileSync(join(folder, 'assets', 'new.js'), 'new');
    expect(await (await get('')).text()).toBe('second');
    const asset = await get('assets/new.js');
    expect(asset.headers.get('cache-control')).toContain('immutable');
    expect(asset.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect((await get('..%2f..%2fetc/passwd')).status).toBe(404);
  });

  it('outlives requests for parts that make no sense, and files that cannot be opened', async () => {
    const folder = temporaryFolder('page');
    writeFileSync(join(folder, 'index.html'), 'the page');
    const socket = createServer().listen(join(folder, 'socket'));
    onTestFinished(() => void socket.close());
    const page = await servePage({ folder, host: '127.0.0.1', port: 0 });
    onTestFinished(() => page.close());
    page.begin('{"version":1}');
    const get = (path: string, headers = {}) => fetch(`http://127.0.0.1:${page.port}/${path}`, { headers });
    for (const range of ['bytes=5-3', 'bytes=-3', 'bytes=99-', 'bytes=0-1,3-4', 'x']) {
      const answer = await get('', { range });
      expect([answer.status, await answer.text()]).toEqual([200, 'the page']);
    }
    await expect(get('socket').then((answer) => answer.text())).rejects.toThrow();
    expect((await get('')).status).toBe(200);
  });
});

it('the page is opened where browsers offer what it needs', () => {
  const hosts = ['127.0.0.1', '0.0.0.0', '::', '::1', '10.0.0.7'].map(openableHost);
  expect(hosts).toEqual(['127.0.0.1', '127.0.0.1', '[::1]', '[::1]', '10.0.0.7']);
});

it('traffic is made of files of this repository', async () => {
  const files = await findOwnFiles();
  for (const bytes of [1, 65_536, 300_000]) expect(await files.take(bytes)).toHaveLength(bytes);
});

it('text of strangers does nothing to a terminal', () => {
  expect(printable('a\u001b[2J\n\u202eb')).toBe('a\\u001b[2J\\u000a\\u202eb');
});

it('sizes are short', () => {
  expect([0, 1_023, 1_536, 32_505_852, 2 ** 40].map(sizeText)).toEqual([
    '0 bytes',
    '1023 bytes',
    '1.5 KiB',
    '31.0 MiB',
    '1.0 TiB',
  ]);
});

it('what the operating system refuses is said in a sentence with a remedy', () => {
  const refuse = (code: string) =>
    plainError(new Error('outer', { cause: Object.assign(new Error(`${code}: what Node says`), { code, path: '/x' }) }));
  expect(refuse('ENOSPC')).toMatchObject({ code: 'STORE_FULL', message: expect.stringContaining('/x: the disk is full') });
  expect(refuse('EACCES')).toMatchObject({ code: 'REFUSED' });
  expect(refuse('EADDRNOTAVAIL')).toMatchObject({ code: 'UNREACHABLE' });
  expect(refuse('EWHAT')).toMatchObject({ code: 'INTERNAL', message: 'outer' });
});
