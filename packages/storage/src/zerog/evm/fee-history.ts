import { MAX_FEE_HISTORY_BLOCKS, MAX_FEE_PERCENTILES } from '@perigee/wire';
import { RpcError } from '../rpc-error.ts';
import type { BlockView } from './block-view.ts';
import type { ChainView } from './chain-view.ts';
import { quantity, readCount } from './quantity.ts';
import { invalidParams, RPC_CODE } from './rpc-error.ts';

/** `eth_feeHistory`: the price of gas is the chain's, and always the same; what was offered above it is told by percentiles of gas. */
export async function feeHistory(
  view: ChainView,
  [wanted, newest, percentiles]: readonly unknown[],
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const count = Math.min(typeof wanted === 'number' ? wanted : readCount(wanted, 'block count'), MAX_FEE_HISTORY_BLOCKS);
  if (!Number.isSafeInteger(count) || count < 1) throw invalidParams('the block count is not a positive number');
  const ranks = readPercentiles(percentiles);
  const last = view.heightOfTag(newest);
  if (last > view.height) {
    throw new RpcError(RPC_CODE.server, `request beyond head block: requested ${last}, head ${view.height}`);
  }
  const first = Math.max(view.chain.earliest, last - count + 1);
  const { gasPrice, maxGas } = view.params;
  const ratios: number[] = [];
  const rewards: string[][] = [];
  for (let height = first; height <= last; height++) {
    signal?.throwIfAborted();
    const block = await view.block(height);
    ratios.push(maxGas > 0n ? block.gasUsed / Number(maxGas) : 0);
    if (ranks.length > 0) rewards.push((await rewardsAt(block, ranks)).map(quantity));
  }
  return {
    oldestBlock: quantity(first),
    baseFeePerGas: Array.from({ length: ratios.length + 1 }, () => quantity(gasPrice)),
    gasUsedRatio: ratios,
    ...(ranks.length > 0 ? { reward: rewards } : {}),
  };
}

async function rewardsAt(block: BlockView, ranks: readonly number[]): Promise<bigint[]> {
  const sorted = (await block.rewards()).toSorted((a, b) => (a.reward < b.reward ? -1 : a.reward > b.reward ? 1 : 0));
  return ranks.map((rank) => {
    let left = (block.gasUsed * rank) / 100;
    for (const { reward, gas } of sorted) {
      left -= gas;
      if (left <= 0) return reward;
    }
    return sorted.at(-1)?.reward ?? 0n;
  });
}

function readPercentiles(value: unknown): readonly number[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > MAX_FEE_PERCENTILES) {
    throw invalidParams(`reward percentiles are not a list of at most ${MAX_FEE_PERCENTILES} numbers`);
  }
  const rising = value.every((one, i) => typeof one === 'number' && one >= (value[i - 1] ?? 0) && one <= 100);
  if (!rising) throw invalidParams('reward percentiles do not rise from 0 to 100');
  return value;
}
