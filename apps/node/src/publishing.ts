import { availableParallelism } from 'node:os';
import {
  type CodecPool,
  codecThreads,
  createCodecPool,
  createPublisher,
  type PublishedBlob,
  type Publisher,
  type PublishRequest,
} from '@perigee/da';
import { bestEd25519 } from '@perigee/light-core/signature';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import { createHost, cryptoRandomBytes, type Host, type KnownPeer, limitedSignal, systemClock } from '@perigee/net';
import type { LightNode } from '@perigee/sampler';
import { ed25519Address, toHex } from '@perigee/wire';
import { stateWhere, withLightNode } from './light.ts';
import type { Trust } from './trust.ts';
import { type FundedOptions, funded } from './tx/funded.ts';

/** A member that nobody speaks of for so long is taken to be away, milliseconds. */
const MEMBER_TIMEOUT_MS = 5_000;

export interface PublishingOptions {
  readonly trust: Trust;
  readonly signer: Ed25519Signer;
  /** Lane of the account's nonces: two programs with one key use two. */
  readonly lane?: number;
  /** Told of the peer id under which all this is done. */
  readonly onHost?: (peerId: string) => void;
}

/** Runs `use` with a publisher that sees the chain through a light node of its own. */
export async function withPublisher(
  { trust, signer, lane = 0, onHost = () => {} }: PublishingOptions,
  signal: AbortSignal,
  use: (publisher: Publisher, node: LightNode) => Promise<void>,
): Promise<void> {
  const host = await createHost({ allowPrivate: true });
  onHost(host.peerId);
  const pool = createCodecPool(codecThreads(availableParallelism()));
  try {
    await withLightNode({ ...trust, follow: false, workers: 1, host }, signal, async (node) => {
      await use(publisherOf(node, { host, pool, signer, lane, signal }), node);
    });
  } finally {
    await Promise.all([host.stop(), pool.close()]);
  }
}

interface PublisherParts extends Pick<PublishingOptions, 'signer' | 'lane'> {
  readonly host: Host;
  readonly pool: CodecPool;
  readonly signal: AbortSignal;
}

function publisherOf(node: LightNode, { signal, ...parts }: PublisherParts): Publisher {
  return createPublisher({
    ...parts,
    state: node.chain,
    tx: node.transactions,
    clock: systemClock,
    random: cryptoRandomBytes,
    verifyEd25519: bestEd25519(crypto.subtle),
    peerOf: (address) => memberOf(node, toHex(address), signal),
  });
}

/** Publishes one blob by a light node that is there already; the faucet of a development chain is asked as `funded` does. */
export async function publishOnce(
  request: PublishRequest & { readonly signal: AbortSignal },
  parts: Pick<PublisherParts, 'host' | 'signer'> & Pick<FundedOptions, 'node' | 'output'>,
): Promise<PublishedBlob> {
  const { node, output, ...others } = parts;
  const pool = createCodecPool(1);
  try {
    const publisher = publisherOf(node, { ...others, pool, lane: 0, signal: request.signal });
    const { signal } = request;
    return await funded(() => publisher.publish(request), {
      node,
      address: ed25519Address(parts.signer.publicKey),
      output,
      signal,
    });
  } finally {
    await pool.close();
  }
}

/** Where a member can be reached; nodes that have just started are known a moment later. */
async function memberOf(node: LightNode, address: string, signal: AbortSignal): Promise<KnownPeer | undefined> {
  const soon = limitedSignal(signal, MEMBER_TIMEOUT_MS);
  await stateWhere(node, () => node.members().has(address), soon).catch(() => {}); // not known is an answer too
  return node.members().get(address);
}
