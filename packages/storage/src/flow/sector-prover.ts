import { type FileHash, type FlowName, proveSector, type SectorProof } from '@perigee/light-core/storage';
import {
  FILE_CHUNK_BYTES,
  FILE_SEGMENT_CHUNKS,
  MAX_SECTOR_PROOFS,
  PerigeeError,
  type SectorAnswer,
  type SectorRequest,
} from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import type { FlowStore } from './flow-store.ts';
import { SegmentNodes } from './segment-nodes.ts';

/** What of a sector is here: its data, and the nodes of the flow that its segment knows. */
type Kept = Pick<SegmentNodes, 'sector' | 'get'>;

/** Between files there are sectors of zeros. */
const GAP: Kept = { sector: () => new Uint8Array(FILE_CHUNK_BYTES), get: () => undefined };

/** Proves sectors that the log keeps under any root that the flow had, each for the price of hashing its segment. */
export class SectorProver {
  readonly #log: FileLog;
  readonly #flow: FlowStore;
  readonly #hash: FileHash;
  #running = 0;

  constructor(log: FileLog, flow: FlowStore, hash: FileHash) {
    this.#log = log;
    this.#flow = flow;
    this.#hash = hash;
  }

  /** The flow of the chain as far as this node has followed it. */
  get latest(): FlowName {
    return this.#flow.latest;
  }

  /**
   * @param root of the flow, as it is or was after some submission; by default as it is
   * @throws FLOW_PROOF (there is no such sector), NOT_FOUND (no such root is known, or the sector is not kept here), BUSY, ABORTED
   */
  async prove(sector: number, root: Uint8Array | undefined, signal: AbortSignal): Promise<SectorProof> {
    return (await this.#prove(sector, root, signal)).proof;
  }

  /** A sector with its proof. @throws what `prove` throws */
  answer({ sector, flowRoot }: SectorRequest, signal: AbortSignal): Promise<SectorAnswer> {
    return this.#prove(sector, flowRoot, signal);
  }

  async #prove(sector: number, root: Uint8Array | undefined, signal: AbortSignal): Promise<SectorAnswer> {
    if (this.#running >= MAX_SECTOR_PROOFS) {
      throw new PerigeeError('BUSY', 'too many proofs of sectors are in work; ask again, or ask another node');
    }
    this.#running++;
    try {
      const flow = root === undefined ? this.latest : await this.#flow.named(root);
      if (flow === undefined)
        throw new PerigeeError('NOT_FOUND', 'the flow had no such root as far as this node has followed it');
      if (!Number.isSafeInteger(sector) || sector < 1 || sector >= flow.length) {
        throw new PerigeeError('FLOW_PROOF', `there is no sector ${sector} with data in a flow of ${flow.length}`);
      }
      const kept = await this.#keptOf(sector);
      signal.throwIfAborted();
      const nodes = {
        get: async (height: number, index: number) => kept.get(height, index) ?? this.#flow.get(height, index),
      };
      const { lemma, path } = await proveSector(flow, sector, nodes, this.#hash);
      return { data: kept.sector(sector), proof: { lemma: [...lemma], path: [...path] } };
    } finally {
      this.#running--;
    }
  }

  async #keptOf(sector: number): Promise<Kept> {
    const place = await this.#flow.placeOf(sector);
    if (place === undefined || sector >= place.start + place.sectors) return GAP;
    const index = Math.floor((sector - place.start) / FILE_SEGMENT_CHUNKS);
    const file = this.#log.get(place.txSeq);
    const answer = file && (await this.#log.read(place.txSeq, index));
    if (file === undefined || typeof answer !== 'object') {
      throw new PerigeeError(
        'NOT_FOUND',
        `sector ${sector} is of segment ${index} of submission ${place.txSeq}, which is not here`,
      );
    }
    return new SegmentNodes(file, answer, this.#hash);
  }
}
