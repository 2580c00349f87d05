import { localReads } from '@perigee/chain';
import { toHex, utf8 } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf } from '../../../chain/test/devnet.ts';
import { dataOf, STREAM, Streaming, write } from '../../../chain/test/machine/kv/streams.ts';
import { createKvHandler, type KvHandler } from '../../src/zerog/index.ts';

const OTHER = new Uint8Array(32).fill(0xf3);
const stream = `0x${toHex(STREAM)}`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const account = (name: string): string => `0x${toHex(addressOf(name))}`;
const QUERY = 256 * 1024;

let streaming: Streaming;
let handler: KvHandler;
const ask = (method: string, ...params: unknown[]): Promise<unknown> => handler.call(method, params);
const value = (text: string, version: number) => ({ version, data: base64(text), size: text.length });
const pair = (key: string, text: string, version: number) => ({ key: base64(key), ...value(text, version) });
const invalid = (param: string, reason = '') =>
  expect.objectContaining({ code: -32_602, message: `Invalid params: ${param}`, data: expect.stringContaining(reason) });

beforeAll(async () => {
  streaming = await Streaming.begin();
  const { machine } = streaming.chain;
  handler = createKvHandler({ state: localReads({ tree: (store, height = 0) => machine.tree(store, height) }) });
  // numbers 0 to 4
  await streaming.set('alice', dataOf({ writes: [write('a', 'one'), write('b', 'two'), write('c', 'three')] }));
  await streaming.set('alice', dataOf({ writes: [write('b', '')] }));
  await streaming.set('alice', dataOf({ writes: [write('a', 'one again'), write('d', 'four')] }));
  await streaming.set('bob', dataOf({ writes: [write('a', 'not his')] }));
  const controls = [
    { name: 'grantWriter', stream: STREAM, account: addressOf('bob') },
    { name: 'setKeyToSpecial', stream: STREAM, key: utf8('s') },
    { name: 'grantSpecialWriter', stream: STREAM, key: utf8('s'), account: addressOf('carol') },
  ] as const;
  await streaming.set('alice', dataOf({ controls }));
});
afterAll(() => streaming.close());

describe('values', () => {
  it('are told whole or in part, with their version', async () => {
    expect(await ask('kv_getValue', stream, base64('a'), 0, QUERY)).toEqual(value('one again', 2));
    expect(await ask('kv_getValue', stream, base64('a'), 4, 3)).toEqual({ version: 2, data: base64('aga'), size: 9 });
    expect(await ask('kv_getValue', stream, base64('a'), 9, 3)).toEqual({ version: 2, data: '', size: 9 });
    expect(await ask('kv_getValue', stream, base64('a'), 0, 0)).toEqual({ version: 2, data: '', size: 9 });
    expect(await ask('kv_getValue', stream, base64('b'), 0, QUERY)).toEqual({ version: 1, data: '', size: 0 });
    expect(await ask('kv_getValue', stream, base64('never'), 0, QUERY)).toEqual({ version: 0, data: '', size: 0 });
    expect(await ask('kv_getValue', `0x${'00'.repeat(32)}`, base64('a'), 0, QUERY)).toEqual({ version: 0, data: '', size: 0 });
  });

  it('are those of an earlier version where one is named', async () => {
    const at = (key: string, version: unknown) => ask('kv_getValue', stream, base64(key), 0, QUERY, version);
    expect(await at('a', 0)).toEqual(value('one', 0));
    expect(await at('a', 1)).toEqual(value('one', 0));
    expect(await at('b', 0)).toEqual(value('two', 0));
    expect(await at('b', 1)).toEqual({ version: 1, data: '', size: 0 });
    for (const latest of [2, 99, null, undefined, '2', Number.MAX_SAFE_INTEGER, 2 ** 64, '18446744073709551615']) {
      expect(await at('a', latest)).toEqual(value('one again', 2));
    }
    expect(await at('d', 1)).toEqual({ version: 0, data: '', size: 0 });
  });

  it('come in the order of their keys, without those that are deleted', async () => {
    expect(await ask('kv_getFirst', stream, 0, QUERY)).toEqual(pair('a', 'one again', 2));
    expect(await ask('kv_getLast', stream, 0, QUERY)).toEqual(pair('d', 'four', 2));
    expect(await ask('kv_getNext', stream, base64('a'), 0, QUERY, false)).toEqual(pair('c', 'three', 0));
    expect(await ask('kv_getNext', stream, base64('a'), 0, QUERY, true)).toEqual(pair('a', 'one again', 2));
    expect(await ask('kv_getNext', stream, base64('b'), 0, QUERY, true)).toEqual(pair('c', 'three', 0));
    expect(await ask('kv_getNext', stream, base64('d'), 0, QUERY, false)).toBeNull();
    expect(await ask('kv_getPrev', stream, base64('c'), 0, QUERY, false)).toEqual(pair('a', 'one again', 2));
    expect(await ask('kv_getPrev', stream, base64('c'), 0, 2, true)).toEqual({ ...pair('c', 'three', 0), data: base64('th') });
    expect(await ask('kv_getPrev', stream, base64('a'), 0, QUERY, false)).toBeNull();
    expect(await ask('kv_getNext', stream, base64('a'), 0, QUERY, false, 0)).toEqual(pair('b', 'two', 0));
    expect(await ask('kv_getLast', stream, 0, QUERY, 1)).toEqual(pair('c', 'three', 0));
    expect(await ask('kv_getFirst', `0x${toHex(OTHER)}`, 0, QUERY)).toBeNull();
  });
});

describe('rights', () => {
  it('are told now and for earlier versions, also by the name that the client has for it', async () => {
    for (const name of ['kv_isAdmin', 'kv_IsAdmin']) {
      expect(handler.handles(name)).toBe(true);
      expect(await ask(name, account('alice'), stream)).toBe(true);
      expect(await ask(name, account('bob'), stream)).toBe(false);
    }
    expect(await ask('kv_isWriterOfStream', account('bob'), stream)).toBe(true);
    expect(await ask('kv_isWriterOfStream', account('bob'), stream, 3)).toBe(false);
    expect(await ask('kv_isSpecialKey', stream, base64('s'))).toBe(true);
    expect(await ask('kv_isSpecialKey', stream, base64('s'), 2)).toBe(false);
    expect(await ask('kv_isWriterOfKey', account('carol'), stream, base64('s'))).toBe(true);
    expect(await ask('kv_hasWritePermission', account('bob'), stream, base64('a'))).toBe(true);
    expect(await ask('kv_hasWritePermission', account('bob'), stream, base64('s'))).toBe(false);
    expect(await ask('kv_hasWritePermission', account('carol'), stream, base64('s'))).toBe(true);
  });
});

describe('results', () => {
  it('are told by number, also by one that is written as text, and how far all are decided', async () => {
    expect(await ask('kv_getStatus')).toBe(true);
    expect(await ask('kv_getTransactionResult', 0)).toBe('Commit');
    expect(await ask('kv_getTransactionResult', '3')).toBe('SenderNoWritePermission');
    expect(await ask('kv_getTransactionResult', 99)).toBeNull();
    expect(await ask('kv_getReplayProgress')).toEqual({ appliedSeq: 5, firstTxSeq: 0 });
    const data = dataOf({ writes: [write('x', 'late', OTHER)] });
    const waiting = await streaming.submit('bob', data, [OTHER]);
    await streaming.set('alice', dataOf({ writes: [write('e', 'five')] }));
    expect(await ask('kv_getReplayProgress')).toEqual({ appliedSeq: waiting, firstTxSeq: 0 });
    await streaming.bring('carol', waiting, data);
    expect(await ask('kv_getReplayProgress')).toEqual({ appliedSeq: waiting + 2, firstTxSeq: 0 });
    expect(await ask('kv_getHoldingStreamIds')).toEqual([stream, `0x${toHex(OTHER)}`]);
    expect(await handler.call('kv_getHoldingStreamIds', undefined)).toHaveLength(2);
  });
});

describe('what is asked wrongly', () => {
  it('is refused with the parameter that is wrong', async () => {
    const key = base64('a');
    await expect(ask('kv_getValue', stream, key, 0, QUERY + 1)).rejects.toEqual(invalid('len', 'query length too large'));
    await expect(ask('kv_getValue', stream, key, 10, 1)).rejects.toEqual(invalid('start_index', 'greater than value length'));
    await expect(ask('kv_getValue', stream, '', 0, 1)).rejects.toEqual(invalid('key', 'key is empty'));
    for (const wrong of ['***', 'YQ', 'YR==', 7, null, 'A'.repeat(1_400), Buffer.alloc(1_025).toString('base64')]) {
      await expect(ask('kv_getValue', stream, wrong, 0, 1)).rejects.toEqual(invalid('key'));
    }
    await expect(ask('kv_getValue', '0x12', key, 0, 1)).rejects.toEqual(invalid('stream_id'));
    await expect(ask('kv_getValue', stream, key, -1, 1)).rejects.toEqual(invalid('start_index'));
    for (const wrong of [-1, 1.5, 'x', {}])
      await expect(ask('kv_getValue', stream, key, 0, 1, wrong)).rejects.toEqual(invalid('version'));
    await expect(ask('kv_getNext', stream, key, 0, 1, 'yes')).rejects.toEqual(invalid('inclusive'));
    await expect(ask('kv_isAdmin', '0x12', stream)).rejects.toEqual(invalid('account'));
    await expect(handler.call('kv_isAdmin', { account: '0x12' })).rejects.toEqual(invalid('params'));
    for (const none of ['kv_nothing', 'kv_toString', 'eth_call', 'kv_', '__proto__']) expect(handler.handles(none)).toBe(false);
    await expect(ask('kv_nothing')).rejects.toMatchObject({ code: -32_601 });
    const key_ = Buffer.alloc(1_024).toString('base64');
    expect(await ask('kv_getValue', stream, key_, 0, 1)).toEqual({ version: 0, data: '', size: 0 });
  });

  it('is refused for versions of which nothing is kept', async () => {
    await streaming.chain.skipTo(streaming.chain.height() + 25);
    await expect(ask('kv_getValue', stream, base64('a'), 0, QUERY, 0)).rejects.toEqual(invalid('version', 'no longer kept'));
    await expect(ask('kv_getFirst', stream, 0, QUERY, 0)).rejects.toEqual(invalid('version', 'no longer kept'));
    expect(await ask('kv_getValue', stream, base64('c'), 0, QUERY, 0)).toEqual(value('three', 0));
  });
});
