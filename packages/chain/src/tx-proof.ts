import { proveTx, proveTxResult, type TxResult } from '@perigee/light-core/comet';
import { PerigeeError, type TxProofAnswer } from '@perigee/wire';

/**
 * The proof of one transaction of a block.
 *
 * @param results of all of them, in their order
 * @throws NOT_FOUND when there is no transaction `index`
 */
export function txProofOf(
  height: number,
  index: number,
  txs: readonly Uint8Array[],
  results: readonly TxResult[],
): TxProofAnswer {
  const [tx, result] = [txs[index], results[index]];
  if (tx === undefined || result === undefined)
    throw new PerigeeError('NOT_FOUND', `block ${height} has no transaction ${index}`);
  const { total, path: txPath } = proveTx(txs, index);
  const { path: resultPath } = proveTxResult(results, index);
  const { code, data, gasWanted, gasUsed } = result;
  return { height, tx, index, total, txPath, result: { code, data, gasWanted, gasUsed }, resultPath };
}
