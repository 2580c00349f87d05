import type { Clock, VerifiedState } from '@perigee/light-core/roles';
import { type FileHash, fileGeometry } from '@perigee/light-core/storage';
import type { Host } from '@perigee/net';
import { type HttpAnswer, HttpError, type HttpRequest, type HttpStream, Room, startHttpServer } from '@perigee/net/http';
import {
  MAX_HTTP_RUNNING,
  MAX_HTTP_RUNNING_PER_ADDRESS,
  MAX_NETWORK_COPIES,
  type PerigeeError,
  type StoredFile,
} from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import type { Providers, StorageDirectory, StorageNode } from '../node/index.ts';
import { FileLocator } from './file-locations.ts';
import { type FileInfo, Files } from './files.ts';
import { Gateway } from './gateway.ts';
import { answerRpc, type RpcMethods } from './http/json-rpc.ts';
import { indexerMethods } from './indexer-methods.ts';
import { ALL_SEGMENTS, copyOfPath, orNothing } from './network-face.ts';
import { NetworkWriter } from './network-writer.ts';
import { ownSegments, SegmentReader } from './segment-reader.ts';
import { SegmentWriter } from './segment-writer.ts';
import { VerifiedSegments } from './verified-segments.ts';
import { type SectorProver, zgsMethods } from './zgs-methods.ts';

export interface ZerogServerOptions {
  /** IP address to listen on. */
  readonly listen: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Where others reach it; by default the address that it listens on, unless that is all of them. */
  readonly url?: string;
  readonly host: Host;
  readonly state: VerifiedState;
  readonly node: Pick<StorageNode, 'take' | 'submissions'>;
  readonly log: FileLog;
  readonly hash: FileHash;
  readonly clock: Clock;
  readonly directory: StorageDirectory;
  /** Finds nodes that this one is not connected to. */
  readonly providers?: Pick<Providers, 'find'>;
  /** Peer ids of those whom stake stands behind. */
  readonly members: () => Promise<ReadonlySet<string>>;
  /** Chain id by which Ethereum's clients know the chain, and address of its flow, 20 bytes. */
  readonly ethereum: { readonly chainId: number; readonly flow: Uint8Array };
  /** Methods of other kinds on the same port, as those of Ethereum. */
  readonly others?: readonly RpcMethods[];
  readonly sectors?: SectorProver;
  /** Told of failures that no client is told of. */
  readonly onFault: (error: PerigeeError) => void;
}

export interface ZerogServer {
  readonly port: number;
  /** Where others reach it, as far as is known. */
  readonly url: string | undefined;
  /** Ends every request. */
  stop(): Promise<void>;
}

const ALL_ADDRESSES = ['0.0.0.0', '::'];

/**
 * What clients of 0G Storage speak, on one port: JSON-RPC of a storage node and of an indexer by POST to `/`, and files by plain HTTP.
 *
 * @throws UNREACHABLE when the port is taken
 */
export async function startZerogServer(options: ZerogServerOptions): Promise<ZerogServer> {
  const {
    listen,
    port,
    host,
    state,
    node,
    log,
    hash,
    clock,
    directory,
    providers,
    members,
    ethereum,
    others = [],
    sectors,
    onFault,
  } = options;
  const files = new Files(node.submissions, log);
  const reader = new SegmentReader(ownSegments(log));
  const writer = new SegmentWriter({ node, log, files });
  const segments = new VerifiedSegments({ host, log, hash, clock, directory, onFault, ...(providers && { providers }) });
  const locator = new FileLocator({ host, log, clock, directory, segments, ...(providers && { providers }) });
  const connectedPeers = (): number => new Set(host.connections().map(({ peerId }) => peerId)).size;
  const common = { state, log, files, sectors, connectedPeers, ethereum };
  const infoOf = async (file: StoredFile): Promise<FileInfo> => files.infoOf(file);
  const zgs = zgsMethods({ ...common, reader, writer, infoOf, shard: log.shard });
  const networkWriter = new NetworkWriter({ host, log, files, node, directory, members, hash, clock });
  const networkReader = new SegmentReader(async (file, index, signal) => {
    const found = await orNothing(segments.proved(file, index, signal));
    return found?.answer;
  });
  /** Every segment, on so many-th of the nodes that keep it. */
  const network = (copy: number): RpcMethods =>
    zgsMethods({
      ...common,
      reader: networkReader,
      writer: { write: (given, txSeq, _mayRepeat, caller) => networkWriter.write(given, txSeq, copy, caller) },
      async infoOf(file, signal) {
        const info = files.infoOf(file);
        const finalized = await locator.isStored(file, copy, signal);
        return { ...info, finalized, ...(finalized && { uploadedSegNum: fileGeometry(file.length).segments }) };
      },
      shard: ALL_SEGMENTS,
    });
  const faces = Array.from({ length: MAX_NETWORK_COPIES }, (_, i) => inTurn(network(i + 1)));
  const own = { url: options.url, shard: log.shard, sinceMs: clock.now() };
  const methods = [zgs, indexerMethods({ files, locator, directory, own, members }), ...others].map(inTurn);
  const running = runningRoom();
  const gateway = new Gateway({
    files,
    locator,
    segments,
    writer,
    status: (caller) => zgs.call('zgs_getStatus', [], caller),
    onFault,
  });

  async function answer(request: HttpRequest): Promise<HttpAnswer | HttpStream> {
    const { method, url, body } = request;
    const copy = copyOfPath(url.pathname);
    if (method === 'POST' && (url.pathname === '/' || copy !== undefined)) {
      const face = copy === undefined ? methods : faces.slice(copy - 1, copy);
      const text = await answerRpc(body, face, request, onFault);
      return text === undefined ? { status: 204 } : { status: 200, body: text };
    }
    const leave = await running.take(1, request.address, request.signal);
    const found = await gateway.answer(request).finally(leave);
    if (found !== undefined) return found;
    if (url.pathname === '/' || copy !== undefined)
      throw new HttpError(405, 'JSON-RPC is spoken here, by POST', { Allow: 'POST, OPTIONS' });
    throw new HttpError(404, 'there is nothing here');
  }

  const server = await startHttpServer({ host: listen, port, answer, onFault });
  const isEverywhere = ALL_ADDRESSES.includes(listen);
  own.url ??= isEverywhere ? undefined : `http://${listen.includes(':') ? `[${listen}]` : listen}:${server.port}`;
  return { port: server.port, url: own.url, stop: () => server.close() };
}

function runningRoom(): Room {
  return new Room({ total: MAX_HTTP_RUNNING, perOwner: MAX_HTTP_RUNNING_PER_ADDRESS });
}

/** Some at once. */
function inTurn(methods: RpcMethods): RpcMethods {
  const running = runningRoom();
  return {
    handles: (method) => methods.handles(method),
    async call(method, params, caller) {
      const leave = await running.take(1, caller.address, caller.signal);
      return methods.call(method, params, caller).finally(leave);
    },
  };
}
