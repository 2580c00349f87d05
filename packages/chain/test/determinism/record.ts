/** A chain of random blocks, made once by a state machine in this process: what every other one must find. */
import { timestampOfMs, validatorAddress } from '@perigee/light-core/comet';
import { checkCommittee } from '@perigee/light-core/da';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { accountKey, committeeKey, epochOf, FLOW_KEY, STORE } from '@perigee/light-core/state';
import { Account, Committee, FlowRecord, toHex } from '@perigee/wire';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import type { Random } from '../../../../tests/kit/random.ts';
import { Response } from '../../src/abci/index.ts';
import type { FinalizeBlockRequest, Misbehavior } from '../../src/application/index.ts';
import { StateMachine } from '../../src/index.ts';
import { GENESIS_TIME } from '../devnet.ts';
import { ACTORS, EPOCH, genesis, validatorKeyOf } from './actors.ts';
import { type Before, randomTxs } from './random-txs.ts';

export interface Recorded {
  readonly request: FinalizeBlockRequest;
  /** The whole answer as bytes, hexadecimal: results, events, validator updates and app hash. */
  readonly answer: string;
  readonly appHash: string;
}

/** @param blocks how many */
export async function record(random: Random, blocks: number): Promise<readonly Recorded[]> {
  const machine = await StateMachine.open({ dir: temporaryFolder('record'), verifyEd25519: nobleEd25519 });
  await machine.initChain(genesis.initChain);
  const out: Recorded[] = [];
  let ms = GENESIS_TIME;
  for (let height = 1; height <= blocks; height++) {
    // from a part of a second to longer than stake unbonds
    ms += random.pick([1, 900, 1_000, 3_000, 40_000]);
    const request: FinalizeBlockRequest = {
      txs: await randomTxs(random, before(machine, height)),
      decidedLastCommit: { round: random.below(3), votes: votes(random) },
      misbehavior: random.chance(0.1) ? [misbehavior(random, height, ms)] : [],
      hash: random.bytes(32),
      height,
      time: timestampOfMs(ms),
      nextValidatorsHash: random.bytes(32),
      proposerAddress: random.bytes(20),
    };
    const finalizeBlock = await machine.finalizeBlock(request);
    await machine.commit();
    out.push({
      request,
      answer: toHex(Response.encode({ finalizeBlock })),
      appHash: toHex(finalizeBlock.appHash),
    });
  }
  await machine.close();
  return out;
}

const NAMES = [...new Set(ACTORS.map(({ name }) => name))];

function votes(random: Random) {
  return NAMES.filter(() => random.chance(0.8)).map((name) => ({
    validator: { address: validatorAddress(validatorKeyOf(name)), power: BigInt(random.below(100)) },
    blockIdFlag: random.between(1, 3),
  }));
}

/** Of somebody who may have stake, or had, or is unknown. */
function misbehavior(random: Random, height: number, ms: number): Misbehavior {
  const address = random.chance(0.9) ? validatorAddress(validatorKeyOf(random.pick(NAMES))) : random.bytes(20);
  return {
    type: random.pick(['duplicateVote', 'lightClientAttack']),
    validator: { address, power: BigInt(random.between(1, 40)) },
    height: Math.max(1, height - random.below(15)),
    time: timestampOfMs(ms - random.below(30_000)),
    totalVotingPower: 100n,
  };
}

function before(machine: StateMachine, height: number): Before {
  const pending = new Map<string, number>();
  const value = (store: string, key: Uint8Array) => (height === 1 ? undefined : machine.prove(store, key, 0).inner.exist?.value);
  const epoch = epochOf(height, EPOCH);
  const flow = value(STORE.storage, FLOW_KEY);
  return {
    height,
    submissions: flow === undefined ? 0 : FlowRecord.decode(flow).submissions,
    nonce(address, lane) {
      const name = `${toHex(address)}/${lane}`;
      const raw = value(STORE.account, accountKey(address));
      const stored = raw === undefined ? 0 : Account.decode(raw).nonces.find((entry) => entry.lane === lane)?.next;
      const next = pending.get(name) ?? stored ?? 0;
      pending.set(name, next + 1);
      return next;
    },
    committees: [epoch, epoch - 1, epoch - 2].flatMap((past) => {
      const raw = past < 0 ? undefined : value(STORE.da, committeeKey(past));
      return raw === undefined ? [] : [{ epoch: past, committee: checkCommittee(Committee.decode(raw)) }];
    }),
  };
}
