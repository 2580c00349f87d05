import { applyPlan, depositsOf, judgeWrite, KV_RESULT, type KvOrder } from '@perigee/light-core/kv';
import { FEE_POOL, KV_POOL } from '@perigee/light-core/state';
import { equal } from '@perigee/wire';
import type { StateView } from '../../state/index.ts';
import { moveTokens, readAccount } from '../accounts.ts';
import { kvView } from './view.ts';

export interface Written {
  /** In 0G's words. */
  readonly result: string;
  /** Taken from the author for what is kept. */
  readonly deposit: bigint;
}

/**
 * Do a write, or find why it is not done. The author pays the fee for that it was looked at, and leaves a deposit for what it keeps; deposits of
 * what it replaces or deletes go back.
 */
export function writeStreams(
  view: StateView,
  order: KvOrder,
  { depositPerByte, fee }: { readonly depositPerByte: bigint; readonly fee: bigint },
): Written {
  const { author } = order;
  const balance = (): bigint => readAccount(view, author)?.balance ?? 0n;
  const refused = (result: string): Written => ({ result, deposit: 0n });
  if (balance() < fee) return refused(KV_RESULT.depositMissing);
  moveTokens(view, author, FEE_POOL, fee);
  const streams = kvView(view);
  const plan = judgeWrite(streams, order);
  if (typeof plan === 'string') return refused(plan);
  const { taken, returned } = depositsOf(streams, plan.writes, depositPerByte);
  const own = returned.find(({ account }) => equal(account, author))?.amount ?? 0n;
  if (balance() + own < taken) return refused(KV_RESULT.depositMissing);
  for (const { account, amount } of returned) moveTokens(view, KV_POOL, account, amount);
  moveTokens(view, author, KV_POOL, taken);
  applyPlan(streams, plan, { ...order, depositPerByte });
  return { result: KV_RESULT.commit, deposit: taken };
}
