/** Follows a chain as a light client does. */
import { anchor, unixMs, unverified, type VerifiedLightBlock, verify } from '@perigee/light-core/comet';
import { bestEd25519 } from '@perigee/light-core/signature';
import type { Header } from '@perigee/wire';
import type { ChainNode } from '../src/index.ts';

const verifyEd25519 = bestEd25519(globalThis.crypto.subtle);

export function headerOf(chain: ChainNode, height: number): Header {
  const header = chain.lightBlock(height).block.signedHeader?.header;
  if (header === undefined) throw new Error(`block ${height} has no header`);
  return header;
}

/** Verification options with a clock just after a header. */
export function optionsAt(chain: ChainNode, height: number) {
  return { now: unixMs(headerOf(chain, height).time) + 1_000, verifyEd25519 };
}

/** Trusts the first header by its hash, as the second names it. */
export function trustFirst(chain: ChainNode): Promise<VerifiedLightBlock> {
  const first = headerOf(chain, chain.earliest);
  const root = {
    chainId: chain.chainId,
    genesisHash: chain.genesis.genesisHash,
    height: first.height,
    headerHash: headerOf(chain, first.height + 1).lastBlockId.hash,
    time: first.time,
    peers: [],
  };
  return anchor(root, unverified(chain.lightBlock(first.height)), optionsAt(chain, first.height + 1));
}

/** Verifies every header from the first to `height`, each by the one before. */
export async function followTo(chain: ChainNode, height: number): Promise<VerifiedLightBlock[]> {
  const headers = [await trustFirst(chain)];
  for (let next = chain.earliest + 1; next <= height; next++) {
    const trusted = headers.at(-1);
    if (trusted !== undefined) headers.push(await verify(trusted, unverified(chain.lightBlock(next)), optionsAt(chain, height)));
  }
  return headers;
}

/** Runs the engine until the chain has this height. */
export async function growTo(chain: ChainNode, height: number): Promise<void> {
  const reached = new Promise<void>((resolve) => {
    const stop = chain.onBlock((event) => {
      if (event.height < height) return;
      stop();
      resolve();
    });
  });
  if (chain.latest().height < height) await Promise.race([reached, chain.run()]);
}
