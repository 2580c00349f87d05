import type { VerifiedState } from '@perigee/light-core/roles';
import { FLOW_KEY, STORE } from '@perigee/light-core/state';
import type { SectorProof, Shard } from '@perigee/light-core/storage';
import type { Caller } from '@perigee/net/http';
import { FlowRecord, PerigeeError, type SegmentAnswer, type StoredFile } from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import { type FileInfo, type Files, hex } from './files.ts';
import type { RpcMethods } from './http/json-rpc.ts';
import { hashParam, numberParam, segmentParam, segmentsParam } from './params.ts';
import type { SegmentReader } from './segment-reader.ts';
import type { SegmentWriter } from './segment-writer.ts';

/** Who can prove sectors: keeps the inner nodes of the flow. */
export interface SectorProver {
  /**
   * @param root of the flow, as it is or was after some submission; by default as it is
   * @throws FLOW_PROOF (there is no such sector), NOT_FOUND (no such root, or nodes that are not kept)
   */
  prove(sector: number, root: Uint8Array | undefined, signal: AbortSignal): Promise<SectorProof>;
}

export interface ZgsParts {
  readonly state: VerifiedState;
  readonly log: FileLog;
  readonly files: Files;
  readonly reader: SegmentReader;
  readonly writer: Pick<SegmentWriter, 'write'>;
  /** What is told of a file. */
  readonly infoOf: (file: StoredFile, signal: AbortSignal) => Promise<FileInfo>;
  /** The segments that are kept where these methods are. */
  readonly shard: Shard;
  /** Without it no sector is proved. */
  readonly sectors: SectorProver | undefined;
  readonly connectedPeers: () => number;
  /** Chain id by which Ethereum's clients know the chain, and address of its flow, 20 bytes. */
  readonly ethereum: { readonly chainId: number; readonly flow: Uint8Array };
}

/** The protocol between nodes is not 0G's: its version says nothing to a client. */
const P2P_VERSION = { major: 1, minor: 0, build: 0 };

type Method = (params: readonly unknown[], caller: Caller) => Promise<unknown>;

/** `zgs_*` of 0G's storage nodes, over what this node keeps (docs/storage.md). */
export function zgsMethods(parts: ZgsParts): RpcMethods {
  const { state, log, files, reader, writer, infoOf, shard, sectors, connectedPeers, ethereum } = parts;
  const byRoot = (root: unknown, signal: AbortSignal): Promise<StoredFile | undefined> =>
    files.byRoot(hashParam(root, 'data_root'), true, signal);
  const bySeq = (txSeq: unknown, signal: AbortSignal): Promise<StoredFile | undefined> =>
    files.byTxSeq(numberParam(txSeq, 'tx_seq'), signal);
  const chunks = async (
    file: StoredFile | undefined,
    start: unknown,
    end: unknown,
    signal: AbortSignal,
  ): Promise<string | undefined> => {
    const range = [numberParam(start, 'start_index'), numberParam(end, 'end_index')] as const;
    return file && base64(await reader.chunks(file, ...range, signal));
  };
  const proved = async (file: StoredFile | undefined, index: unknown, signal: AbortSignal): Promise<unknown> => {
    const number = numberParam(index, 'index');
    return file && withProof(file, await reader.segment(file, number, signal));
  };
  const flow = async (signal: AbortSignal): Promise<FlowRecord> => {
    const raw = await state.get(STORE.storage, FLOW_KEY, { signal });
    if (raw === undefined) throw new PerigeeError('NOT_FOUND', 'this chain has no flow');
    return FlowRecord.decodeCanonical(raw);
  };

  const methods: Readonly<Record<string, Method>> = {
    async zgs_getStatus() {
      const head = state.head();
      return {
        connectedPeers: connectedPeers(),
        // what can be proved is the state after the block before the head
        logSyncHeight: Math.max(0, (head?.height ?? 0) - 1),
        logSyncBlock: hex(head?.headerHash ?? new Uint8Array(32)),
        nextTxSeq: log.nextTxSeq,
        networkIdentity: { chainId: ethereum.chainId, flowAddress: hex(ethereum.flow), p2pProtocolVersion: P2P_VERSION },
      };
    },
    zgs_getShardConfig: async () => shard,

    zgs_uploadSegment: async ([segment], caller) => writer.write([segmentParam(segment)], undefined, false, caller),
    zgs_uploadSegmentByTxSeq: async ([segment, txSeq], caller) =>
      writer.write([segmentParam(segment)], numberParam(txSeq, 'tx_seq'), false, caller),
    zgs_uploadSegments: async ([segments], caller) => writer.write(segmentsParam(segments), undefined, true, caller),
    zgs_uploadSegmentsByTxSeq: async ([segments, txSeq], caller) =>
      writer.write(segmentsParam(segments), numberParam(txSeq, 'tx_seq'), true, caller),

    zgs_downloadSegment: async ([root, start, end], { signal }) => chunks(await byRoot(root, signal), start, end, signal),
    zgs_downloadSegmentByTxSeq: async ([txSeq, start, end], { signal }) => chunks(await bySeq(txSeq, signal), start, end, signal),
    zgs_downloadSegmentWithProof: async ([root, index], { signal }) => proved(await byRoot(root, signal), index, signal),
    zgs_downloadSegmentWithProofByTxSeq: async ([txSeq, index], { signal }) => proved(await bySeq(txSeq, signal), index, signal),

    async zgs_getFileInfo([root, needAvailable = true], { signal }) {
      const file = await files.byRoot(hashParam(root, 'data_root'), needAvailable !== false, signal);
      return file && infoOf(file, signal);
    },
    async zgs_getFileInfoByTxSeq([txSeq], { signal }) {
      const file = await bySeq(txSeq, signal);
      return file && infoOf(file, signal);
    },
    async zgs_checkFileFinalized([name], { signal }) {
      const isRoot = typeof name === 'string' && name.length > 16;
      const file = isRoot
        ? await files.byRoot(hashParam(name, 'tx_seq_or_root'), false, signal)
        : await files.byTxSeq(numberParam(name, 'tx_seq_or_root'), signal);
      return file && (await infoOf(file, signal)).finalized;
    },

    async zgs_getFlowContext(_, { signal }) {
      const { root, length } = await flow(signal);
      return [hex(root), length];
    },
    async zgs_getSectorProof([sector, root], { signal }) {
      const number = numberParam(sector, 'sector_index');
      const at = root === undefined || root === null ? undefined : hashParam(root, 'flow_root');
      if (sectors === undefined) {
        throw new PerigeeError('UNSUPPORTED', 'this node keeps no inner nodes of the flow: it proves segments, and no sectors');
      }
      const { lemma, path } = await sectors.prove(number, at, signal);
      return { lemma: lemma.map(hex), path };
    },
    // numbers of nodes in the database of 0G's own node: nothing is under them here
    zgs_getHashAtNodeIndex: async () => null,
    zgs_getDataByNodeIndex: async () => null,
    zgs_getMetaDataByNodeIndex: async () => '',
  };
  return {
    handles: (method) => Object.hasOwn(methods, method),
    call: async (method, params, caller) => methods[method]?.(params, caller),
  };
}

/** `SegmentWithProof`; nothing for a segment that is not here. */
function withProof(file: StoredFile, segment: SegmentAnswer | undefined): unknown {
  if (segment === undefined) return undefined;
  const { index, data, proof } = segment;
  const { lemma, path } = proof;
  return { root: hex(file.root), data: base64(data), index, proof: { lemma: lemma.map(hex), path }, fileSize: file.length };
}

function base64(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}
