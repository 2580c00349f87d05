import { equal, PerigeeError } from '@perigee/wire';
import type { Application } from '../application/index.ts';
import type { Genesis } from '../genesis/index.ts';
import type { BlockStore, Head } from './block-store.ts';
import { finalizeRequest } from './finalize.ts';
import { headOfGenesis } from './head.ts';

/**
 * Bring the state machine to the last stored block: a block is stored before its state is, so after a crash the state may lack blocks, but
 * never the other way round.
 *
 * @returns what the next block is made from
 * @throws WRONG_CHAIN when the blocks are of another genesis; STORE_CORRUPT when state and blocks do not fit together
 */
export async function replay(app: Application, store: BlockStore, genesis: Genesis): Promise<Head> {
  const { head } = store;
  const { lastBlockHeight, lastBlockAppHash } = await app.info();
  if (head !== undefined && !equal(head.genesisHash, genesis.genesisHash)) {
    throw new PerigeeError(
      'WRONG_CHAIN',
      `the stored blocks are not of chain ${genesis.initChain.chainId}; use another directory`,
    );
  }
  if (lastBlockHeight > (head?.height ?? 0)) {
    throw new PerigeeError(
      'STORE_CORRUPT',
      `the state is at height ${lastBlockHeight}, but the last stored block is ${head?.height ?? 'none'}: blocks were lost; restore the directory`,
    );
  }
  const first = genesis.initChain.initialHeight;
  if (lastBlockHeight === 0) {
    const { appHash } = await app.initChain(genesis.initChain);
    if (head === undefined) return headOfGenesis(genesis, appHash);
  }
  if (head === undefined) throw new PerigeeError('INTERNAL', 'there is a state, but no block');
  let appHash = lastBlockAppHash;
  for (let height = Math.max(first, lastBlockHeight + 1); height <= head.height; height++) {
    const blockId = height === head.height ? head.blockId : store.block(height + 1).header.lastBlockId;
    const lastValidators = store.header(Math.max(first, height - 1)).validators;
    ({ appHash } = await app.finalizeBlock(finalizeRequest(store.block(height), blockId.hash, lastValidators)));
    if (height < head.height) sameState(appHash, store.block(height + 1).header.appHash, height);
    else sameState(appHash, head.appHash, height);
    await app.commit();
  }
  sameState(appHash, head.appHash, head.height);
  return head;
}

function sameState(got: Uint8Array, expected: Uint8Array, height: number): void {
  if (!equal(got, expected)) {
    throw new PerigeeError(
      'STORE_CORRUPT',
      `the state of height ${height} is not the one that the stored blocks name; restore the directory`,
    );
  }
}
