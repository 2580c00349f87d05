import { lastResultsHash } from '@perigee/light-core/comet';
import { type BlockId, equal, fromHex, PerigeeError, txIdOf, type ValidatorSet } from '@perigee/wire';
import type { FinalizeBlockResponse } from '../application/index.ts';
import type { Genesis } from '../genesis/index.ts';
import { BLOB_EVENT } from '../machine/index.ts';
import type { Head, StoredResult } from './block-store.ts';
import { NO_BLOCK_ID } from './make-block.ts';
import { RECENT_BLOBS } from './records.ts';
import { newValidatorSet, rotate, withPowers } from './validator-set.ts';

/** What the first block is made from. */
export function headOfGenesis({ initChain, genesisHash }: Genesis, appHash: Uint8Array): Head {
  const first = newValidatorSet(
    initChain.validators.map(({ publicKey, power }) => ({
      publicKey: publicKey.ed25519 ?? new Uint8Array(0),
      power: BigInt(power),
    })),
  );
  return {
    genesisHash,
    height: initChain.initialHeight - 1,
    blockId: NO_BLOCK_ID,
    time: initChain.time,
    appHash,
    lastResultsHash: lastResultsHash([]),
    validatorSets: [first, first, rotate(first)],
    recentBlobs: [],
  };
}

/** What the block after this one is made from. @throws UNSUPPORTED for a validator whose key the engine does not have */
export function headAfter(head: Head, time: Head['time'], blockId: BlockId, response: FinalizeBlockResponse): Head {
  const [, next, afterNext] = validatorSetsOf(head);
  return {
    genesisHash: head.genesisHash,
    height: head.height + 1,
    blockId,
    time,
    appHash: response.appHash,
    lastResultsHash: lastResultsHash([...response.txResults]),
    validatorSets: [next, afterNext, rotate(withPowers(afterNext, response.validatorUpdates))],
    recentBlobs: newestBlobs(head.recentBlobs, response),
  };
}

/** Validators of the head's block, of the next block and of the one after. */
export function validatorSetsOf({ validatorSets }: Head): readonly [ValidatorSet, ValidatorSet, ValidatorSet] {
  const [own, next, afterNext] = validatorSets;
  if (own === undefined || next === undefined || afterNext === undefined) {
    throw new PerigeeError('STORE_CORRUPT', 'the last block lacks its validator sets');
  }
  return [own, next, afterNext];
}

/** Results in the form in which they are kept. */
export function storedResults(txs: readonly Uint8Array[], { txResults }: FinalizeBlockResponse): StoredResult[] {
  return txResults.map(({ code, data, log, gasWanted, gasUsed }, i) => ({
    txId: txIdOf(txs[i] ?? new Uint8Array(0)),
    code,
    data,
    log: log.slice(0, MAX_LOG_CHARACTERS),
    gasWanted,
    gasUsed,
  }));
}

/** UTF-8 takes at most three bytes for one of these. */
const MAX_LOG_CHARACTERS = 320;

function newestBlobs(before: readonly Uint8Array[], { txResults }: FinalizeBlockResponse): Uint8Array[] {
  const recorded = txResults
    .flatMap(({ events }) => events)
    .filter(({ type }) => type === BLOB_EVENT)
    .flatMap(({ attributes }) => attributes.filter(({ key }) => key === 'id').map(({ value }) => fromHex(value, 33)))
    .reverse();
  const newest = [...recorded, ...before];
  return newest.filter((id, i) => newest.findIndex((other) => equal(other, id)) === i).slice(0, RECENT_BLOBS);
}
