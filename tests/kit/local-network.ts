/** A whole network in this process, out of the product's own parts: a chain with fast blocks, committee members and a publisher, over loopback TCP. */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ChainNode, createGenesis, type GenesisOptions, headerOf, localState } from '@perigee/chain';
import { serveFaucet, serveHeaders, serveKv, serveState, serveTx, serveTxProof } from '@perigee/chain/serve';
import { type CodecPool, createCodecPool, createPublisher, type PublishedBlob, type PublishRequest } from '@perigee/da';
import { createDaNode, type DaNode, RowStore } from '@perigee/da/node';
import { formatTrustRoot } from '@perigee/light-core/comet';
import { makeCommittee, peerRecordSignBytes } from '@perigee/light-core/da';
import { distinct, encodeStreamData, type KvWrite, LATEST_VERSION } from '@perigee/light-core/kv';
import type { Clock } from '@perigee/light-core/roles';
import { bestEd25519 } from '@perigee/light-core/signature';
import { fileRootKey, STORE, storedFileKey } from '@perigee/light-core/state';
import { type FileTree, submissionOf } from '@perigee/light-core/storage';
import { type Ed25519Signer, signTx } from '@perigee/light-core/tx';
import {
  createHost,
  cryptoRandomBytes,
  faucetProtocol,
  type Host,
  type HostOptions,
  headersProtocol,
  kvProtocol,
  serve,
  serveStatus,
  stateProtocol,
  systemClock,
  txProofProtocol,
  txProtocol,
} from '@perigee/net';
import { Relay } from '@perigee/net/relay';
import { ed25519Address, type PeerRecord, StoredFile, toHex, utf8 } from '@perigee/wire';
import { type FalseTerms, falseCertificate } from './false-certificate.ts';
import { temporaryFolder } from './folder.ts';
import { nativeSigner } from './native-signer.ts';

export { termsOf } from './false-certificate.ts';
export { headerOf };

const LISTEN = { host: '127.0.0.1', tcp: 0 };
/** As many as an account has: later publications use those of earlier ones. */
const LANES = 64;
const STAKE = 100n;
const verifyEd25519 = bestEd25519(globalThis.crypto.subtle);

export interface LocalNetworkOptions {
  /** Committee members, 4 by default. */
  readonly members?: number;
  /** 4 by default, of equal power. */
  readonly validators?: number;
  /** Of the chain; that of the machine by default. */
  readonly clock?: Clock;
  /** Hosts that serve the chain, 1 by default. */
  readonly chainHosts?: number;
  /** Time between blocks that nothing waits for, milliseconds, 200 by default: each costs all who follow the chain. */
  readonly blockMs?: number;
  readonly epochBlocks?: number;
  /** The first host that serves the chain introduces pages to each other. */
  readonly relay?: boolean;
  /** The chain has a faucet, and its hosts serve it. */
  readonly faucet?: boolean;
  /** Prices of gas and of served bytes; nothing costs anything by default. */
  readonly gasPrice?: bigint;
  readonly daPrice?: bigint;
  /** What else its genesis says. */
  readonly genesis?: Partial<Pick<GenesisOptions, 'storage' | 'kv' | 'compute' | 'ethereumChainId'>>;
  /** Accounts that have tokens besides its own. */
  readonly rich?: readonly Uint8Array[];
  /** Of each host, where it shall listen to something else than TCP or tell others of another address. */
  readonly hostOptions?: () => Promise<HostOptions>;
}

export interface LocalMember {
  readonly host: Host;
  readonly signer: Ed25519Signer;
  /** Committee address. */
  readonly address: Uint8Array;
  readonly node: DaNode;
}

export class LocalNetwork {
  readonly chain: ChainNode;
  readonly validators: readonly Ed25519Signer[];
  readonly chainHosts: readonly Host[];
  readonly members: readonly LocalMember[];
  readonly #pool: CodecPool;
  /** Has most of the tokens, and pays for what `publish` publishes in lane 0. */
  readonly account: Ed25519Signer;
  readonly #records = new Map<LocalMember, PeerRecord>();
  readonly #stops: (() => Promise<void>)[];
  /** Where it was asked for. */
  relay: Relay | undefined;
  #lane = 0;
  #kvNonce: { readonly lane: number; readonly nonce: number } | undefined;
  #publishing: Promise<Host> | undefined;

  /** @internal */
  constructor(parts: {
    chain: ChainNode;
    validators: readonly Ed25519Signer[];
    chainHosts: readonly Host[];
    members: readonly LocalMember[];
    pool: CodecPool;
    account: Ed25519Signer;
    stops: (() => Promise<void>)[];
  }) {
    this.chain = parts.chain;
    this.validators = parts.validators;
    this.chainHosts = parts.chainHosts;
    this.members = parts.members;
    this.#pool = parts.pool;
    this.account = parts.account;
    this.#stops = parts.stops;
  }

  get genesisHash(): Uint8Array {
    return this.chain.genesis.genesisHash;
  }

  /** Address of the account that publishes. */
  get publisher(): Uint8Array {
    return ed25519Address(this.account.publicKey);
  }

  /** The first host that serves the chain. */
  get chainHost(): Host {
    const [host] = this.chainHosts;
    if (host === undefined) throw new Error('this network has no host that serves the chain');
    return host;
  }

  member(place: number): LocalMember {
    const member = this.members[place];
    if (member === undefined) throw new Error(`this network has no member ${place}`);
    return member;
  }

  /** Text of a trust root with the first header; by default it names every honest host. */
  trustRoot(hosts: readonly Host[] = [...this.chainHosts, ...this.members.map(({ host }) => host)]): string {
    const { height } = { height: this.chain.earliest };
    return formatTrustRoot({
      chainId: this.chain.chainId,
      genesisHash: this.genesisHash,
      height,
      headerHash: hashOf(this.chain, height),
      time: headerOf(this.chain, height).time,
      peers: hosts.flatMap(addressesOf),
    });
  }

  /** What every host's status says of the committee. */
  async records(): Promise<PeerRecord[]> {
    const records = this.members.map((member) => this.#records.get(member) ?? member.node.peerRecord());
    return (await Promise.all(records)).filter((record) => record !== undefined);
  }

  /** From now on statuses say that a member is to be found at another host; the member signs it. */
  async move(member: LocalMember, host: Host): Promise<void> {
    const own = await member.node.peerRecord();
    if (own === undefined) throw new Error('this member has no record');
    const body = { ...own.body, peerId: host.peerId, multiaddrs: host.multiaddrs(), sequence: own.body.sequence + 3_600_000 };
    this.#records.set(member, { body, signature: await member.signer.sign(peerRecordSignBytes(body)) });
  }

  /** Every member is at its own host again. */
  moveBack(): void {
    this.#records.clear();
  }

  /** Publishes the way everyone does. @param data or how many random bytes */
  async publish(
    data: Uint8Array | number = 20_000,
    retentionBlocks = 10_000,
    policy: Partial<Pick<PublishRequest, 'namespace' | 'redundancy' | 'quorum' | 'persist' | 'onProgress'>> = {},
  ): Promise<PublishedBlob & { readonly key: string }> {
    const publisher = createPublisher({
      host: await this.#publishingHost(),
      state: localState(this.chain),
      tx: this.chain,
      signer: this.account,
      pool: this.#pool,
      clock: systemClock,
      random: cryptoRandomBytes,
      verifyEd25519,
      peerOf: (address) => {
        const member = this.members.find((each) => toHex(each.address) === toHex(address));
        return member && { peerId: member.host.peerId, multiaddrs: member.host.multiaddrs() };
      },
      lane: this.#lane++ % LANES,
    });
    const published = await publisher.publish({
      data: typeof data === 'number' ? randomBytes(data) : data,
      namespace: utf8('test'),
      retentionBlocks,
      ...policy,
    });
    return { ...published, key: toHex(published.blobId) };
  }

  /** One for all that is published, with its connections. */
  #publishingHost(): Promise<Host> {
    if (this.#publishing === undefined) {
      const host = createHost({ allowPrivate: true });
      this.#publishing = host;
      this.#stops.unshift(async () => (await host).stop());
    }
    return this.#publishing;
  }

  /** Has the members sign what they never checked, and the chain record it. @returns id in hexadecimal */
  async certify(terms: FalseTerms): Promise<string> {
    const committee = makeCommittee(
      this.members.map(({ address, signer }) => ({ address, publicKey: signer.publicKey, stake: STAKE })),
    );
    const certificate = await falseCertificate(terms, {
      committee,
      epoch: 0,
      expiryHeight: this.chain.latest().height + 10_000,
      genesisHash: this.genesisHash,
      publisher: this.publisher,
      signers: this.members.map(({ signer }) => signer),
    });
    const draft = { lane: this.#lane++, nonce: 0, expiryHeight: 1_000, gasLimit: 1_000_000, maxFee: 0n, tip: 0n };
    const raw = await signTx({ ...draft, messages: [{ certify: { certificate } }] }, this.genesisHash, this.account);
    const outcome = await this.chain.submit(raw);
    if (outcome.code !== 0) throw new Error(`the chain refused the certificate: ${outcome.log}`);
    await this.untilHeight(outcome.height + 1); // only then can the record be proved
    return toHex(terms.blobId);
  }

  /** Submits a file, and waits until the state proves it. @returns what the state holds of it */
  async submitFile(tree: FileTree, tags: Uint8Array = new Uint8Array(0)): Promise<StoredFile> {
    const submission = submissionOf(tree, tags);
    const draft = { lane: this.#lane++, nonce: 0, expiryHeight: this.chain.latest().height + 1_000, gasLimit: 1_000_000 };
    const messages = [{ storageSubmit: { ...submission, value: 10n ** 15n } }];
    const raw = await signTx({ ...draft, maxFee: 10n ** 9n, tip: 0n, messages }, this.genesisHash, this.account);
    const outcome = await this.chain.submit(raw);
    if (outcome.code !== 0) throw new Error(`the chain refused the file: ${outcome.log}`);
    await this.untilHeight(outcome.height + 1);
    const number = await localState(this.chain).get(STORE.storage, fileRootKey(tree.root));
    const txSeq = Number(new DataView((number ?? new Uint8Array(8)).slice().buffer).getBigUint64(0));
    const file = await localState(this.chain).get(STORE.storage, storedFileKey(txSeq));
    if (file === undefined) throw new Error('the state does not hold the file');
    return StoredFile.decode(file);
  }

  /** Writes to streams, and waits until the state proves it. @returns height of the block */
  async writeStreams(writes: readonly KvWrite[]): Promise<number> {
    const streams = distinct(writes.map(({ stream }) => stream));
    const data = encodeStreamData({ version: LATEST_VERSION, reads: [], writes, controls: [] });
    this.#kvNonce ??= { lane: this.#lane++, nonce: 0 };
    const draft = { ...this.#kvNonce, expiryHeight: this.chain.latest().height + 1_000, gasLimit: 10_000_000 };
    this.#kvNonce = { ...this.#kvNonce, nonce: this.#kvNonce.nonce + 1 };
    const messages = [{ kvSet: { streams, data } }];
    const raw = await signTx({ ...draft, maxFee: 10n ** 9n, tip: 0n, messages }, this.genesisHash, this.account);
    const outcome = await this.chain.submit(raw);
    if (outcome.code !== 0) throw new Error(`the chain refused the write: ${outcome.log}`);
    await this.untilHeight(outcome.height + 1);
    return outcome.height;
  }

  /** Resolves when the chain has this header. */
  untilHeight(height: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.chain.latest().height < height) return;
        stop();
        resolve();
      };
      const stop = this.chain.onBlock(look);
      look();
    });
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) await stop();
  }
}

/** @returns the network when it makes blocks and everyone can be dialled */
export async function startLocalNetwork(options: LocalNetworkOptions = {}): Promise<LocalNetwork> {
  const { members: memberCount = 4, chainHosts: hostCount = 1, blockMs = 200, faucet: hasFaucet = false } = options;
  const { validators: validatorCount = 4, clock = systemClock } = options;
  const {
    epochBlocks,
    gasPrice = 0n,
    daPrice = 0n,
    genesis: more = {},
    rich: others = [],
    hostOptions = async () => ({ listen: LISTEN }),
  } = options;
  const dir = temporaryFolder('network');
  const validators = Array.from({ length: validatorCount }, (_, i) => signerOf(`validator ${i}`));
  const memberKeys = Array.from({ length: memberCount }, (_, i) => signerOf(`member ${i}`));
  const account = signerOf('account');
  const faucet = signerOf('faucet');
  const own = [account, ...(hasFaucet ? [faucet] : [])].map(({ publicKey }) => ed25519Address(publicKey));
  const genesis = createGenesis({
    name: 'local',
    time: clock.now(),
    validators: validators.map(({ publicKey }) => ({ publicKey, power: 10 })),
    committee: memberKeys.map(({ publicKey }) => ({ address: ed25519Address(publicKey), publicKey, stake: STAKE })),
    accounts: [...own, ...others].map((address) => ({ address, balance: 10n ** 18n })),
    development: true,
    gasPrice,
    daPrice,
    ...(epochBlocks === undefined ? {} : { epochBlocks }),
    ...more,
    ...(hasFaucet ? { faucet: ed25519Address(faucet.publicKey) } : {}),
  });
  const chain = await ChainNode.open({
    dir: join(dir, 'chain'),
    genesis,
    signers: validators,
    clock,
    blockIntervalMs: blockMs,
  });
  chain.run().catch((error) => console.error('the chain of a test network ended', error));
  const state = localState(chain);
  const pool = createCodecPool(1);
  const stops: (() => Promise<void>)[] = [() => pool.close(), () => chain.close()];
  const host = async (): Promise<Host> => {
    const made = await createHost({ ...(await hostOptions()), allowPrivate: true });
    stops.unshift(() => made.stop());
    return made;
  };
  const members = await Promise.all(
    memberKeys.map(async (signer, i): Promise<LocalMember> => {
      const store = await RowStore.open({ dir: join(dir, `member-${i}`), budgetBytes: 2 ** 30 });
      stops.unshift(() => store.close());
      const own = await host();
      const node = await createDaNode({ host: own, state, signer, store, pool, clock: systemClock, verifyEd25519 });
      stops.unshift(() => node.stop());
      return { host: own, signer, address: node.address, node };
    }),
  );
  const chainHosts = await Promise.all(Array.from({ length: hostCount }, host));
  const network = new LocalNetwork({ chain, validators, chainHosts, members, pool, account, stops });
  await Promise.all([
    ...chainHosts.flatMap((own) => [
      serve(own, headersProtocol, serveHeaders(chain)),
      serve(own, stateProtocol, serveState(chain)),
      serve(own, txProtocol, serveTx(chain)),
      serve(own, txProofProtocol, serveTxProof(chain)),
      ...(more.kv === undefined ? [] : [serve(own, kvProtocol, serveKv(chain))]),
      ...(hasFaucet ? [serve(own, faucetProtocol, serveFaucet({ chain, signer: faucet, clock: systemClock }))] : []),
      serveLocalStatus(own, network, [
        'chain',
        ...(hasFaucet ? ['faucet'] : []),
        ...(options.relay === true && own === chainHosts[0] ? ['relay'] : []),
      ]),
    ]),
    ...members.map((member) => serveLocalStatus(member.host, network, ['da'])),
  ]);
  if (options.relay === true) {
    const relay = await Relay.start(network.chainHost, network.genesisHash);
    stops.unshift(() => relay.stop());
    network.relay = relay;
  }
  await network.untilHeight(3);
  return network;
}

/** Addresses of a host as a trust root names them. */
function addressesOf(host: Host): string[] {
  return host.multiaddrs().map((address) => `${address}/p2p/${host.peerId}`);
}

function signerOf(name: string): Ed25519Signer {
  return nativeSigner(createHash('sha256').update(`local network, ${name}`).digest());
}

function hashOf(chain: ChainNode, height: number): Uint8Array {
  const commit = chain.lightBlock(height).block.signedHeader?.commit;
  if (commit === undefined) throw new Error(`the chain has no header ${height}`);
  return commit.blockId.hash;
}

function serveLocalStatus(host: Host, network: LocalNetwork, roles: readonly string[]): Promise<() => Promise<void>> {
  const { chain } = network;
  return serveStatus(host, {
    chainId: chain.chainId,
    genesisHash: network.genesisHash,
    roles,
    head: () => chain.latest(),
    earliest: () => (roles.includes('chain') ? chain.earliest : 0),
    recentBlobs: () => (roles.includes('chain') ? chain.recentBlobs() : []),
    peers: () => network.records(),
    onHead: (listener) => chain.onBlock(listener),
  });
}
