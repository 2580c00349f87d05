import { type Chain, localReads, localState } from '@perigee/chain';
import { serveFaucet, serveHeaders, serveKv, serveState, serveTx, serveTxProof } from '@perigee/chain/serve';
import { formatTime } from '@perigee/light-core/comet';
import {
  faucetProtocol,
  type Host,
  headersProtocol,
  kvProtocol,
  serve,
  stateProtocol,
  systemClock,
  txProofProtocol,
  txProtocol,
} from '@perigee/net';
import { PerigeeError } from '@perigee/wire';
import { readKey } from '../keys.ts';
import type { ChainSource } from './chain-source.ts';

export interface ChainRoleOptions {
  readonly host: Host;
  /** Closed when the role stops, or does not start. */
  readonly chain: Chain;
  /** Path of the faucet's key, where there is a faucet. */
  readonly faucetKey: string | undefined;
}

/** A chain of this process, and what it serves. */
export async function startChainRole({ host, chain, faucetKey }: ChainRoleOptions): Promise<ChainSource> {
  const ends: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(ends.map((end) => end()));
    await chain.close();
  };
  let give: ReturnType<typeof serveFaucet> | undefined;
  try {
    if (faucetKey !== undefined) give = serveFaucet({ chain, signer: await readKey(faucetKey), clock: systemClock });
    ends.push(
      await serve(host, headersProtocol, serveHeaders(chain)),
      await serve(host, stateProtocol, serveState(chain)),
      await serve(host, txProtocol, serveTx(chain)),
      await serve(host, txProofProtocol, serveTxProof(chain)),
    );
    if (chain.genesis.appState.kv !== undefined) ends.push(await serve(host, kvProtocol, serveKv(chain)));
    if (give !== undefined) ends.push(await serve(host, faucetProtocol, give));
  } catch (error) {
    await stop();
    throw error;
  }
  const gift = give;
  const running = chain.run();
  running.catch(() => {}); // whoever waits for it hears it
  return {
    chainId: chain.chainId,
    genesisHash: chain.genesis.genesisHash,
    state: localState(chain),
    blocks: { chain, maxGas: chain.genesis.initChain.consensusParams?.block?.maxGas ?? -1n },
    ...(chain.genesis.appState.kv === undefined ? {} : { streams: localReads(chain) }),
    async root(height = chain.latest().height) {
      const { header, commit } = (await chain.lightBlock(height)).block.signedHeader ?? {};
      if (header === undefined || commit === undefined)
        throw new PerigeeError('INTERNAL', `the chain has no whole header ${height}`);
      return { height, headerHash: commit.blockId.hash, time: formatTime(header.time) };
    },
    get earliest() {
      return chain.earliest;
    },
    hasFaucet: faucetKey !== undefined,
    transactions: chain,
    ...(gift && { requestFunds: (address, signal) => gift({ address }, { peerId: host.peerId, signal }) }),
    recentBlobs: () => chain.recentBlobs(),
    running,
    stop,
  };
}
