/** A whole network in this process, out of the product's own parts: a chain with fast blocks, committee members and a publisher, over loopback TCP. */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ChainNode, createGenesis, headerOf, localState } from '@perigee/chain';
import { serveFaucet, serveHeaders, serveState, serveTx, serveTxProof } from '@perigee/chain/serve';
import { type CodecPool, createCodecPool, createPublisher, type PublishedBlob, type PublishRequest } from '@perigee/da';
import { createDaNode, type DaNode, RowStore } from '@perigee/da/node';
import { formatTrustRoot } from '@perigee/light-core/comet';
import { makeCommittee, peerRecordSignBytes } from '@perigee/light-core/da';
import { bestEd25519 } from '@perigee/light-core/signature';
import { type Ed25519Signer, ed25519Signer, signTx } from '@perigee/light-core/tx';
import {
  createHost,
  cryptoRandomBytes,
  faucetProtocol,
  type Host,
  type HostOptions,
  headersProtocol,
  serve,
  serveStatus,
  stateProtocol,
  systemClock,
  txProofProtocol,
  txProtocol,
} from '@perigee/net';
import { ed25519Address, type PeerRecord, toHex, utf8 } from '@perigee/wire';
import { type FalseTerms, falseCertificate } from './false-certificate.ts';
import { temporaryFolder } from './folder.ts';

export { termsOf } from './false-certificate.ts';
export { headerOf };

const LISTEN = { host: '127.0.0.1', tcp: 0 };
const STAKE = 100n;
const verifyEd25519 = bestEd25519(globalThis.crypto.subtle);

export interface LocalNetworkOptions {
  /** Committee members, 4 by default. */
  readonly members?: number;
  /** Hosts that serve the chain, 1 by default. */
  readonly chainHosts?: number;
  /** Time between blocks, milliseconds. */
  readonly blockMs?: number;
  /** The chain has a faucet, and its hosts serve it. */
  readonly faucet?: boolean;
  /** Prices of gas and of served bytes; nothing costs anything by default. */
  readonly gasPrice?: bigint;
  readonly daPrice?: bigint;
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
  #lane = 0;

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
    policy: Pick<PublishRequest, 'redundancy' | 'quorum' | 'persist' | 'onProgress'> = {},
  ): Promise<PublishedBlob & { readonly key: string }> {
    const host = await createHost({ allowPrivate: true });
    try {
      const publisher = createPublisher({
        host,
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
        lane: this.#lane++,
      });
      const published = await publisher.publish({
        data: typeof data === 'number' ? randomBytes(data) : data,
        namespace: utf8('test'),
        retentionBlocks,
        ...policy,
      });
      return { ...published, key: toHex(published.blobId) };
    } finally {
      await host.stop();
    }
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
  const { members: memberCount = 4, chainHosts: hostCount = 1, blockMs = 100, faucet: hasFaucet = false } = options;
  const { gasPrice = 0n, daPrice = 0n, hostOptions = async () => ({ listen: LISTEN }) } = options;
  const dir = temporaryFolder('network');
  const validators = [0, 1, 2, 3].map((i) => signerOf(`validator ${i}`));
  const memberKeys = Array.from({ length: memberCount }, (_, i) => signerOf(`member ${i}`));
  const account = signerOf('account');
  const faucet = signerOf('faucet');
  const rich = [account, ...(hasFaucet ? [faucet] : [])];
  const genesis = createGenesis({
    name: 'local',
    time: Date.now(),
    validators: validators.map(({ publicKey }) => ({ publicKey, power: 10 })),
    committee: memberKeys.map(({ publicKey }) => ({ address: ed25519Address(publicKey), publicKey, stake: STAKE })),
    accounts: rich.map(({ publicKey }) => ({ address: ed25519Address(publicKey), balance: 10n ** 18n })),
    development: true,
    gasPrice,
    daPrice,
    ...(hasFaucet ? { faucet: ed25519Address(faucet.publicKey) } : {}),
  });
  const chain = await ChainNode.open({
    dir: join(dir, 'chain'),
    genesis,
    signers: validators,
    clock: systemClock,
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
      ...(hasFaucet ? [serve(own, faucetProtocol, serveFaucet({ chain, signer: faucet, clock: systemClock }))] : []),
      serveLocalStatus(own, network, hasFaucet ? ['chain', 'faucet'] : ['chain']),
    ]),
    ...members.map((member) => serveLocalStatus(member.host, network, ['da'])),
  ]);
  await network.untilHeight(3);
  return network;
}

/** Addresses of a host as a trust root names them. */
function addressesOf(host: Host): string[] {
  return host.multiaddrs().map((address) => `${address}/p2p/${host.peerId}`);
}

function signerOf(name: string): Ed25519Signer {
  return ed25519Signer(Uint8Array.from(createHash('sha256').update(`local network, ${name}`).digest()));
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
