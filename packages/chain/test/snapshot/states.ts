/** States of random entries, and snapshots of them. */
import { join } from 'node:path';
import { GENESIS_HASH_KEY, STORE } from '@perigee/light-core/state';
import { utf8 } from '@perigee/wire';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import type { Random } from '../../../../tests/kit/random.ts';
import type { ApplySnapshotChunkResponse, Snapshot } from '../../src/application/index.ts';
import { storesOf } from '../../src/machine/genesis-state.ts';
import { Snapshots } from '../../src/snapshot/index.ts';
import { AuthenticatedState, StateView } from '../../src/state/index.ts';
import { genesisOf } from '../devnet.ts';

export const genesis = genesisOf();
/** Of a chain that stores no files. */
const STORES = storesOf(genesis);

export interface Kept {
  readonly state: AuthenticatedState;
  readonly snapshots: Snapshots;
  close(): Promise<void>;
}

/** @param interval a snapshot is taken at every multiple; 0: none */
export async function openState(dir = temporaryFolder('snapshot'), interval = 0, window = 50): Promise<Kept> {
  const state = await AuthenticatedState.open(join(dir, 'state'), Object.values(STORE), { window });
  const options = interval === 0 ? undefined : { dir: join(dir, 'snapshots'), interval };
  const snapshots = await Snapshots.open(state, options, genesis.initChain.chainId);
  return {
    state,
    snapshots,
    async close() {
      await snapshots.close();
      await state.close();
    },
  };
}

export interface Entries {
  /** Entries of each block, at most. */
  readonly writes: number;
  /** Bytes of a value, at most. */
  readonly bytes: number;
}

/** Random writes to all stores; the first block names the genesis. */
export function writesOf(state: AuthenticatedState, random: Random, { writes, bytes }: Entries): StateView {
  const view = new StateView(state);
  if (state.latest === undefined) view.set(STORE.chain, GENESIS_HASH_KEY, genesis.genesisHash);
  for (let i = random.between(1, writes); i > 0; i--) {
    const key = utf8(`key ${random.below(3 * writes)}`);
    view.set(random.pick(STORES), key, random.chance(0.2) ? new Uint8Array(0) : random.bytes(random.between(1, bytes)));
  }
  return view;
}

/** @returns app hash of the block */
export async function block({ state, snapshots }: Kept, view: StateView): Promise<Uint8Array> {
  const prepared = state.prepare((state.latest?.height ?? 0) + 1, view, STORES);
  await state.commit(prepared);
  snapshots.committed(prepared.height, genesis);
  await snapshots.settled();
  return prepared.appHash;
}

/** A snapshot with its chunks, as a peer has it. */
export interface Carried {
  readonly snapshot: Snapshot;
  readonly chunks: readonly Uint8Array[];
}

export async function carry(snapshots: Snapshots, snapshot = snapshots.list()[0]): Promise<Carried> {
  if (snapshot === undefined) throw new Error('there is no snapshot');
  const { height, format } = snapshot;
  const chunks: Uint8Array[] = [];
  for (let chunk = 0; chunk < snapshot.chunks; chunk++)
    chunks.push(Uint8Array.from(await snapshots.load({ height, format, chunk })));
  return { snapshot, chunks };
}

/** What became of a snapshot that a peer offered: the first answer that is not `accept`, or `accept`. */
export async function restore(
  snapshots: Snapshots,
  { snapshot, chunks }: Carried,
  appHash: Uint8Array,
): Promise<ApplySnapshotChunkResponse['result'] | Awaited<ReturnType<Snapshots['offer']>>> {
  const offered = await snapshots.offer({ snapshot, appHash });
  if (offered !== 'accept') return offered;
  for (const [index, chunk] of chunks.entries()) {
    const { response } = await snapshots.apply({ index, chunk, sender: 'peer' });
    if (response.result !== 'accept') return response.result;
  }
  return 'accept';
}
