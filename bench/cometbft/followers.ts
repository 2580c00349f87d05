/** Light clients: the light node over libp2p, of our network, and the client of any CometBFT chain over RPC. */
import { bestEd25519 } from '../../packages/light-core/src/signature/index.ts';
import { createHost, open, txProtocol } from '../../packages/net/src/index.ts';
import { createLightClient, RpcNode, systemClock } from '../../packages/sampler/src/comet/index.ts';
import { createLightNode } from '../../packages/sampler/src/index.ts';
import { fromHex } from '../../packages/wire/src/index.ts';
import { ask } from '../../tests/cometbft/network.ts';
import { type Follower, now } from './finality.ts';

/** Between questions for the latest header, milliseconds: RPC tells nobody by itself. */
const POLL_MS = 10;

/** @param trustRoot text of the chain file @param multiaddr of the node that transactions are handed to */
export async function lightNodeFollower(trustRoot: string, multiaddr: string): Promise<Follower> {
  const host = await createHost({ allowPrivate: true });
  const node = createLightNode({ trustRoot, host, follow: false });
  await node.start();
  const verified: { height: number; atMs: number }[] = [];
  const stopListening = node.chain.onHead(({ height }) => verified.push({ height, atMs: now() }));
  const [, peerId = ''] = multiaddr.split('/p2p/');
  const client = open(host, { peerId, multiaddrs: [multiaddr] }, txProtocol);
  while (verified.length === 0) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  return {
    verified,
    async submit(tx) {
      const { code, log } = await client.callOne({ submit: tx, wait: false });
      if (code !== 0) throw new Error(`a transaction was refused: ${log}`);
    },
    async stop() {
      stopListening();
      await node.stop();
      await host.stop();
    },
  };
}

export async function rpcFollower(chainId: string, [primary = '', witness = '']: readonly string[]): Promise<Follower> {
  const first = await ask<{ signed_header: { commit: { block_id: { hash: string } } } }>({ rpc: primary }, 'commit', {
    height: '1',
  });
  const client = await createLightClient({
    chainId,
    checkpoints: [{ height: 1, headerHash: fromHex(first.signed_header.commit.block_id.hash.toLowerCase(), 32) }],
    primary: new RpcNode({ url: primary }),
    witnesses: [new RpcNode({ url: witness })],
    clock: systemClock,
    verifyEd25519: bestEd25519(globalThis.crypto.subtle),
  });
  const verified: { height: number; atMs: number }[] = [];
  let stopped = false;
  const following = (async () => {
    while (!stopped) {
      const { header } = await client.update();
      if (header.height > (verified.at(-1)?.height ?? 0)) verified.push({ height: header.height, atMs: now() });
      else await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  })();
  return {
    verified,
    async submit(tx) {
      const params = { tx: Buffer.from(tx).toString('base64') };
      const { code } = await ask<{ code: number }>({ rpc: primary }, 'broadcast_tx_sync', params);
      if (code !== 0) throw new Error(`a transaction was refused with code ${code}`);
    },
    async stop() {
      stopped = true;
      await following;
    },
  };
}
