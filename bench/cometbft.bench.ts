import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { signTx } from '../packages/light-core/src/tx/index.ts';
import { ed25519Address } from '../packages/wire/src/index.ts';
import { CometNetwork } from '../tests/cometbft/network.ts';
import { cometbftProgram } from '../tests/kit/cometbft.ts';
import { type Follower, finality, type Stages } from './cometbft/finality.ts';
import { lightNodeFollower, rpcFollower } from './cometbft/followers.ts';
import { KvstoreNetwork } from './cometbft/kvstore.ts';
import { flood, type Throughput } from './cometbft/load.ts';
import { report } from './figure.ts';
import { opensslSigner } from './openssl-signer.ts';

// Four validators on this machine, each a CometBFT: with our nodes as their applications, and with the store that is built in. The two take
// turns, each time from their beginning, with the same configuration and as many transactions of the same length, all of them random.
const VALIDATORS = 4;
const BLOCK_MS = 1_000;
const ROUNDS = 3;
/** Transactions handed in as fast as the nodes take them, and later one after another. */
const FLOOD = 10_000;
const ALONE = 20;
/** Not counted: programs compile, and connections are made. */
const WARM_UP = 2_000;
const KVSTORE = 'CometBFT kvstore';
const KEY_CHARACTERS = 32;
/** Enough for a transaction, and for each transfer in it. A block takes no more transactions than these limits leave room for. */
const GAS_LIMIT = 4_500;
const GAS_LIMIT_TRANSFER = 1_000;
/** Smallest units, times a random number. */
const GIFT = 10n ** 9n;
/** Transfers in one transaction, the most that it takes. */
const PAYEES = 16;

interface Round {
  readonly throughput: Throughput;
  readonly stages: readonly Stages[];
}

/** A network that runs. */
interface Running {
  readonly rpcs: readonly string[];
  readonly follow: () => Promise<Follower>;
}

const senders = Array.from({ length: WARM_UP + FLOOD + ALONE }, (_, i) => opensslSigner(`sender ${i}`));
const addresses = senders.map(({ publicKey }) => ed25519Address(publicKey));
/** Of the genesis, which has no room for all senders: each pays some of them before anything is counted. */
const banks = Array.from({ length: Math.ceil(senders.length / PAYEES) }, (_, i) => opensslSigner(`bank ${i}`));

/** The banks' gifts, and one transfer of each sender. */
async function transfers(genesisHash: Uint8Array): Promise<Uint8Array[]> {
  const pay = (signer: (typeof senders)[number], payees: readonly Uint8Array[], unit: bigint) => {
    const gasLimit = GAS_LIMIT + payees.length * GAS_LIMIT_TRANSFER;
    const draft = { lane: 0, nonce: 0, expiryHeight: 9_000, gasLimit, maxFee: 10n ** 9n, tip: 0n };
    const messages = payees.map((to) => ({ transfer: { to, amount: BigInt(1 + randomInt(2 ** 32)) * unit } }));
    return signTx({ ...draft, messages }, genesisHash, signer);
  };
  const anyone = () => addresses[randomInt(addresses.length)] ?? new Uint8Array(20);
  return Promise.all([
    ...banks.map((bank, i) => pay(bank, addresses.slice(i * PAYEES, (i + 1) * PAYEES), GIFT)),
    ...senders.map((sender) => pay(sender, [anyone()], 1n)),
  ]);
}

/** As many of what the store takes, `key=value`, each as long as a transfer. */
function assignments(like: readonly Uint8Array[]): Uint8Array[] {
  const bytes = like.at(-1)?.length ?? 0;
  return like.map(() => {
    const text = randomBytes(bytes).toString('hex');
    return new TextEncoder().encode(`${text.slice(0, KEY_CHARACTERS)}=${text.slice(KEY_CHARACTERS + 1, bytes)}`);
  });
}

async function ourRound(network: CometNetwork, txs: readonly Uint8Array[]): Promise<Round> {
  try {
    await network.begin();
    const trustRoot = readFileSync(network.chain, 'utf8');
    const [peer = ''] = (JSON.parse(trustRoot) as { peers: string[] }).peers;
    return await measure({ rpcs: network.places.map(({ rpc }) => rpc), follow: () => lightNodeFollower(trustRoot, peer) }, txs);
  } finally {
    await network.stop();
  }
}

async function theirRound(network: KvstoreNetwork, txs: readonly Uint8Array[]): Promise<Round> {
  try {
    await network.begin();
    const { rpcs, genesis } = network;
    return await measure({ rpcs, follow: () => rpcFollower(genesis.initChain.chainId, rpcs) }, txs);
  } finally {
    await network.stop();
  }
}

async function measure({ rpcs, follow }: Running, txs: readonly Uint8Array[]): Promise<Round> {
  const flooded = txs.length - ALONE - FLOOD;
  await flood(rpcs, txs.slice(0, banks.length));
  await flood(rpcs, txs.slice(banks.length, flooded));
  const throughput = await flood(rpcs, txs.slice(flooded, -ALONE));
  const follower = await follow();
  try {
    return { throughput, stages: await finality(rpcs[0] ?? '', follower, txs.slice(-ALONE)) };
  } finally {
    await follower.stop();
  }
}

const program = cometbftProgram();
if (program === undefined) throw new Error('CometBFT was not built: npm run bench builds it where there is Go');
const [ours, theirs]: [Round[], Round[]] = [[], []];
for (let i = 0; i < ROUNDS; i++) {
  const accounts = banks.map(({ publicKey }) => ed25519Address(publicKey));
  const network = new CometNetwork({ validators: VALIDATORS, blockMs: BLOCK_MS, snapshotBlocks: 0, roles: 'chain', accounts });
  const txs = await transfers(network.genesis.genesisHash);
  ours.push(await ourRound(network, txs));
  theirs.push(await theirRound(new KvstoreNetwork({ program, validators: VALIDATORS, blockMs: BLOCK_MS }), assignments(txs)));
  console.log(
    `round ${i + 1}: ${ours.at(-1)?.throughput.tps.toFixed(0)} tx/s, ${KVSTORE} ${theirs.at(-1)?.throughput.tps.toFixed(0)}`,
  );
}

const both = (get: (round: Round) => readonly number[]) =>
  [ours.flatMap(get), { peer: { name: KVSTORE, samples: theirs.flatMap(get) } }] as const;
const stage = (name: keyof Stages) => both(({ stages }) => stages.map((one) => one[name]));
const [whole, beside] = both(({ stages }) => stages.map((one) => Object.values(one).reduce((sum, ms) => sum + ms, 0)));
report('chain.cometbft4_tps', 'tx/s', ...both(({ throughput }) => [throughput.tps]));
report('chain.cometbft4_block_ms', 'ms', ...both(({ throughput }) => throughput.blockMs));
report('chain.finality_p50_ms', 'ms', whole, { budget: 1_000, ...beside });
report('chain.finality_mempool_ms', 'ms', ...stage('mempool'));
report('chain.finality_block_ms', 'ms', ...stage('block'));
report('chain.finality_next_header_ms', 'ms', ...stage('nextHeader'));
report('chain.finality_verified_ms', 'ms', ...stage('verified'));
process.exit(0);
