import { ASK_STAGGER_MS } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { type Holder, RowPlan } from '../src/retrieve/row-plan.ts';

const SHAPE = { k: 8, n: 24 };
const everyone = (): boolean => true;

/** Four holders of eight rows each: member i has rows i, i + 4, …: two originals and six rows of parity. */
function planOf(): { plan: RowPlan; holders: [Holder, Holder, Holder, Holder] } {
  const members = [0, 1, 2, 3].map((i) => ({ member: `m${i}`, rows: Uint16Array.from({ length: 8 }, (_, j) => i + 4 * j) }));
  const plan = new RowPlan(SHAPE, members, 0);
  return { plan, holders: [...plan.holders] as [Holder, Holder, Holder, Holder] };
}

function give(plan: RowPlan, holder: Holder, rows: readonly number[], at: number): void {
  for (const index of rows) if (plan.arrived(holder, index, at)) plan.verified(holder, index, true);
}

describe('whom to ask for what', () => {
  it('everyone for originals, and for no parity while these are on their way', () => {
    const { plan, holders } = planOf();
    for (const [i, holder] of holders.entries()) {
      const rows = plan.next(holder, 100, 0, everyone);
      expect(rows).toEqual([i, i + 4]);
      plan.asked(holder, rows, 0);
      expect(plan.next(holder, 100, 10, everyone)).toEqual([]);
    }
  });

  it('others for parity, as much as a silent holder owes', () => {
    const { plan, holders } = planOf();
    for (const holder of holders) plan.asked(holder, plan.next(holder, 100, 0, everyone), 0);
    const [first, second, third, silent] = holders;
    for (const holder of [first, second, third]) give(plan, holder, [...holder.rows.slice(0, 2)], 50);
    expect(plan.missing).toBe(2);
    expect(plan.next(first, 100, 60, everyone)).toEqual([]);
    const late = ASK_STAGGER_MS + 1;
    const parity = plan.next(first, 100, late, everyone);
    expect(parity).toEqual([8, 12]);
    expect(plan.next(silent, 100, late, everyone)).toEqual([]);
    plan.asked(first, parity, late);
    expect(plan.next(second, 100, late, everyone)).toEqual([]);
    give(plan, first, parity, late);
    expect(plan.missing).toBe(0);
  });

  it('others for parity at once when a holder is gone, after a moment when it may still come', () => {
    const { plan, holders } = planOf();
    const isReachable = (holder: Holder): boolean => holder !== holders[3];
    for (const holder of holders.slice(0, 3)) plan.asked(holder, plan.next(holder, 100, 0, isReachable), 0);
    give(plan, holders[0], [0, 4], 5);
    expect(plan.next(holders[0], 100, 6, isReachable)).toEqual([]);
    plan.failed(holders[3], [], 10);
    expect(plan.next(holders[0], 100, 11, isReachable)).toEqual([8, 12]);
  });

  it('a holder that gives nothing again, later and later, until it is given up', () => {
    const { plan, holders } = planOf();
    const [holder] = holders;
    let now = 0;
    let tries = 0;
    while (plan.mayGive(holder) && tries < 100) {
      const rows = plan.next(holder, 100, now, everyone);
      if (rows.length > 0) {
        tries++;
        plan.asked(holder, rows, now);
        plan.failed(holder, rows, now);
      }
      now += 100;
    }
    expect(tries).toBe(4);
    expect(holder.waiting).toBe(0);
  });

  it('for a row that did not hold again, but not of the same holder', () => {
    const { plan, holders } = planOf();
    const [holder] = holders;
    plan.asked(holder, [0], 0);
    expect(plan.arrived(holder, 0, 1)).toBe(true);
    expect(plan.missing).toBe(7);
    plan.verified(holder, 0, false);
    expect(plan.missing).toBe(8);
    expect(plan.next(holder, 100, 2, everyone)).toEqual([4]);
  });

  it('for nothing that is kept already', () => {
    const { plan, holders } = planOf();
    for (let index = 0; index < 7; index++) plan.verified(undefined, index, true);
    expect(holders.map((holder) => plan.next(holder, 100, 0, everyone))).toEqual([[], [], [], [7]]);
  });
});
