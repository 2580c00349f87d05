/**
 * A committee member with one fault, as a process runs it: an honest node on a host of its own, and before it the host that others see, which
 * passes everything on but for its lies. The member's signed record names that one.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PeerDirectory } from '@perigee/da/node';
import { parseTrustRoot } from '@perigee/light-core/comet';
import { ChainView, peerRecordSignBytes } from '@perigee/light-core/da';
import { bestEd25519 } from '@perigee/light-core/signature';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import {
  createHost,
  type Host,
  headersProtocol,
  type KnownPeer,
  open,
  serveStatus,
  statusProtocol,
  systemClock,
} from '@perigee/net';
import { fromHex, type PeerRecord, type Status, type StatusRequest } from '@perigee/wire';
import { startDaRole } from '../../../apps/node/src/roles/da-role.ts';
import { startFollower } from '../../../apps/node/src/roles/follower.ts';
import { startLocalNetwork } from '../local-network.ts';
import { nativeSigner } from '../native-signer.ts';
import { certifyWrongCoding } from './coding.ts';
import { type Fault, liesOf, rolesOf } from './faults.ts';
import { eachAnswer, type Lies, serveLies, startChainLiar } from './liar.ts';

const BUDGET_BYTES = 2 ** 30;
const LOOK_AGAIN_MS = 50;

export interface AdversaryOptions {
  /** Of a node of a devnet: its member's key, its identity and its rows are this adversary's. */
  readonly home: string;
  /** Path of the trust root. The first peer that it names has the chain. */
  readonly chain: string;
  readonly fault: Fault;
  /** Peer ids of others of its kind. */
  readonly friends: readonly string[];
}

/** What an adversary says when it is there. */
export interface AdversaryReady {
  readonly peerId: string;
  /** Ending in `/p2p/<peer id>`. */
  readonly multiaddrs: readonly string[];
  /** What `wrongCoding` has certified, hexadecimal. */
  readonly blobId?: string;
}

export interface Adversary {
  readonly ready: AdversaryReady;
  stop(): Promise<void>;
}

export async function startAdversary(options: AdversaryOptions): Promise<Adversary> {
  return options.fault.kind === 'ownGenesis' ? startPretender(options) : startMember(options);
}

async function startMember({ home, chain, fault, friends }: AdversaryOptions): Promise<Adversary> {
  const trustRoot = readFileSync(chain, 'utf8');
  const target = firstPeer(parseTrustRoot(trustRoot).peers);
  const listen = { host: '127.0.0.1', tcp: 0 };
  const inner = await createHost({ listen, allowPrivate: true });
  const outer = await createHost({
    directory: join(home, 'net'),
    listen: { ...listen, websocket: 0, webrtcDirect: 0 },
    allowPrivate: true,
  });
  const source = await startFollower(inner, { trustRoot, allowPrivate: true }, new AbortController().signal);
  const { state } = source;
  const verifyEd25519 = bestEd25519(crypto.subtle);
  const signer = nativeSigner(fromHex(readFileSync(join(home, 'member.key'), 'utf8').trim(), 32));
  const onFault = (error: Error): void => console.error(error);
  const da = await startDaRole({ host: inner, home, state, signer, verifyEd25519, budgetBytes: BUDGET_BYTES, onFault });
  const own = async (): Promise<PeerRecord | undefined> => signedFor(outer, await da.node.peerRecord(), signer);
  const directory = new PeerDirectory({ host: inner, state, clock: systemClock, verifyEd25519, own });
  await serveStatus(inner, {
    chainId: source.chainId,
    genesisHash: source.genesisHash,
    roles: rolesOf(fault),
    head: () => state.head(),
    earliest: () => 1,
    recentBlobs: () => [],
    peers: () => directory.records(),
    onHead: (listener) => state.onHead(listener),
  });

  const oldHash = fault.kind === 'oldHead' ? await headerHashAt(inner, target, fault.height) : new Uint8Array(32);
  const lies: Lies = liesOf(fault, oldHash, (peerId) => peerId === outer.peerId || friends.includes(peerId));
  const member = { peerId: inner.peerId, multiaddrs: inner.multiaddrs() };
  let blob: { readonly key: string; readonly lies: Lies } | undefined;
  if (fault.kind === 'wrongCoding') {
    const account = nativeSigner(fromHex(readFileSync(fault.accountKey, 'utf8').trim(), 32));
    blob = await certifyWrongCoding({
      host: inner,
      target,
      chain: new ChainView(state),
      signer,
      account,
      redundancy: fault.redundancy,
    });
  }
  await serveLies(outer, { member, chain: target }, { ...lies, ...blob?.lies });
  await untilKnown(outer, target);
  return {
    ready: { peerId: outer.peerId, multiaddrs: addressesOf(outer), ...(blob && { blobId: blob.key }) },
    async stop() {
      await outer.stop();
      directory.stop();
      await da.stop();
      await source.stop();
      await inner.stop();
    },
  };
}

/** A whole chain of its own, shown under the name of the other. */
async function startPretender({ chain }: AdversaryOptions): Promise<Adversary> {
  const { chainId, genesisHash } = parseTrustRoot(readFileSync(chain, 'utf8'));
  const network = await startLocalNetwork({ members: 1 });
  const status = eachAnswer<StatusRequest, Status>((answer) => ({ ...answer, chainId, genesisHash, peers: [] }));
  const liar = await startChainLiar(network, { status }, { host: '127.0.0.1', tcp: 0, websocket: 0 });
  return {
    ready: { peerId: liar.host.peerId, multiaddrs: addressesOf(liar.host) },
    async stop() {
      await liar.stop();
      await network.stop();
    },
  };
}

/** The member's record, for another host than the one that it was made for. */
async function signedFor(host: Host, record: PeerRecord | undefined, signer: Ed25519Signer): Promise<PeerRecord | undefined> {
  if (record === undefined) return undefined;
  const body = { ...record.body, peerId: host.peerId, multiaddrs: host.multiaddrs() };
  return { body, signature: await signer.sign(peerRecordSignBytes(body)) };
}

async function headerHashAt(host: Host, target: KnownPeer, height: number): Promise<Uint8Array> {
  for await (const { block } of open(host, target, headersProtocol).call({ height, count: 1 })) {
    const hash = block.signedHeader?.commit?.blockId.hash;
    if (hash !== undefined) return hash;
  }
  throw new Error(`the chain has no header ${height}`);
}

/** Waits until the node with the chain tells others where this host is. It asks by itself: the follower's stream is taken by those who watch. */
async function untilKnown(host: Host, target: KnownPeer): Promise<void> {
  const wanted = host.multiaddrs().join();
  for (;;) {
    const { peers } = await open(host, target, statusProtocol).callOne({ watch: false });
    if (peers.some(({ body }) => body.multiaddrs.join() === wanted)) return;
    await systemClock.sleep(LOOK_AGAIN_MS);
  }
}

function firstPeer(addresses: readonly string[]): KnownPeer {
  const [, peerId = ''] = addresses[0]?.split('/p2p/') ?? [];
  const suffix = `/p2p/${peerId}`;
  const multiaddrs = addresses.filter((one) => one.endsWith(suffix)).map((one) => one.slice(0, -suffix.length));
  return { peerId, multiaddrs };
}

function addressesOf(host: Host): string[] {
  return host.multiaddrs().map((address) => `${address}/p2p/${host.peerId}`);
}
