/** The commands as people run them: processes, on a devnet of processes. */
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signTx } from '@perigee/light-core/tx';
import { fromHex, toHex } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportFault } from '../../../bench/schema.mjs';
import { eventually } from '../../../tests/kit/eventually.ts';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { freePort } from '../../../tests/kit/port.ts';
import { runPerigee, startPerigee, type TestProcess } from '../../../tests/kit/process.ts';
import { readKey } from '../src/keys.ts';

const CLOCK_HOOK = new URL('../../../tests/kit/clock-hook.mjs', import.meta.url).href;
const folder = temporaryFolder('programs');
const home = join(folder, 'devnet');
const light = join(folder, 'light');
const data = randomBytes(70_000);
const file = join(folder, 'data.bin');
writeFileSync(file, data);

interface Ready {
  readonly url: string;
  readonly chain: string;
  readonly nodes: readonly { readonly multiaddrs: readonly string[]; readonly metrics: string }[];
}

let devnet: TestProcess;
let ready: Ready;
let blobId = '';

const perigee = (...words: string[]) => runPerigee([...words, '--home', light, '--chain', ready.chain]);

beforeAll(async () => {
  const small = ['--stakes', '1000,999', '--block-ms', '250', '--publish-every', '0', '--trust-height', '1', '--metrics'];
  devnet = startPerigee(['devnet', '--home', home, ...small]);
  ready = (await devnet.ready()) as unknown as Ready;
});

afterAll(async () => {
  expect(await devnet.stop()).toEqual({ code: 0, signal: null });
});

/** The object that a command printed. */
function printed(stdout: string): Record<string, unknown> {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

// a file of some systems on which there never is room
it.runIf(existsSync('/dev/full'))('a result that cannot be written is no success', () => {
  const program = fileURLToPath(new URL('../../../dist/node/perigee.js', import.meta.url));
  const ended = spawnSync('sh', ['-c', '"$0" "$1" --help > /dev/full', process.execPath, program], { encoding: 'utf8' });
  expect(ended).toMatchObject({
    status: 1,
    stderr:
      'perigee: standard output cannot be written: the disk is full: free some space, or name a folder on another disk [STORE_FULL]\n',
  });
});

describe('on a devnet', () => {
  it('a file is published with a new key and a gift of the faucet, sampled, and fetched', async () => {
    const published = await perigee('publish', file, '--json', '--namespace', 'programs');
    expect(published.code, published.output).toBe(0);
    blobId = String(printed(published.stdout).blobId);
    expect(fromHex(blobId)).toHaveLength(33);
    expect(readFileSync(join(light, 'account.key'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);

    const sampled = await perigee('sample', blobId, '--json');
    expect(sampled.code, sampled.output).toBe(0);
    expect(printed(sampled.stdout)).toMatchObject({ blobId, outcome: 'available' });

    const target = join(folder, 'again.bin');
    const got = await perigee('get', blobId, '-o', target, '--json');
    expect(got.code, got.output).toBe(0);
    expect(printed(got.stdout)).toMatchObject({ length: data.length, sha256: createHash('sha256').update(data).digest('hex') });
    expect(readFileSync(target).equals(data)).toBe(true);
    const again = await perigee('publish', file, '--namespace', 'another', '--retention', '1000');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('namespace "programs": the record was there') });
    const refused = await perigee('get', blobId, '-o', target);
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('--force') });
  });

  it('what is not there, or not known, does not exit with 0', async () => {
    const none = `00${'ab'.repeat(32)}`;
    const [sampled, got, verified] = await Promise.all([
      perigee('sample', none, '--json'),
      perigee('get', none, '-o', join(folder, 'none.bin')),
      perigee('verify', file),
    ]);
    expect(sampled.code).toBe(1);
    expect(sampled.output).toContain('"code":"NOT_FOUND"');
    expect(got).toMatchObject({ code: 1, output: expect.stringContaining('[NOT_FOUND]') });
    expect(verified).toMatchObject({ code: 1, output: expect.stringContaining('[UNSUPPORTED]') });
  });

  it('a header that a person names is believed, and another is not', async () => {
    const { chainId, height, headerHash } = JSON.parse(readFileSync(ready.chain, 'utf8')) as Record<string, string>;
    expect(height).toBe(1);
    const peer = ready.nodes[0]?.multiaddrs.find((address) => !address.includes('/udp/') && !address.includes('/ws/')) ?? '';
    const link = `${chainId}:${height}:${headerHash}`;
    const status = await runPerigee(['status', '--home', light, '--trust', link, '--peer', peer, '--json']);
    expect(status.code, status.output).toBe(0);
    expect(printed(status.stdout)).toMatchObject({ chain: { chainId, development: true } });
    const broken = await runPerigee(['status', '--home', light, '--trust', link.slice(1, -1), '--peer', peer]);
    expect(broken).toMatchObject({ code: 1, output: expect.stringContaining('[TRUST_ROOT]') });
    const other = `${chainId}:${height}:${'ab'.repeat(32)}`;
    const wrong = await runPerigee(['status', '--home', light, '--trust', other, '--peer', peer]);
    // at once, or it would say after how many seconds
    expect(wrong).toMatchObject({
      code: 1,
      output: expect.stringMatching(/verified: header 1 .* is not the trust root.*\[TRUST_ROOT\]/),
    });
  });

  it('a light node follows, keeps its home for itself, and ends when it is told to', async () => {
    const words = ['light', '--home', light, '--chain', ready.chain];
    const first = startPerigee([...words, '--metrics-port', '0']);
    const { metrics } = await first.ready();
    expect((await fetch(`${metrics}healthz`)).status).toBe(200);
    expect(await (await fetch(`${metrics}metrics`)).text()).toMatch(/^perigee_head_height [1-9]/m);
    const second = await runPerigee(words);
    expect(second).toMatchObject({ code: 1, output: expect.stringContaining('[STORE_LOCKED]') });
    expect(await first.stop()).toEqual({ code: 0, signal: null });
    const again = startPerigee([...words, '--json']);
    await again.line(/"event":"ready"/);
    expect(await again.stop()).toEqual({ code: 0, signal: null });
  });

  it('another chain, and a clock that is behind, are refused as soon as they are known', async () => {
    const root = JSON.parse(readFileSync(ready.chain, 'utf8')) as { genesisHash: string };
    const other = join(folder, 'other.json');
    const genesisHash = root.genesisHash.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    writeFileSync(other, JSON.stringify({ ...root, genesisHash }));
    const behind = { NODE_OPTIONS: `--import ${CLOCK_HOOK}`, PERIGEE_CLOCK_OFFSET_MS: '-3600000' };
    const [wrong, late] = await Promise.all([
      runPerigee(['light', '--home', join(folder, 'wrong'), '--chain', other]),
      runPerigee(['light', '--home', join(folder, 'late'), '--chain', ready.chain], { env: behind }),
    ]);
    // after a wait it would say after how many seconds
    expect(wrong.code).toBe(1);
    expect(wrong.output).toMatch(/verified: .*\[WRONG_CHAIN\]/);
    expect(late.code).toBe(1);
    expect(late.output).toMatch(/verified: .*clock.*\[HEADER_FUTURE\]/);
  });

  it('a light node may be started before its peers', async () => {
    const [port, health] = [await freePort(), await freePort()];
    const tcp = /\/ip4\/127\.0\.0\.1\/tcp\/(\d+)(?=\/p2p\/)/;
    const address = ready.nodes[0]?.multiaddrs.find((each) => tcp.test(each)) ?? '';
    const chain = join(folder, 'early.json');
    const peers = [address.replace(tcp, `/ip4/127.0.0.1/tcp/${port}`)];
    writeFileSync(chain, JSON.stringify({ ...JSON.parse(readFileSync(ready.chain, 'utf8')), peers }));
    const early = startPerigee(['light', '--home', join(folder, 'early'), '--chain', chain, '--metrics-port', `${health}`]);
    await eventually(async () => expect((await fetch(`http://127.0.0.1:${health}/healthz`)).status).toBe(503));
    const node = createServer((client) => {
      const upstream = connect(Number(tcp.exec(address)?.[1]), '127.0.0.1');
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const)
        from.on('error', () => to.destroy()).pipe(to);
    });
    node.listen(port, '127.0.0.1');
    await early.ready();
    expect(await early.stop()).toEqual({ code: 0, signal: null });
    node.close();
  });

  it('tokens are sent, and a key is let act, with a proof of each', async () => {
    const made = await Promise.all(
      [
        ['wallet', 'secp256k1'],
        ['session', 'ed25519'],
        ['friend', 'ed25519'],
      ].map(([name = '', scheme = '']) => runPerigee(['keys', 'new', name, '--scheme', scheme, '--home', light, '--json'])),
    );
    expect(made.map(({ code }) => code)).toEqual([0, 0, 0]);
    const [wallet, session, friend] = made.map(({ stdout }) => printed(stdout));
    const unasked = await perigee('tx', 'transfer', String(friend?.address), '0.0000001', '--key', 'wallet');
    expect(unasked).toMatchObject({ code: 1, output: expect.stringContaining('--yes') });
    // read before it is signed
    expect(unasked.output).toMatch(/network +devnet-[0-9a-f]{8}\naccount +0x[0-9a-f]{40}\nfee at most +0\.\d+ tokens\n/);
    expect(unasked.output).toContain('Send tokens');

    const sent = await perigee('tx', 'transfer', String(friend?.address), '0.0000001', '--key', 'wallet', '--yes', '--json');
    expect(sent.code, sent.output).toBe(0);
    expect(printed(sent.stdout)).toMatchObject({ code: 0, result: 'success' });

    const { genesisHash } = JSON.parse(readFileSync(ready.chain, 'utf8')) as { readonly genesisHash: string };
    const friendly = {
      lane: 0,
      nonce: 0,
      expiryHeight: Number(printed(sent.stdout).height) + 500,
      gasLimit: 10_000,
      maxFee: 10_000_000n,
      tip: 0n,
      messages: [{ transfer: { to: fromHex(String(wallet?.address), 20), amount: 1n } }],
    };
    const raw = await signTx(friendly, fromHex(genesisHash), await readKey(join(light, 'friend.key')));
    writeFileSync(join(folder, 'raw.hex'), `0x${toHex(raw)}\n`);
    const grant = ['--may', 'transfer', '--cap', '0.0000003', '--blocks', '1000', '--key', 'wallet', '--yes', '--json'];
    const [shown, granted, first] = await Promise.all([
      perigee('tx', 'show', String(printed(sent.stdout).txId)),
      perigee('tx', 'grant', String(session?.publicKey), ...grant),
      perigee('tx', 'send-raw', join(folder, 'raw.hex'), '--yes', '--json'),
    ]);
    expect(shown.code, shown.output).toBe(0);
    expect(shown.stdout).toMatch(/amount +0\.0000001 tokens/);
    expect(granted.code, granted.output).toBe(0);
    expect(first.code, first.output).toBe(0);

    const acting = ['--key', 'session', '--account', String(wallet?.address), '--yes', '--json'];
    const [acted, second, none] = await Promise.all([
      perigee('tx', 'transfer', String(friend?.address), '0.0000002', ...acting),
      perigee('tx', 'send-raw', toHex(raw), '--yes', '--json'),
      perigee('tx', 'show', 'ab'.repeat(32), '--json'),
    ]);
    expect(acted.code, acted.output).toBe(0);
    // the same transaction is the one that is there
    expect(printed(second.stdout)).toEqual(printed(first.stdout));
    expect(none).toMatchObject({ code: 1, output: expect.stringContaining('"code":"NOT_FOUND"') });
    const [beyond, unstaked] = await Promise.all([
      perigee('tx', 'transfer', String(friend?.address), '0.0000002', ...acting),
      perigee('tx', 'unstake', '1', ...acting),
    ]);
    expect(beyond).toMatchObject({ code: 1, output: expect.stringContaining('"code":"REFUSED"') });
    expect(unstaked).toMatchObject({ code: 1, output: expect.stringMatching(/TX_AUTH.*unstake/) });
  });

  it('nodes tell how they are', async () => {
    for (const { metrics } of ready.nodes) {
      expect(await (await fetch(`${metrics}healthz`)).json()).toEqual({ status: 'ok', checks: { chain: 'ok', store: 'ok' } });
      expect(await (await fetch(`${metrics}metrics`)).text()).toMatch(/^perigee_da_stored_bytes [1-9]/m);
    }
  });

  it('a machine is measured in the form of all benches', async () => {
    const measured = await runPerigee(['bench', '--bytes', '100000', '--rounds', '1', '--json']);
    expect(measured.code, measured.output).toBe(0);
    expect(reportFault(printed(measured.stdout))).toBeUndefined();
  });

  it('a page whose port is taken is told before there is a network', async () => {
    const taken = new URL(ready.url).port;
    const second = await runPerigee(['devnet', '--home', join(folder, 'second'), '--http-port', taken]);
    expect(second).toMatchObject({ code: 1, output: expect.stringContaining('--http-port') });
    expect(existsSync(join(folder, 'second'))).toBe(false);
  });

  it('a second one in the same folder is refused', async () => {
    const second = await runPerigee(['devnet', '--home', home]);
    expect(second).toMatchObject({ code: 1, output: expect.stringContaining('start it with --nodes 2') });
    const same = await runPerigee(['devnet', '--home', home, '--nodes', '2']);
    expect(same).toMatchObject({ code: 1, output: expect.stringContaining('[STORE_LOCKED]') });
  });
});
