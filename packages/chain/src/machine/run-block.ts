import { unixMs } from '@perigee/light-core/comet';
import type { Timestamp, ValidatorUpdate } from '@perigee/wire';
import type { Event, Misbehavior } from '../application/index.ts';
import type { Genesis } from '../genesis/index.ts';
import type { StateView } from '../state/index.ts';
import { type ListedBlob, writeBlobLists } from './blob-lists.ts';
import { forgetSettled } from './compute/index.ts';
import { type Execution, executeTx } from './execute-tx.ts';
import { decideOverdue } from './kv/index.ts';
import type { TxPreparer } from './prepare-tx.ts';
import { releaseDue } from './release.ts';
import { punish } from './slash.ts';
import { activeValidators, validatorUpdates } from './validators.ts';

/** What the state after a block depends on, besides the state before it. */
export interface BlockInput {
  readonly txs: readonly Uint8Array[];
  readonly height: number;
  readonly time: Timestamp;
  /** What is slashed does not come back, and pays for nothing: proposals are judged with it. */
  readonly misbehavior?: readonly Misbehavior[];
}

export interface BlockOutput {
  readonly events: readonly Event[];
  readonly validatorUpdates: readonly ValidatorUpdate[];
}

/** Seconds since 1970 of a block's time. */
export function secondsOf(time: Timestamp): number {
  return Math.floor(unixMs(time) / 1000);
}

/**
 * Run a block: punish, release what was unbonding, decide writes whose data did not come, run the transactions.
 *
 * @param view of the state in which the block begins; takes what it changes
 * @param keep says of each transaction whether it stays; one that does not leaves nothing behind
 */
export async function runBlock(
  view: StateView,
  { txs, height, time, misbehavior = [] }: BlockInput,
  { genesis, preparer }: { readonly genesis: Genesis; readonly preparer: TxPreparer },
  keep: (execution: Execution, tx: Uint8Array) => boolean,
): Promise<BlockOutput> {
  const { staking, kv, compute } = genesis.appState;
  const seconds = secondsOf(time);
  const prepared = await preparer.prepareAll(txs, view, { height, seconds });
  const before = staking === undefined ? [] : activeValidators(view, staking.maxValidators);
  const punished = staking === undefined ? [] : punish(view, staking, misbehavior);
  if (staking !== undefined) releaseDue(view, height, seconds);
  const overdue = kv === undefined ? [] : decideOverdue(view, height);
  if (compute !== undefined) forgetSettled(view, height);
  const recorded: ListedBlob[] = [];
  let streamBytes = 0;
  let registrations = 0;
  prepared.forEach((tx, i) => {
    let kept = false;
    const done = view.attempt(
      () => executeTx(view, tx, { genesis, height, seconds, recorded: recorded.length, streamBytes, registrations }),
      (execution) => {
        kept = keep(execution, txs[i] ?? new Uint8Array(0));
        return kept;
      },
    );
    if (!kept) return;
    recorded.push(...done.blobs);
    streamBytes += done.streamBytes;
    registrations += done.registrations;
  });
  writeBlobLists(view, height, recorded);
  const after = staking === undefined ? [] : activeValidators(view, staking.maxValidators);
  return { events: [...punished, ...overdue], validatorUpdates: validatorUpdates(before, after) };
}
