/** A chain that is the same on every machine: fixed keys, fixed time, fixed transactions. Its blocks are stored in tests/vectors/chain.json. */
import { join } from 'node:path';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { Block, Commit, toHex, ValidatorSet } from '@perigee/wire';
import { BlockStore, EmbeddedEngine } from '../src/engine/index.ts';
import { StateMachine } from '../src/index.ts';
import { GENESIS_TIME, genesisOf, signerOf, TestClock, transferTx, VALIDATORS } from './devnet.ts';

const POWERS = [40, 10, 7, 1];
const BLOCKS = 12;

const fixedGenesis = genesisOf({
  validators: VALIDATORS.map((name, i) => ({ publicKey: signerOf(name).publicKey, power: POWERS[i] ?? 1 })),
  gasPrice: 2n,
});

/** Makes the chain in a new directory, and gives what the vector file holds of it. */
export async function makeFixedChain(dir: string) {
  const clock = new TestClock();
  const store = await BlockStore.open(join(dir, 'blocks'));
  const app = await StateMachine.open({ dir: join(dir, 'state'), verifyEd25519: nobleEd25519 });
  const engine = await EmbeddedEngine.open({ app, store, genesis: fixedGenesis, signers: VALIDATORS.map(signerOf), clock });
  const blocks = [];
  for (let height = 1; height <= BLOCKS; height++) {
    if (height % 3 === 0) {
      await engine.add(await transferTx(fixedGenesis, { nonce: height / 3 - 1 }));
      await engine.add(await transferTx(fixedGenesis, { from: 'bob', nonce: height / 3 - 1, tip: BigInt(height) }));
    }
    await engine.makeBlock();
    const { commit, validators } = store.header(height);
    blocks.push({
      block: toHex(Block.encode(store.block(height))),
      commit: toHex(Commit.encode(commit)),
      validators: toHex(ValidatorSet.encode(validators)),
      appHash: toHex(store.head?.appHash ?? new Uint8Array(0)),
      lastResultsHash: toHex(store.head?.lastResultsHash ?? new Uint8Array(0)),
    });
    clock.advance(1_000 + 7 * height);
  }
  await app.close();
  await store.close();
  const { initChain, genesisHash } = fixedGenesis;
  return {
    source: 'written by this project when the formats were fixed; judged by CometBFT in tests/peers/cometbft',
    chainId: initChain.chainId,
    genesisTimeMs: GENESIS_TIME,
    appHash: toHex(genesisHash),
    maxBytes: Number(initChain.consensusParams?.block?.maxBytes),
    maxGas: Number(initChain.consensusParams?.block?.maxGas),
    validators: initChain.validators.map(({ publicKey, power }) => ({
      publicKey: toHex(publicKey.ed25519 ?? new Uint8Array(0)),
      power,
    })),
    blocks,
  };
}
