import { parseTrustRoot } from '@perigee/light-core/comet';
import { createHost, type Host } from '@perigee/net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { conflictingHeader, forgedCommit, secondHeader } from '../../../../tests/kit/adversaries/headers.ts';
import { startChainLiar } from '../../../../tests/kit/adversaries/liar.ts';
import { codeOfPromise } from '../../../../tests/kit/code-of.ts';
import { bestEd25519, createLightClient, type LightClient, systemClock } from '../../src/comet/index.ts';
import { PeerNode } from '../../src/comet/peer-node.ts';
import { networkOfFile, withLiar } from '../light.ts';

const file = networkOfFile({ members: 1, chainHosts: 3 });

/** A light client of the network's chain, from its trust root on, over libp2p alone. */
async function follow(primary: Host, ...witnesses: Host[]): Promise<LightClient> {
  const { network } = file;
  const { chainId, height, headerHash } = parseTrustRoot(network.trustRoot());
  const host = await createHost({ allowPrivate: true });
  onTestFinished(() => host.stop());
  const nodeOf = (peer: Host) => new PeerNode(host, { peerId: peer.peerId, multiaddrs: peer.multiaddrs().map(String) });
  return createLightClient({
    chainId,
    checkpoints: [{ height, headerHash }],
    primary: nodeOf(primary),
    witnesses: witnesses.map(nodeOf),
    clock: systemClock,
    verifyEd25519: bestEd25519(crypto.subtle),
  });
}

describe('peers of our own network as providers', () => {
  it('are followed to their head, forward and back', async () => {
    const { network } = file;
    const [first, second] = network.chainHosts as [Host, Host];
    await network.untilHeight(9);
    const client = await follow(first, second);
    expect((await client.verifyToHeight(7)).headerHash).toEqual(hashAt(7));
    expect((await client.update()).header.height).toBeGreaterThanOrEqual(8);
    expect((await client.verifyToHeight(5)).headerHash).toEqual(hashAt(5));
    expect(await codeOfPromise(client.verifyToHeight(1_000_000))).toBe('NOT_FOUND');
  });

  it('of whom one forges are left, and one with too little power behind it convinces nobody', async () => {
    const { network } = file;
    const [first, second] = network.chainHosts as [Host, Host];
    await network.untilHeight(9);
    for (const lie of [forgedCommit, conflictingHeader(network)]) {
      const liar = await withLiar(startChainLiar(network, { headers: lie }));
      const client = await follow(liar.host, first, second);
      expect((await client.verifyToHeight(8)).headerHash).toEqual(hashAt(8));
      expect(client.providers.primary).toBe(first.peerId);
    }
  });

  it('of whom one has another header that the validators have signed end the client', async () => {
    const { network } = file;
    await network.untilHeight(9);
    const liar = await withLiar(startChainLiar(network, { headers: secondHeader(network) }));
    const client = await follow(liar.host, network.chainHost);
    expect(await codeOfPromise(client.verifyToHeight(8))).toBe('CONFLICTING_HEADERS');
    expect(client.attack?.againstPrimary.byzantine.length).toBeGreaterThan(0);
    // our network has no protocol for evidence; it is in the report
    expect(client.attack?.againstPrimary.refused?.code).toBe('UNSUPPORTED');
  });
});

function hashAt(height: number): Uint8Array {
  const commit = file.network.chain.lightBlock(height).block.signedHeader?.commit;
  return commit?.blockId.hash ?? expect.unreachable();
}
