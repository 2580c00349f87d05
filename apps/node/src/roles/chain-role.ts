import { join } from 'node:path';
import { ChainNode, decodeGenesis, headerOf, localState } from '@perigee/chain';
import { serveFaucet, serveHeaders, serveState, serveTx } from '@perigee/chain/serve';
import { formatTime } from '@perigee/light-core/comet';
import { faucetProtocol, type Host, headersProtocol, serve, stateProtocol, systemClock, txProtocol } from '@perigee/net';
import { readFileOf } from '../files.ts';
import { readKey } from '../keys.ts';
import type { ChainSource } from './chain-source.ts';

export interface ChainRoleOptions {
  readonly host: Host;
  readonly home: string;
  /** Path of the canonical genesis. */
  readonly genesis: string;
  /** Paths of the validators' keys. */
  readonly validatorKeys: readonly string[];
  readonly blockMs: number;
  /** Path of the faucet's key, where there is a faucet. */
  readonly faucetKey: string | undefined;
}

/** The chain on the embedded engine in this process, and what it serves. */
export async function startChainRole(options: ChainRoleOptions): Promise<ChainSource> {
  const { host, home, blockMs, faucetKey } = options;
  const genesis = decodeGenesis(await readFileOf(options.genesis, 'the genesis of the chain (--genesis)'));
  const signers = await Promise.all(options.validatorKeys.map(readKey));
  const faucet = faucetKey === undefined ? undefined : await readKey(faucetKey);
  const chain = await ChainNode.open({
    dir: join(home, 'chain'),
    genesis,
    signers,
    clock: systemClock,
    blockIntervalMs: blockMs,
  });
  const services = await Promise.all([
    serve(host, headersProtocol, serveHeaders(chain)),
    serve(host, stateProtocol, serveState(chain)),
    serve(host, txProtocol, serveTx(chain)),
    ...(faucet === undefined ? [] : [serve(host, faucetProtocol, serveFaucet({ chain, signer: faucet, clock: systemClock }))]),
  ]).catch(async (error: unknown) => {
    await chain.close();
    throw error;
  });
  const running = chain.run();
  running.catch(() => {}); // whoever waits for it hears it
  return {
    chainId: chain.chainId,
    genesisHash: genesis.genesisHash,
    state: localState(chain),
    root(height = chain.latest().height) {
      const { time } = headerOf(chain, height);
      const { height: last, headerHash } = chain.latest();
      // the header after it names its hash
      return {
        height,
        headerHash: height === last ? headerHash : headerOf(chain, height + 1).lastBlockId.hash,
        time: formatTime(time),
      };
    },
    get earliest() {
      return chain.earliest;
    },
    hasFaucet: faucet !== undefined,
    recentBlobs: () => chain.recentBlobs(),
    running,
    async stop() {
      await Promise.all(services.map((end) => end()));
      await chain.close();
    },
  };
}
