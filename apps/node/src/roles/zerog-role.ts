import { ChainView } from '@perigee/light-core/da';
import type { StateReads, VerifiedState } from '@perigee/light-core/roles';
import { FLOW_ADDRESS } from '@perigee/light-core/state';
import { checkStorageUrl } from '@perigee/light-core/storage';
import { type Host, systemClock } from '@perigee/net';
import { createEvmHandler, withoutBlocks } from '@perigee/storage/evm';
import type { Providers, StorageDirectory } from '@perigee/storage/node';
import { createKvHandler, type RpcMethods, startRpcServer, startZerogServer, type ZerogServer } from '@perigee/storage/zerog';
import type { AppState, PerigeeError } from '@perigee/wire';
import type { OptionSpec, Options } from '../cli/args.ts';
import type { ChainSource } from './chain-source.ts';
import type { StorageRole } from './storage-role.ts';

/** Options of the HTTP interface that 0G's clients speak. */
export const ZEROG_OPTIONS = {
  'zgs-port': {
    kind: 'integer',
    value: 'PORT',
    range: [0, 65_535],
    help: "serve 0G Storage's clients, and files by HTTP, on this port, 0 for a free one; with role chain Ethereum's too, or alone (role storage or chain; default: not served)",
  },
  'zgs-host': { kind: 'text', value: 'ADDRESS', help: 'IP address that they are served on (default 127.0.0.1)' },
  'zgs-url': {
    kind: 'text',
    value: 'URL',
    help: 'address to tell others instead, such as http://192.0.2.7:5678 (needed where --zgs-host is 0.0.0.0)',
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** Answer to `web3_clientVersion`. */
const CLIENT_VERSION = 'perigee/v0.1.0';

export interface ZerogRoleOptions {
  readonly options: Options<typeof ZEROG_OPTIONS>;
  readonly host: Host;
  readonly state: VerifiedState;
  /** Where this node has a chain of its own, Ethereum's methods are answered too. */
  readonly blocks: ChainSource['blocks'];
  /** Where its chain keeps streams, 0G's methods of streams too. */
  readonly streams: StateReads | undefined;
  readonly storage: StorageRole;
  /** Finds storage nodes that this one is not connected to. */
  readonly providers: Providers | undefined;
  readonly directory: StorageDirectory;
  /** Peer ids of committee members whose records were verified. */
  readonly members: () => Promise<ReadonlySet<string>>;
  readonly onFault: (error: PerigeeError) => void;
}

/**
 * What 0G's clients speak, where it is asked for.
 *
 * @throws UNREACHABLE when the port is taken, INVALID_ARGUMENT for an address that is none
 */
export async function startZerogRole(role: ZerogRoleOptions): Promise<ZerogServer | undefined> {
  const { options, host, state, blocks, streams, storage, providers, directory, members, onFault } = role;
  const { 'zgs-port': port, 'zgs-host': listen = '127.0.0.1', 'zgs-url': url } = options;
  if (port === undefined) return undefined;
  const { node, log, hash, appState } = storage;
  return startZerogServer({
    listen,
    port,
    ...(url === undefined ? {} : { url: checkStorageUrl(url) }),
    host,
    state,
    node,
    log,
    hash,
    clock: systemClock,
    directory,
    ...(providers && { providers }),
    members,
    ...(node.sectors === undefined ? {} : { sectors: node.sectors }),
    others: [
      ethereumMethods(blocks, appState),
      ...(streams === undefined ? [] : [withSignal(createKvHandler({ state: streams }))]),
    ],
    ethereum: { chainId: appState.ethereumChainId, flow: FLOW_ADDRESS },
    onFault,
  });
}

/**
 * What Ethereum's clients speak, of a node that has the chain and stores no files.
 *
 * @returns where it is served, `undefined` where nobody asked for it
 * @throws UNREACHABLE when the port is taken
 */
export async function startEthereumRole(
  role: Pick<ZerogRoleOptions, 'options' | 'state' | 'onFault'> & { readonly blocks: NonNullable<ChainSource['blocks']> },
): Promise<{ readonly url: string | undefined; stop(): Promise<void> } | undefined> {
  const { options, state, blocks, onFault } = role;
  const { 'zgs-port': port, 'zgs-host': listen = '127.0.0.1', 'zgs-url': url } = options;
  if (port === undefined) return undefined;
  const { appState } = await new ChainView(state).facts();
  const server = await startRpcServer({ listen, port, methods: [ethereumMethods(blocks, appState)], onFault });
  const own = `http://${listen.includes(':') ? `[${listen}]` : listen}:${server.port}`;
  return { url: url === undefined ? own : checkStorageUrl(url), stop: () => server.stop() };
}

/** What wallets, and the part of 0G's clients that pays, ask for. */
function ethereumMethods(blocks: ChainSource['blocks'], appState: AppState): RpcMethods {
  const { ethereumChainId, gasPrice, storage } = appState;
  const prices = { ethereumChainId, gasPrice, pricePerSector: storage?.pricePerSector };
  return withSignal(
    blocks === undefined
      ? withoutBlocks(ethereumChainId)
      : createEvmHandler({
          chain: blocks.chain,
          params: { ...prices, maxGas: blocks.maxGas },
          clientVersion: CLIENT_VERSION,
        }),
  );
}

/** Of a caller these handlers need no more than to know that it has gone. */
function withSignal(handler: {
  handles(method: string): boolean;
  call(method: string, params: unknown, signal?: AbortSignal): Promise<unknown>;
}): RpcMethods {
  return {
    handles: (method) => handler.handles(method),
    call: (method, given, { signal }) => handler.call(method, given, signal),
  };
}
