import { hash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlockVerifier, createGenesis, nodeEd25519, StateMachine } from '../packages/chain/src/index.ts';
import { AuthenticatedState, StateView } from '../packages/chain/src/state/index.ts';
import { timestampOfMs } from '../packages/light-core/src/comet/index.ts';
import { nobleEd25519, type VerifyEd25519 } from '../packages/light-core/src/signature/index.ts';
import { accountKey, STORE, verifyStateProof } from '../packages/light-core/src/state/index.ts';
import { signTx } from '../packages/light-core/src/tx/index.ts';
import { Account, ed25519Address, StateProof, type TxMessage } from '../packages/wire/src/index.ts';
import { report } from './figure.ts';
import { opensslSigner } from './openssl-signer.ts';

// Blocks of transfers between 10,000 of 100,000 accounts, each sender once in two blocks, one signature in a hundred false; until the app hash is
// there and the block is on disk.
const ACCOUNTS = 100_000;
const TOUCHED = 10_000;
const BLOCK = 5_000;
const FALSE_EVERY = 100;
const ROUNDS = 5;
const PROOF_KEYS = 300_000;
const PROOFS = 1_000;
const GENESIS_TIME = 1_795_420_800_000;
const NOTHING = new Uint8Array(0);

function randomAddress(name: string): Uint8Array {
  return Uint8Array.from(hash('sha256', name, 'buffer').subarray(0, 20));
}

const bank = opensslSigner('bank');
const senders = Array.from({ length: TOUCHED }, (_, i) => opensslSigner(`sender ${i}`));
const addresses = senders.map(({ publicKey }) => ed25519Address(publicKey));
const genesis = createGenesis({
  name: 'bench',
  time: GENESIS_TIME,
  validators: [{ publicKey: bank.publicKey, power: 10 }],
  committee: [{ address: ed25519Address(bank.publicKey), publicKey: bank.publicKey, stake: 1n }],
  accounts: [{ address: ed25519Address(bank.publicKey), balance: 10n ** 30n }],
  development: true,
  gasPrice: 1n,
});
const nonces = new Map<number, number>();
let height = 0;

function signed(signer: typeof bank, nonce: number, messages: readonly TxMessage[]): Promise<Uint8Array> {
  const draft = { lane: 0, nonce, expiryHeight: 9_000, gasLimit: 1_000_000, maxFee: 10n ** 9n, tip: 0n, messages };
  return signTx(draft, genesis.genesisHash, signer);
}

/** @returns milliseconds */
async function decide(machine: StateMachine, txs: readonly Uint8Array[], refused: number): Promise<number> {
  height += 1;
  const start = performance.now();
  const { txResults } = await machine.finalizeBlock({
    txs,
    height,
    time: timestampOfMs(GENESIS_TIME + height * 1_000),
    misbehavior: [],
    hash: NOTHING,
    nextValidatorsHash: NOTHING,
    proposerAddress: NOTHING,
    decidedLastCommit: { round: 0, votes: [] },
  });
  await machine.commit();
  const took = performance.now() - start;
  const bad = txResults.filter(({ code }) => code !== 0).length;
  if (bad !== refused) throw new Error(`${bad} transactions of block ${height} were refused, not ${refused}`);
  return took;
}

async function fund(machine: StateMachine): Promise<void> {
  const others = Array.from({ length: ACCOUNTS - TOUCHED }, (_, i) => randomAddress(`other ${i}`));
  const all = [...addresses, ...others];
  let txs: Uint8Array[] = [];
  for (let i = 0, nonce = 0; i < all.length; i += 16, nonce++) {
    const payees = all.slice(i, i + 16);
    txs.push(
      await signed(
        bank,
        nonce,
        payees.map((to) => ({ transfer: { to, amount: 10n ** 18n } })),
      ),
    );
    if (txs.length < 1_000 && i + 16 < all.length) continue;
    await decide(machine, txs, 0);
    txs = [];
  }
}

async function transfers(first: number): Promise<Uint8Array[]> {
  const txs: Uint8Array[] = [];
  for (let i = first; i < first + BLOCK; i++) {
    const nonce = nonces.get(i) ?? 0;
    const to = addresses[hash('sha256', `${height} ${i}`, 'buffer').readUInt32BE(0) % TOUCHED] ?? NOTHING;
    const raw = await signed(senders[i] ?? bank, nonce, [{ transfer: { to, amount: 1n } }]);
    if (i % FALSE_EVERY === 0) raw[raw.length - 1] = (raw.at(-1) ?? 0) ^ 1;
    else nonces.set(i, nonce + 1);
    txs.push(raw);
  }
  return txs;
}

/** Transactions a second, all senders once in each sample. */
async function rates(dir: string, verifyEd25519: VerifyEd25519, rounds: number, { checked = false } = {}): Promise<number[]> {
  const machine = await StateMachine.open({ dir, verifyEd25519 });
  const samples: number[] = [];
  // the first is not counted: it reads the state from the disk, and meets code that is not compiled
  for (let round = -1; round < rounds; round++) {
    let took = 0;
    for (let first = 0; first < TOUCHED; first += BLOCK) {
      const txs = await transfers(first);
      if (checked) for (const tx of txs) await machine.checkTx({ tx, type: 'new' });
      took += await decide(machine, txs, BLOCK / FALSE_EVERY);
    }
    if (round >= 0) samples.push(TOUCHED / (took / 1_000));
  }
  await machine.close();
  return samples;
}

async function finalize(dir: string): Promise<void> {
  const quick = new BlockVerifier();
  const machine = await StateMachine.open({ dir, verifyEd25519: quick.verify });
  await machine.initChain(genesis.initChain);
  await fund(machine);
  await machine.close();
  console.log(`verifier: ${quick.native.name}`);
  const cold = await rates(dir, quick.verify, ROUNDS);
  const cached = await rates(dir, quick.verify, ROUNDS, { checked: true });
  await quick.close();
  process.env.PERIGEE_SODIUM = 'none'; // which threads that start from here on go by
  const node = new BlockVerifier({ native: nodeEd25519() });
  const byNode = await rates(dir, node.verify, 3);
  await node.close();
  const byNoble = await rates(dir, nobleEd25519, 1);
  report('chain.finalize_cold_tps', 'tx/s', cold, { budget: 15_000 });
  report('chain.finalize_cached_tps', 'tx/s', cached, { budget: 40_000 });
  report('chain.finalize_cold_node_crypto_tps', 'tx/s', byNode);
  report('chain.finalize_cold_noble_tps', 'tx/s', byNoble);
}

async function proofs(dir: string): Promise<void> {
  const state = await AuthenticatedState.open(dir, Object.values(STORE));
  const keys = Array.from({ length: PROOF_KEYS }, (_, i) => accountKey(randomAddress(`key ${i}`)));
  const value = Account.encode({ balance: 10n ** 18n, nonces: [{ lane: 0, next: 7 }] });
  for (let block = 1; block <= 10; block++) {
    const view = new StateView(state);
    for (let i = block - 1; i < keys.length; i += 10) view.set(STORE.account, keys[i] ?? NOTHING, value);
    await state.commit(state.prepare(block, view));
  }
  const { appHash } = state.latest ?? { appHash: NOTHING };
  const sizes: number[] = [];
  const times: number[] = [];
  for (let i = 0; i < PROOFS; i++) {
    const key = keys[hash('sha256', `proof ${i}`, 'buffer').readUInt32BE(0) % keys.length] ?? NOTHING;
    const bytes = StateProof.encode(state.prove(STORE.account, key));
    const start = performance.now();
    verifyStateProof(StateProof.decodeCanonical(bytes), { appHash, store: STORE.account, key });
    times.push(performance.now() - start);
    sizes.push(bytes.length - key.length - value.length);
  }
  await state.close();
  report('chain.proof_bytes_300k', 'bytes', sizes, { budget: 1_332 });
  report('chain.proof_verify_ms', 'ms', times, { budget: 0.3 });
}

const dir = await mkdtemp(join(tmpdir(), 'perigee-bench-'));
try {
  await finalize(join(dir, 'chain'));
  await proofs(join(dir, 'proofs'));
} finally {
  await rm(dir, { recursive: true });
}
