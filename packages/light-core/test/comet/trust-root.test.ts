import { MAX_TRUST_ROOT_CHARACTERS, TRUSTING_PERIOD_MS, toHex } from '@perigee/wire';
import { describe, expect, test } from 'vitest';
import { anchor, formatTime, formatTrustRoot, parseTrustRoot, unverified } from '../../src/comet/index.ts';
import { at, codeOf, headerOf, rootOf } from './asserts.ts';
import { makeBlock, makeChain, testValidators } from './chain.ts';

const four = testValidators('four', [10, 10, 10, 10]);
const [first, second] = makeChain(2, () => four) as [ReturnType<typeof makeBlock>, ReturnType<typeof makeBlock>];
const root = rootOf(first);
const now = at(1).now;

describe('parseTrustRoot', () => {
  const file = {
    version: 1,
    chainId: root.chainId,
    genesisHash: toHex(root.genesisHash),
    height: 1,
    headerHash: toHex(root.headerHash),
    time: formatTime(root.time),
    peers: ['/ip4/127.0.0.1/udp/4001/webrtc-direct/certhash/uEiA/p2p/12D3Koo'],
  };
  const parse = (change: object) => parseTrustRoot(JSON.stringify({ ...file, ...change }));

  test('reads what formatTrustRoot writes', () => {
    const read = parse({});
    expect(read).toEqual({ ...root, peers: file.peers });
    expect(parseTrustRoot(formatTrustRoot(read))).toEqual(read);
  });

  test('peers may be left out, and a newer program may have added fields', () => {
    expect(parse({ peers: undefined, note: 'added later' }).peers).toEqual([]);
  });

  test.each([
    [{ version: 2 }, 'UNKNOWN_VERSION'],
    [{ version: undefined }, 'UNKNOWN_VERSION'],
    [{ chainId: 'test-00000000' }, 'TRUST_ROOT'],
    [{ chainId: 'test' }, 'TRUST_ROOT'],
    [{ chainId: `${'t'.repeat(60)}-5eed5eed` }, 'TRUST_ROOT'],
    [{ chainId: 7 }, 'TRUST_ROOT'],
    [{ genesisHash: '5eed5eed' }, 'TRUST_ROOT'],
    [{ genesisHash: null }, 'TRUST_ROOT'],
    [{ headerHash: 'ab' }, 'TRUST_ROOT'],
    [{ headerHash: 'no hash' }, 'TRUST_ROOT'],
    [{ height: 0 }, 'TRUST_ROOT'],
    [{ height: 1.5 }, 'TRUST_ROOT'],
    [{ height: 2 ** 60 }, 'TRUST_ROOT'],
    [{ time: 'yesterday' }, 'TRUST_ROOT'],
    [{ time: 1_790_000_000 }, 'TRUST_ROOT'],
    [{ peers: 'one' }, 'TRUST_ROOT'],
    [{ peers: [7] }, 'TRUST_ROOT'],
    [{ peers: ['/ip4/127.0.0.1'.padEnd(300, 'x')] }, 'TRUST_ROOT'],
    [{ peers: new Array(65).fill('/ip4/127.0.0.1') }, 'TRUST_ROOT'],
  ])('refuses %j: %s', async (change, code) => {
    expect(await codeOf(() => parse(change))).toBe(code);
  });

  test('as much as is allowed is read', () => {
    const peers = new Array(64).fill('/ip4/127.0.0.1'.padEnd(256, 'x'));
    const chainId = `${'t'.repeat(41)}-5eed5eed`;
    expect(parse({ peers, chainId })).toMatchObject({ peers, chainId });
    expect(parseTrustRoot(JSON.stringify(file).padEnd(MAX_TRUST_ROOT_CHARACTERS))).toEqual(parse({}));
  });

  test.each([
    ['no JSON', '<!doctype html>'],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['too much', `${' '.repeat(MAX_TRUST_ROOT_CHARACTERS)}${JSON.stringify(file)}`],
  ])('refuses %s', async (_, text) => {
    expect(await codeOf(() => parseTrustRoot(text))).toBe('TRUST_ROOT');
  });

  test('nothing is written that could not be read back', async () => {
    expect(await codeOf(() => formatTrustRoot({ ...root, chainId: 'other-00000000' }))).toBe('TRUST_ROOT');
    expect(await codeOf(() => formatTrustRoot({ ...root, headerHash: new Uint8Array(31) }))).toBe('TRUST_ROOT');
    expect(await codeOf(() => formatTrustRoot({ ...root, genesisHash: root.genesisHash.slice(1) }))).toBe('TRUST_ROOT');
    expect(await codeOf(() => formatTrustRoot({ ...root, genesisHash: root.genesisHash.slice(0, 31) }))).toBe('TRUST_ROOT');
    expect(await codeOf(() => formatTrustRoot({ ...root, height: 1.5 }))).toBe('TRUST_ROOT');
    expect(await codeOf(() => formatTrustRoot({ ...root, time: { seconds: 1e15, nanos: 0 } }))).toBe('TRUST_ROOT');
  });
});

describe('anchor', () => {
  test('gives the block that the root names', async () => {
    const block = await anchor(root, unverified(first), at(1));
    expect(toHex(block.headerHash)).toBe(toHex(root.headerHash));
  });

  test('refuses every other block', async () => {
    const sameHeight = makeBlock({ height: 1, validators: four, header: { appHash: new Uint8Array(32) } });
    expect(await codeOf(() => anchor(root, unverified(sameHeight), at(1)))).toBe('TRUST_ROOT');
    expect(await codeOf(() => anchor(root, unverified(second), at(2)))).toBe('TRUST_ROOT');
    const elsewhere = makeBlock({ height: 1, validators: four, header: { chainId: 'test-00000000' } });
    expect(await codeOf(() => anchor(root, unverified(elsewhere), at(1)))).toBe('WRONG_CHAIN');
  });

  test('refuses a root that contradicts its block', async () => {
    const wrongHeight = { ...root, height: 2 };
    expect(await codeOf(() => anchor(wrongHeight, unverified(first), at(1)))).toBe('TRUST_ROOT');
    const wrongTime = { ...root, time: { ...root.time, nanos: 0 } };
    expect(await codeOf(() => anchor(wrongTime, unverified(first), at(1)))).toBe('TRUST_ROOT');
  });

  test('refuses a root past the trusting period, before and after asking', async () => {
    const late = at(1, { now: now + TRUSTING_PERIOD_MS });
    expect(await codeOf(() => anchor(root, unverified(first), late))).toBe('TRUST_EXPIRED');
    const postdated = { ...root, time: { seconds: root.time.seconds + 1_000, nanos: 0 } };
    expect(await codeOf(() => anchor(postdated, unverified(first), late))).toBe('TRUST_ROOT');
  });

  test('refuses a block from the future', async () => {
    expect(await codeOf(() => anchor(root, unverified(first), at(1, { now: now - 20_000 })))).toBe('HEADER_FUTURE');
  });

  test('refuses a header that its own validators did not sign', async () => {
    const unsigned = makeBlock({ height: 1, validators: four, flag: (i) => (i < 2 ? 'commit' : 'absent') });
    expect(await codeOf(() => anchor(rootOf(unsigned), unverified(unsigned), at(1)))).toBe('NOT_ENOUGH_POWER');
    const forged = structuredClone(first);
    forged.block.signedHeader?.commit?.signatures[0]?.signature.fill(1);
    expect(headerOf(forged)).toEqual(headerOf(first));
    expect(await codeOf(() => anchor(root, unverified(forged), at(1)))).toBe('SIGNATURE');
  });
});
