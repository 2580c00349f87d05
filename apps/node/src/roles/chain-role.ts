import { join } from 'node:path';
import { ChainNode, decodeGenesis } from '@perigee/chain';
import { serveHeaders, serveState, serveTx } from '@perigee/chain/serve';
import { formatTime, unixMs } from '@perigee/light-core/comet';
import type { VerifiedHead, VerifiedState } from '@perigee/light-core/roles';
import { type Host, headersProtocol, serve, stateProtocol, systemClock, txProtocol } from '@perigee/net';
import { PerigeeError } from '@perigee/wire';
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
}

/** The chain on the embedded engine in this process, and what it serves. */
export async function startChainRole(options: ChainRoleOptions): Promise<ChainSource> {
  const { host, home, blockMs } = options;
  const genesis = decodeGenesis(await readFileOf(options.genesis, 'the genesis of the chain (--genesis)'));
  const signers = await Promise.all(options.validatorKeys.map(readKey));
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
  ]);
  const running = chain.run();
  running.catch(() => {}); // whoever waits for it hears it
  return {
    chainId: chain.chainId,
    genesisHash: genesis.genesisHash,
    state: localState(chain),
    get headTime() {
      return formatTime(headerAt(chain, chain.latest().height).time);
    },
    get earliest() {
      return chain.earliest;
    },
    recentBlobs: () => chain.recentBlobs(),
    running,
    async stop() {
      await Promise.all(services.map((end) => end()));
      await chain.close();
    },
  };
}

/** State as the other roles of this process see it: our own, so there is nobody to prove it to. */
function localState(chain: ChainNode): VerifiedState {
  const head = (): VerifiedHead => {
    const { height, headerHash } = chain.latest();
    const { time, appHash } = headerAt(chain, height);
    return { height, headerHash, chainId: chain.chainId, timeMs: unixMs(time), appHash };
  };
  return {
    head,
    get: async (store, key) => chain.prove(store, key).inner.exist?.value,
    onHead: (listener) => chain.onBlock(() => listener(head())),
  };
}

function headerAt(chain: ChainNode, height: number) {
  const header = chain.lightBlock(height).block.signedHeader?.header;
  if (header === undefined) throw new PerigeeError('INTERNAL', `the chain keeps no header ${height}`);
  return header;
}
