/** Drives a state machine as an engine does, without blocks around it. */

import { timestampOfMs } from '@perigee/light-core/comet';
import { bestEd25519 } from '@perigee/light-core/signature';
import { accountKey, blobKey, STORE } from '@perigee/light-core/state';
import { Account, BlobRecord } from '@perigee/wire';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import type { FinalizeBlockRequest, FinalizeBlockResponse } from '../../src/application/index.ts';
import { type Genesis, StateMachine } from '../../src/index.ts';
import { addressOf, GENESIS_TIME, genesisOf } from '../devnet.ts';

const verifyEd25519 = bestEd25519(globalThis.crypto.subtle);

export interface Driven {
  readonly machine: StateMachine;
  readonly genesis: Genesis;
  height(): number;
  /** Execute and commit one block. */
  block(txs?: readonly Uint8Array[], change?: Partial<FinalizeBlockRequest>): Promise<FinalizeBlockResponse>;
  /** Empty blocks up to a height. */
  skipTo(height: number): Promise<void>;
  value(store: string, key: Uint8Array): Uint8Array | undefined;
  account(name: string): Account;
  blob(id: Uint8Array): BlobRecord | undefined;
}

export function finalizeOf(txs: readonly Uint8Array[], height: number) {
  const empty = new Uint8Array(0);
  return {
    txs,
    decidedLastCommit: { round: 0, votes: [] },
    misbehavior: [],
    hash: empty,
    height,
    time: timestampOfMs(GENESIS_TIME),
    nextValidatorsHash: empty,
    proposerAddress: empty,
  };
}

export async function drive(genesis = genesisOf(), dir = temporaryFolder('machine')): Promise<Driven> {
  const machine = await StateMachine.open({ dir, verifyEd25519, window: 20 });
  let { lastBlockHeight: height } = await machine.info();
  if (height === 0) {
    await machine.initChain(genesis.initChain);
    height = genesis.initChain.initialHeight - 1;
  }
  const value = (store: string, key: Uint8Array) => machine.prove(store, key, height).inner.exist?.value;
  async function block(
    txs: readonly Uint8Array[] = [],
    change: Partial<FinalizeBlockRequest> = {},
  ): Promise<FinalizeBlockResponse> {
    const response = await machine.finalizeBlock({ ...finalizeOf(txs, height + 1), ...change });
    await machine.commit();
    height += 1;
    return response;
  }
  return {
    machine,
    genesis,
    height: () => height,
    block,
    async skipTo(target) {
      while (height < target) await block();
    },
    value,
    account: (name) => Account.decode(value(STORE.account, accountKey(addressOf(name))) ?? new Uint8Array(0)),
    blob(id) {
      const raw = value(STORE.da, blobKey(id));
      return raw === undefined ? undefined : BlobRecord.decode(raw);
    },
  };
}
