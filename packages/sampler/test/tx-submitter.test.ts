import { PerigeeError, type TxAnswer, txIdOf } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { TxSubmitter } from '../src/chain/tx-submitter.ts';
import type { Peer } from '../src/peers/peer.ts';

const RAW = Uint8Array.of(1, 2, 3);
const { signal } = new AbortController();

const answer = (change: Partial<TxAnswer>): TxAnswer => ({ txId: new Uint8Array(32), height: 0, code: 0, log: '', ...change });
const says = (change: Partial<TxAnswer>): Peer => ({ submit: async () => answer(change) }) as unknown as Peer;
const fails = (code: 'BUSY' | 'TIMEOUT'): Peer =>
  ({ submit: () => Promise.reject(new PerigeeError(code, 'no')) }) as unknown as Peer;
const silent = {
  submit: (_raw: Uint8Array, options: { signal: AbortSignal }) =>
    new Promise((_, reject) => options.signal.addEventListener('abort', () => reject(new PerigeeError('ABORTED', 'over')))),
} as unknown as Peer;

const submit = (...peers: Peer[]) => new TxSubmitter(() => peers, signal).submit(RAW);

describe('handing in a transaction', () => {
  it('tells of the first inclusion, with the id that it has here', async () => {
    expect(await submit(says({ height: 7 }))).toMatchObject({ height: 7, code: 0, txId: txIdOf(RAW) });
    expect(await submit(silent, fails('BUSY'), says({ height: 7 }))).toMatchObject({ height: 7 });
    // no block is none
    expect(await submit(says({ height: 0 }), says({ height: 7 }))).toMatchObject({ height: 7 });
    expect(await codeOfPromise(submit(says({ height: 0 })))).toBe('UNREACHABLE');
  });

  it('believes a refusal only when nobody tells of an inclusion', async () => {
    const refuses = says({ code: 8, log: 'nonce 3 is due' });
    expect(await submit(refuses, says({ height: 7 }))).toMatchObject({ height: 7, code: 0 });
    expect(await submit(refuses, fails('BUSY'))).toMatchObject({ height: 0, code: 8, log: 'nonce 3 is due' });
  });

  it('fails when nobody takes it, or no block does', async () => {
    expect(await codeOfPromise(submit())).toBe('UNREACHABLE');
    expect(await codeOfPromise(submit(fails('BUSY')))).toBe('UNREACHABLE');
    expect(await codeOfPromise(submit(fails('TIMEOUT')))).toBe('TIMEOUT');
    const stop = AbortSignal.timeout(10);
    expect(await codeOfPromise(new TxSubmitter(() => [silent], signal).submit(RAW, { signal: stop }))).toBe('ABORTED');
  });
});
