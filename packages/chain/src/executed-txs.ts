import type { BlockTx } from '@perigee/light-core/roles';
import { PerigeeError } from '@perigee/wire';

/**
 * Transactions of a block with their results, which are in the same order.
 *
 * @throws INTERNAL when there are not as many of both
 */
export function executedTxs(height: number, txs: readonly Uint8Array[], results: readonly Omit<BlockTx, 'raw'>[]): BlockTx[] {
  return txs.map((raw, i) => {
    const result = results[i];
    if (result === undefined || txs.length !== results.length) {
      throw new PerigeeError('INTERNAL', `block ${height} has ${txs.length} transactions and ${results.length} results`);
    }
    const { code, data, gasWanted, gasUsed } = result;
    return { raw, code, data, gasWanted, gasUsed };
  });
}
