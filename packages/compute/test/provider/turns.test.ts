import { createStopController } from '@perigee/net';
import { FAIR_TURN, MAX_QUEUED_ANSWERS, MAX_QUEUED_ANSWERS_PER_OWNER } from '@perigee/wire';
import { expect, it } from 'vitest';
import { Turns } from '../../src/provider/turns.ts';

const forever = createStopController().signal;
const rank = (owner: string, stakeClass = 0, fee = 0n) => ({ owner, stakeClass, fee });

/** Lets those who wait go one after another. @returns their owners in that order */
async function orderOf(ranks: readonly ReturnType<typeof rank>[]): Promise<string[]> {
  const turns = new Turns(1);
  const first = await turns.take(rank('first'), forever);
  const order: string[] = [];
  const waiting = ranks.map(async (one) => {
    const release = await turns.take(one, forever);
    order.push(one.owner);
    release();
  });
  first();
  await Promise.all(waiting);
  return order;
}

it('go to the higher stake, then the higher fee, then who came first', async () => {
  expect(await orderOf([rank('a'), rank('b', 0, 9n), rank('c', 1)])).toEqual(['c', 'b', 'a']);
  expect(await orderOf([rank('a', 1, 1n), rank('b', 1, 1n)])).toEqual(['a', 'b']);
});

it('come to everyone, however much others pay', async () => {
  const turns = new Turns(1);
  let release = await turns.take(rank('rich 0', 9, 9n), forever);
  let isServed = false;
  void turns.take(rank('poor'), forever).then((free) => {
    isServed = true;
    free();
  });
  for (let i = 1; !isServed; i++) {
    expect(i).toBeLessThanOrEqual(FAIR_TURN + 1);
    const next = turns.take(rank(`rich ${i}`, 9, 9n), forever);
    release();
    release = await next;
  }
});

it('are waited for by so many, and so many of one owner', async () => {
  const turns = new Turns(1);
  await turns.take(rank('busy'), forever);
  const stop = createStopController();
  const gone: Promise<unknown>[] = [];
  for (let i = 0; i < MAX_QUEUED_ANSWERS; i++) {
    gone.push(turns.take(rank(`owner ${i % (MAX_QUEUED_ANSWERS / MAX_QUEUED_ANSWERS_PER_OWNER)}`), stop.signal).catch(() => {}));
    if (i === MAX_QUEUED_ANSWERS_PER_OWNER * 3) expect(turns.waiting).toBe(i + 1);
  }
  await expect(turns.take(rank('one more'), forever)).rejects.toMatchObject({ code: 'BUSY' });
  stop.abort();
  await Promise.all(gone);
  expect(turns.waiting).toBe(0);
  const one = createStopController();
  for (let i = 0; i < MAX_QUEUED_ANSWERS_PER_OWNER; i++) turns.take(rank('owner'), one.signal).catch(() => {});
  await expect(turns.take(rank('owner'), forever)).rejects.toMatchObject({ code: 'BUSY' });
  one.abort();
});

it('are given up by who does not pay, when there is no room for who does', async () => {
  const turns = new Turns(1);
  const release = await turns.take(rank('busy'), forever);
  const free: Promise<string>[] = [];
  for (let i = 0; i < MAX_QUEUED_ANSWERS; i++) {
    const one = { ...rank(`free ${i}`), isUnpaid: true };
    free.push(
      turns
        .take(one, forever)
        .then(() => 'entered')
        .catch((error) => error.code),
    );
  }
  await expect(turns.take({ ...rank('free'), isUnpaid: true }, forever)).rejects.toMatchObject({ code: 'BUSY' });
  const paid = turns.take(rank('paid', 0, 1n), forever);
  // the newest gives way, and nobody else
  expect(await free.at(-1)).toBe('BUSY');
  expect(turns.waiting).toBe(MAX_QUEUED_ANSWERS);
  release();
  (await paid)();
  expect(await free[0]).toBe('entered');
});

it('are given up by the lower class of stake, when there is no room for a higher one', async () => {
  const turns = new Turns(1);
  await turns.take(rank('busy'), forever);
  const waiting: Promise<string>[] = [];
  for (let i = 0; i < MAX_QUEUED_ANSWERS; i++) {
    waiting.push(
      turns
        .take(rank(`owner ${i}`, i === MAX_QUEUED_ANSWERS - 1 ? 2 : 1, 9n), forever)
        .then(() => 'entered')
        .catch((error) => error.code),
    );
  }
  // an offer alone is no reason
  await expect(turns.take(rank('rich', 1, 99n), forever)).rejects.toMatchObject({ code: 'BUSY' });
  const bonded = turns.take(rank('bonded', 3), forever);
  expect(await waiting.at(-2)).toBe('BUSY');
  expect(turns.waiting).toBe(MAX_QUEUED_ANSWERS);
  void bonded.catch(() => {});
});
