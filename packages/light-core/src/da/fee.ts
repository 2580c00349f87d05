import { type AppState, PerigeeError } from '@perigee/wire';
import { fileGeometry } from '../storage/index.ts';
import type { BlobGeometry } from './geometry.ts';

/** What serving blobs costs on a chain; `AppState` of its genesis has both. */
export interface DaPricing {
  /** Smallest units for a byte of encoded rows and epoch. */
  readonly daPrice: bigint;
  readonly epochBlocks: number;
}

/**
 * What it costs to have all rows of a blob served from one height to another, smallest units: the price of every byte, original and
 * parity, for each epoch's length of blocks that is begun. Nothing when `toHeight` is not above `fromHeight`.
 *
 * @param fromHeight of the block that records the blob, or the expiry that a new certificate extends
 * @param toHeight expiry
 * @throws INVALID_ARGUMENT unless all numbers are whole, and `epochBlocks` at least 1
 */
export function blobFee(
  { k, n, rowSize }: BlobGeometry,
  { daPrice, epochBlocks }: DaPricing,
  fromHeight: number,
  toHeight: number,
): bigint {
  if (![k, n, rowSize, epochBlocks, fromHeight, toHeight].every((x) => Number.isSafeInteger(x) && x >= 0) || epochBlocks === 0) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `the fee of ${k} + ${n} rows of ${rowSize} bytes from ${fromHeight} to ${toHeight} in epochs of ${epochBlocks} cannot be told`,
    );
  }
  if (toHeight <= fromHeight) return 0n;
  const length = BigInt(epochBlocks);
  const epochs = (BigInt(toHeight - fromHeight) + length - 1n) / length;
  return daPrice * BigInt(k + n) * BigInt(rowSize) * epochs;
}

/** What it costs to have a blob of a length stored as a file too, smallest units: nothing where the chain stores none. */
export function handOverPrice(length: number, { storage }: Pick<AppState, 'storage'>): bigint {
  return storage === undefined ? 0n : BigInt(fileGeometry(length).paddedChunks) * storage.pricePerSector;
}
