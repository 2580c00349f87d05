/** Transactions of every kind, scheme and fault. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { assembleCertificate, blobGeometry, type CanonicalCommittee, certificateSignBytes } from '@perigee/light-core/da';
import { encodeStreamData, tagsOf } from '@perigee/light-core/kv';
import { FLOW_ADDRESS, SYSTEM_ADDRESS } from '@perigee/light-core/state';
import { fileGeometry, fileTreeOf, nobleFileHash, submissionOf } from '@perigee/light-core/storage';
import { secp256k1Signer, signTx, signTypedTx, type TxDraft } from '@perigee/light-core/tx';
import {
  blobIdOf,
  type Certificate,
  concat,
  ed25519Address,
  equal,
  type KvSet,
  MESSAGE_KIND,
  type StorageSubmit,
  type TxMessage,
  toHex,
  u64be,
  utf8,
} from '@perigee/wire';
import { Transaction } from 'micro-eth-signer';
import { createRandom, type Random } from '../../../../tests/kit/random.ts';
import { randomWrite } from '../../../light-core/test/kv/random-writes.ts';
import {
  ACTORS,
  type Actor,
  committeeKeyOf,
  ETHEREUM_CHAIN,
  ed25519Of,
  genesis,
  secretOf,
  TOKEN,
  validatorKeyOf,
} from './actors.ts';

/** What a transaction is made against: the state as it was after the block before. */
export interface Before {
  readonly height: number;
  /** Of files and writes, so far. */
  readonly submissions: number;
  /** Next nonce of an account's lane, counting those of this block. */
  nonce(address: Uint8Array, lane: number): number;
  /** Of an epoch that is or was. */
  readonly committees: readonly { readonly epoch: number; readonly committee: CanonicalCommittee }[];
}

const NAMES = [...new Set(ACTORS.map(({ name }) => name))];
const SESSION_KINDS = [
  MESSAGE_KIND.certify,
  MESSAGE_KIND.transfer,
  MESSAGE_KIND.stake,
  MESSAGE_KIND.unstake,
  MESSAGE_KIND.storageSubmit,
  MESSAGE_KIND.kvSet,
  MESSAGE_KIND.kvApply,
];
const sessionOf = ({ name }: Actor, n: number) => ed25519Of(`session ${n} of ${name}`);
const blobHash = (random: Random) => random.bytes(32);

async function certificate(random: Random, { committees, height }: Before): Promise<Certificate | undefined> {
  if (committees.length === 0) return undefined;
  const { epoch, committee } = random.pick(committees);
  const length = random.between(1, 100_000);
  const terms = {
    blobId: blobIdOf(blobHash(random)),
    ...blobGeometry(length, 4),
    length,
    namespace: random.bytes(random.between(1, 3)),
    quorum: 0,
    persist: false,
    expiryHeight: height + random.between(0, 20),
    rowRoot: blobHash(random),
    publisher: random.pick(ACTORS).address,
    promiseId: blobHash(random),
    epoch,
    committeeHash: committee.hash,
  };
  const bytes = certificateSignBytes(terms, genesis.genesisHash);
  const signatures = new Map<number, Uint8Array>();
  for (const name of NAMES) {
    const place = committee.members.findIndex(({ address }) => equal(address, ed25519Address(committeeKeyOf(name))));
    if (place >= 0 && random.chance(0.95)) signatures.set(place, await ed25519Of(`committee ${name}`).sign(bytes));
  }
  if (signatures.size === 0) return undefined;
  return assembleCertificate(terms, committee, signatures);
}

/** Files that are writes to streams, whose data somebody brings: few, so that it is now and then that of one of the last submissions. */
const STREAM_FILES = [1, 2].map((seed) => {
  const { streams, data } = randomWrite(createRandom(seed), 1);
  const bytes = encodeStreamData(data);
  return { bytes, submission: submissionOf(fileTreeOf(bytes, nobleFileHash), tagsOf(streams)) };
});

/** A file of which there are few, so that some come again; now and then one that cannot be, or pays too little. */
function submission(random: Random): StorageSubmit {
  const length = random.pick([1, 300, 5_000, 300_000, 1_000_000]);
  const root = new Uint8Array(32).fill(random.below(3));
  const nodes = fileGeometry(length).nodes.map((chunks) => ({ root, height: Math.log2(chunks) }));
  const tags = random.chance(0.2) ? random.bytes(random.below(70)) : new Uint8Array(0);
  return { length: random.chance(0.9) ? length : length + 100_000, nodes, tags, value: random.pick([0n, 60n, 1_000_000n]) };
}

/** To a few streams, so that writes meet; now and then one that cannot be read, or names no stream. */
function streamWrite(random: Random, { height }: Before): KvSet {
  const { streams, data } = randomWrite(random, height);
  const bytes = encodeStreamData(data);
  return { streams: random.chance(0.9) ? streams : [], data: random.chance(0.9) ? bytes : random.bytes(random.below(60)) };
}

/** As 0G's clients call it: one file, without a submitter. */
function submitCall({ length, nodes, tags }: StorageSubmit): string {
  const padded = new Uint8Array(32 * Math.ceil(tags.length / 32));
  padded.set(tags);
  const head = [32n, BigInt(length), 0x60n, BigInt(0x80 + padded.length), BigInt(tags.length)];
  const body = nodes.flatMap(({ root, height }) => [root, BigInt(height)]);
  return (
    call('submit((uint256,bytes,(bytes32,uint256)[]))', ...head) +
    toHex(concat(padded, word(BigInt(nodes.length)), ...body.map(word)))
  );
}

async function messageOf(random: Random, actor: Actor, before: Before): Promise<TxMessage> {
  const tokens = BigInt(random.between(1, 40)) * (TOKEN / 4n);
  const kinds: readonly (() => TxMessage | Promise<TxMessage>)[] = [
    () => ({ transfer: { to: random.chance(0.1) ? random.bytes(20) : random.pick(ACTORS).address, amount: tokens } }),
    // more than anybody has
    () => ({ transfer: { to: random.pick(ACTORS).address, amount: random.pick([(1n << 128n) - 1n, 1n << 90n, 0n]) } }),
    () => ({
      stake: {
        amount: tokens,
        validatorKey: validatorKeyOf(random.chance(0.9) ? actor.name : random.pick(NAMES)),
        ...(random.chance(0.5) ? { committeeKey: committeeKeyOf(actor.name) } : {}),
      },
    }),
    () => ({ unstake: { amount: tokens } }),
    () => ({
      grantSession: {
        key: sessionOf(actor, random.below(2)).publicKey,
        kinds: SESSION_KINDS.filter(() => random.chance(0.7)),
        cap: random.pick([0n, 1_000_000n, 100n * TOKEN]),
        expiryHeight: before.height + random.below(30),
      },
    }),
    () => ({ revokeSession: { key: sessionOf(actor, random.below(2)).publicKey } }),
    () => ({ storageSubmit: submission(random) }),
    () => ({ storageSubmit: { ...random.pick(STREAM_FILES).submission, value: 1_000_000n } }),
    () => ({ kvSet: streamWrite(random, before) }),
    () => ({ kvApply: { txSeq: Math.max(0, before.submissions - random.between(1, 4)), data: random.pick(STREAM_FILES).bytes } }),
    async () => {
      const given = await certificate(random, before);
      return given === undefined ? { unstake: { amount: 1n } } : { certify: { certificate: given } };
    },
  ];
  return random.pick(kinds)();
}

function word(value: Uint8Array | bigint): Uint8Array {
  const hex = typeof value === 'bigint' ? value.toString(16) : toHex(value);
  return Uint8Array.from(Buffer.from(hex.padStart(64, '0'), 'hex'));
}

function call(signature: string, ...words: readonly (Uint8Array | bigint)[]): string {
  return `0x${toHex(concat(keccak_256(utf8(signature)).subarray(0, 4), ...words.map(word)))}`;
}

/** What an Ethereum wallet sends: bytes that an Ethereum library makes. */
function ethereumTx(random: Random, { name }: Actor, nonce: number): Uint8Array {
  const system = `0x${toHex(SYSTEM_ADDRESS)}`;
  const committee = random.chance(0.5) ? committeeKeyOf(name) : 0n;
  const tokens = BigInt(random.between(1, 40)) * (TOKEN / 4n);
  const session = ed25519Of(`session 0 of ${name}`).publicKey;
  const { to, value, data } = random.pick([
    { to: `0x${toHex(random.pick(ACTORS).address)}`, value: tokens, data: '' },
    { to: system, value: tokens, data: call('stake(bytes32,bytes32)', validatorKeyOf(name), committee) },
    { to: system, value: 0n, data: call('unstake(uint256)', tokens) },
    { to: system, value: 0n, data: call('grantSession(bytes32,uint256,uint256,uint256)', session, 0x66n, TOKEN, 1_000n) },
    { to: system, value: 0n, data: call('revokeSession(bytes32)', session) },
    { to: system, value: 0n, data: '0x01020304' },
    { to: `0x${toHex(FLOW_ADDRESS)}`, value: tokens, data: submitCall(submission(random)) },
  ]);
  const fields = {
    to,
    value,
    data,
    nonce: BigInt(nonce),
    gasLimit: 300_000n,
    chainId: BigInt(random.chance(0.95) ? ETHEREUM_CHAIN : 1),
  };
  const key = `0x${toHex(secretOf(name))}`;
  const signed = random.chance(0.5)
    ? Transaction.prepare({ type: 'legacy', ...fields, gasPrice: 3n }, false).signBy(key, false)
    : Transaction.prepare({ type: 'eip1559', ...fields, maxFeePerGas: 5n, maxPriorityFeePerGas: 1n }, false).signBy(key, false);
  return Uint8Array.from(Buffer.from(signed.toHex().slice(2), 'hex'));
}

/** A transaction that is meant to be good, though the state may be against it. */
async function earnestTx(random: Random, before: Before): Promise<Uint8Array> {
  const actor = random.pick(ACTORS);
  if (actor.scheme === 3) return ethereumTx(random, actor, before.nonce(actor.address, 0));
  const lane = random.pick([0, 0, 0, 1, 7]);
  const messages: TxMessage[] = [];
  for (let count = random.pick([1, 1, 1, 2, 3]); count > 0; count--) messages.push(await messageOf(random, actor, before));
  const draft: TxDraft = {
    lane,
    nonce: before.nonce(actor.address, lane),
    expiryHeight: before.height + random.pick([1, 10, 1_000]),
    gasLimit: 1_000_000,
    maxFee: random.pick([3_000_000n, TOKEN]),
    tip: BigInt(random.below(3)),
    messages,
  };
  if (actor.scheme === 2) {
    return signTypedTx(
      draft,
      { ...chainName, ...(random.chance(0.95) ? {} : { chainId: 'other-00000000' }) },
      secp256k1Signer(secretOf(actor.name)),
    );
  }
  // by the account's own key, or a session key that it may have granted
  const signer = random.chance(0.8) ? ed25519Of(actor.name) : sessionOf(actor, random.below(2));
  return signTx(draft, genesis.genesisHash, signer, actor.address);
}

const chainName = {
  chainId: genesis.initChain.chainId,
  genesisHash: genesis.genesisHash,
  ethereumChainId: ETHEREUM_CHAIN,
};

/** Transactions of one block: most are earnest, the rest is what a hostile proposer could put there. */
export async function randomTxs(random: Random, before: Before): Promise<Uint8Array[]> {
  const txs: Uint8Array[] = [];
  for (let count = random.below(10); count > 0; count--) {
    const tx = await earnestTx(random, before);
    const faults: readonly (() => Uint8Array)[] = [
      () => new Uint8Array(0),
      () => random.bytes(random.between(1, 400)),
      () => tx.subarray(0, random.below(tx.length)),
      () => concat(tx, random.bytes(random.between(1, 9))),
      () => {
        const changed = Uint8Array.from(tx);
        const at = random.below(changed.length);
        changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
        return changed;
      },
      // again, in one block or a later one
      () => txs[random.below(txs.length)] ?? u64be(before.height),
    ];
    txs.push(random.chance(0.75) ? tx : random.pick(faults)());
  }
  return txs;
}
