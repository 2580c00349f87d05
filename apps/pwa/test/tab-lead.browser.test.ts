/** Tabs that share one node, by the Web Locks of a browser. */
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../../tests/kit/eventually.ts';
import { TabLead } from '../src/tabs/tab-lead.ts';

let chains = 0;
const newChain = (): string => `chain-${++chains}`;

function tab() {
  const at = { leads: 0, rested: Promise.resolve() };
  const lead = new TabLead({
    isBusy: () => false,
    onLead() {
      at.leads++;
    },
    onLose: () => at.rested,
    onState() {},
  });
  onTestFinished(() => lead.leave());
  return { lead, at };
}

/** Resolves after what the browser does about a lock that was given back. */
async function locksSettle(): Promise<void> {
  for (let i = 0; i < 10; i++) await navigator.locks.query();
}

function pending(): { readonly done: Promise<void>; readonly end: () => void } {
  let end = (): void => {};
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { done, end };
}

test('a tab that left has the lead until its node rests, and then another has it', async () => {
  const chain = newChain();
  const [one, other] = [tab(), tab()];
  expect(await one.lead.join(chain)).toBe(true);
  expect(await other.lead.join(chain)).toBe(false);
  const rest = pending();
  one.lead.leave(rest.done);
  expect(one.lead.isLeading).toBe(false);
  await locksSettle();
  expect(other.lead.isLeading).toBe(false);
  rest.end();
  await eventually(() => expect(other.lead.isLeading).toBe(true));
  expect([one.at.leads, other.at.leads]).toEqual([1, 1]);
});

test('a tab that comes back leads again, however fast', async () => {
  const chain = newChain();
  const { lead, at } = tab();
  await lead.join(chain);
  const rest = pending();
  lead.leave(rest.done);
  const back = lead.join(chain);
  await locksSettle();
  expect(lead.isLeading).toBe(false);
  rest.end();
  expect(await back).toBe(true);
  expect(at.leads).toBe(2);
});

test('a node that never rests does not keep the others waiting, nor does one that cannot, nor a page that is left', async () => {
  const cannot = async (): Promise<void> => {
    throw new Error('it cannot come to rest');
  };
  for (const rest of [() => new Promise(() => {}), cannot, () => undefined]) {
    const chain = newChain();
    const [one, other] = [tab(), tab()];
    await one.lead.join(chain);
    await other.lead.join(chain);
    one.lead.leave(rest());
    await eventually(() => expect(other.lead.isLeading).toBe(true));
  }
});
