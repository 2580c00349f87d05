import { ChainView, makeCommittee } from '@perigee/light-core/da';
import type { VerifiedState } from '@perigee/light-core/roles';
import { Committee, PerigeeError, toHex } from '@perigee/wire';
import { expect, it } from 'vitest';
import { codeOfPromise } from '../../../../tests/kit/code-of.ts';

const member = { address: new Uint8Array(20).fill(1), publicKey: new Uint8Array(32).fill(2), stake: 7n };
const committee = Committee.encode({ members: makeCommittee([member]).members });

/** State whose answers come when the test gives them. */
function slowState() {
  const asked: { readonly key: string; give(value: Uint8Array | undefined): void; fail(error: Error): void }[] = [];
  const state: VerifiedState = {
    head: () => undefined,
    onHead: () => () => {},
    get: (store, key) =>
      new Promise((resolve, reject) => {
        asked.push({ key: `${store} ${toHex(key)}`, give: resolve, fail: reject });
      }),
  };
  return { state, asked };
}

it('who asks for the same shares a question, and who gives up leaves it to the others', async () => {
  const { state, asked } = slowState();
  const chain = new ChainView(state);
  const hasty = new AbortController();
  const first = codeOfPromise(chain.committee(3, hasty.signal));
  const second = chain.committee(3, new AbortController().signal);
  const other = chain.committee(4);
  expect(asked).toHaveLength(2);
  hasty.abort();
  expect(await first).toBe('ABORTED');
  expect(await codeOfPromise(chain.committee(3, AbortSignal.abort()))).toBe('ABORTED');
  asked[0]?.give(committee);
  expect((await second).members).toMatchObject([member]);
  asked[1]?.give(committee);
  await other;
  await chain.committee(3); // known now
  expect(asked).toHaveLength(2);
});

it('a question that failed is asked again', async () => {
  const { state, asked } = slowState();
  const chain = new ChainView(state);
  const both = [chain.committee(3), chain.committee(3)].map(codeOfPromise);
  asked[0]?.fail(new PerigeeError('UNPROVEN', 'nobody proved it'));
  expect(await Promise.all(both)).toEqual(['UNPROVEN', 'UNPROVEN']);
  const again = chain.committee(3);
  expect(asked).toHaveLength(2);
  asked[1]?.give(committee);
  expect((await again).members).toMatchObject([member]);
});
