import { PerigeeError } from '@perigee/wire';
import { expect, it } from 'vitest';
import { RpcError, rpcErrorOf } from '../../src/zerog/rpc-error.ts';

it('what fails is told in 0G’s words, and never in those about this machine', () => {
  const faults: PerigeeError[] = [];
  const told = (thrown: unknown) => {
    const { code, message, data } = rpcErrorOf(thrown, (error) => faults.push(error));
    return [code, message, data];
  };
  expect(told(new PerigeeError('FILE_PROOF', 'it is of other data'))).toEqual([
    -32_602,
    'Invalid params: proof',
    'it is of other data',
  ]);
  // clients try again when they find the words, wherever they look
  const busy = told(new PerigeeError('BUSY', 'too many uploads of files are open'));
  for (const words of busy.slice(1)) expect(words).toContain('too many data writing');
  expect(told(new PerigeeError('UNPROVEN', 'no head'))).toEqual([-32_603, 'Internal error: no head', 'no head']);
  expect(faults).toEqual([]);
  for (const thrown of [
    new PerigeeError('STORE_FULL', 'no room in /secret'),
    new PerigeeError('STORE_CORRUPT', '/secret is damaged'),
    new Error('/secret'),
  ]) {
    expect(JSON.stringify(told(thrown))).not.toContain('secret');
  }
  expect(faults.map(({ code }) => code)).toEqual(['STORE_FULL', 'STORE_CORRUPT', 'INTERNAL']);
  const own = new RpcError(-32_000, 'insufficient funds', 'x');
  expect(rpcErrorOf(own, () => {})).toBe(own);
});
