/** Proofs that a sector is in the flow (0G's `zgs_getSectorProof`), made from kept nodes and checked strictly. */
import { equal, FILE_CHUNK_BYTES, PerigeeError } from '@perigee/wire';
import { flowDepth } from './flow.ts';
import { type FileHash, parentOf, zeroHash } from './hash.ts';

/** `lemma`: hash of the sector, siblings from it up, root of the flow; `path`: for each sibling, whether it is the right one. */
export interface SectorProof {
  readonly lemma: readonly Uint8Array[];
  readonly path: readonly boolean[];
}

/** A flow that the chain knows: as it is, or as it was after some submission. */
export interface FlowName {
  readonly root: Uint8Array;
  /** Sectors. */
  readonly length: number;
}

/** Where the nodes of full subtrees are kept: those that `appendToFlow` gave, and those inside of the files. */
export interface FlowNodes {
  /** @returns the hash, or `undefined` for a subtree of zeros */
  get(height: number, index: number): Promise<Uint8Array | undefined>;
}

/**
 * @param flow may be older than what is kept
 * @throws FLOW_PROOF when there is no such sector; NOT_FOUND when kept nodes do not lead to the root
 */
export async function proveSector(flow: FlowName, sector: number, nodes: FlowNodes, hash: FileHash): Promise<SectorProof> {
  checkSector(flow, sector);
  const lemma = [await nodeOf(flow.length, 0, sector, nodes, hash)];
  const path: boolean[] = [];
  let node = lemma[0] as Uint8Array;
  for (let height = 0, index = sector; height < flowDepth(flow.length); height++, index = Math.floor(index / 2)) {
    const isLeft = index % 2 === 0;
    const sibling = await nodeOf(flow.length, height, isLeft ? index + 1 : index - 1, nodes, hash);
    node = isLeft ? parentOf(node, sibling, hash) : parentOf(sibling, node, hash);
    lemma.push(sibling);
    path.push(isLeft);
  }
  if (!equal(node, flow.root)) {
    throw new PerigeeError(
      'NOT_FOUND',
      `sector ${sector} cannot be proved: nodes on its way to the root of the flow are not kept here`,
    );
  }
  return { lemma: [...lemma, node], path };
}

/**
 * Check a sector as it came from anybody.
 *
 * @param data 256 bytes
 * @returns `data`
 * @throws FLOW_PROOF, SEGMENT_SIZE
 */
export function verifySector(flow: FlowName, sector: number, data: Uint8Array, proof: SectorProof, hash: FileHash): Uint8Array {
  checkSector(flow, sector);
  if (data.length !== FILE_CHUNK_BYTES) {
    throw new PerigeeError('SEGMENT_SIZE', `a sector has ${FILE_CHUNK_BYTES} bytes, not ${data.length}`);
  }
  const depth = flowDepth(flow.length);
  const { lemma, path } = proof;
  if (lemma.length !== depth + 2 || path.length !== depth || lemma.some((one) => one.length !== 32)) {
    throw bad(sector, `it has ${lemma.length} hashes and ${path.length} sides; ${depth + 2} of 32 bytes and ${depth} are due`);
  }
  let node = hash.keccak256(data);
  if (!equal(node, lemma[0] as Uint8Array)) throw bad(sector, 'it is of other data');
  for (let height = 0, index = sector; height < depth; height++, index = Math.floor(index / 2)) {
    const isLeft = index % 2 === 0;
    const sibling = lemma[height + 1] as Uint8Array;
    if (path[height] !== isLeft) throw bad(sector, 'its path leads to another place');
    if (isLeft && (index + 1) * 2 ** height >= flow.length && !equal(sibling, zeroHash(height))) {
      throw bad(sector, 'what it has behind the end of the flow is not zeros');
    }
    node = isLeft ? parentOf(node, sibling, hash) : parentOf(sibling, node, hash);
  }
  if (!equal(lemma.at(-1) as Uint8Array, flow.root)) throw bad(sector, 'it is of another flow');
  if (!equal(node, flow.root)) throw bad(sector, 'it leads to another root');
  return data;
}

/** Any node of the flow of a length: kept, of zeros, or on its edge and made of those below it. */
async function nodeOf(length: number, height: number, index: number, nodes: FlowNodes, hash: FileHash): Promise<Uint8Array> {
  if (index * 2 ** height >= length) return zeroHash(height);
  if ((index + 1) * 2 ** height <= length) return (await nodes.get(height, index)) ?? zeroHash(height);
  const left = await nodeOf(length, height - 1, 2 * index, nodes, hash);
  return parentOf(left, await nodeOf(length, height - 1, 2 * index + 1, nodes, hash), hash);
}

/** The first sector is not one of data: its hash is 32 zeros. */
function checkSector({ length }: FlowName, sector: number): void {
  if (!Number.isSafeInteger(sector) || sector < 1 || sector >= length) {
    throw new PerigeeError('FLOW_PROOF', `there is no sector ${sector} with data in a flow of ${length}`, {
      data: { sector, length },
    });
  }
}

function bad(sector: number, why: string): PerigeeError {
  return new PerigeeError('FLOW_PROOF', `proof of sector ${sector} does not hold: ${why}`, { data: { sector } });
}
