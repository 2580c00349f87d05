import { fileGeometry, holdsSegment, type Shard } from '@perigee/light-core/storage';
import type { StoredFile } from '@perigee/wire';

/** What of the shards matters for one file: a short file is in few of them. */
export class FileCoverage {
  readonly #file: Pick<StoredFile, 'startSector' | 'length'>;

  constructor(file: Pick<StoredFile, 'startSector' | 'length'>) {
    this.#file = file;
  }

  /** Whether some segment of the file is in a shard. */
  touches(shard: Shard): boolean {
    return this.#indices(shard.numShard).some((index) => holdsSegment(shard, this.#file.startSector, index));
  }

  /** Whether every segment is in so many of the shards. */
  isEnough(shards: readonly Shard[], replicas: number): boolean {
    const finest = shards.reduce((most, { numShard }) => Math.max(most, numShard), 1);
    return this.#indices(finest).every(
      (index) => shards.filter((shard) => holdsSegment(shard, this.#file.startSector, index)).length >= replicas,
    );
  }

  /**
   * Nodes that together have every segment so often, those that come first where there is a choice, and none that is not needed.
   *
   * @returns `undefined` when all of them together have not
   */
  choose<T extends { readonly shard: Shard }>(nodes: readonly T[], replicas: number): T[] | undefined {
    const useful = nodes.filter(({ shard }) => this.touches(shard));
    if (
      !this.isEnough(
        useful.map(({ shard }) => shard),
        replicas,
      )
    )
      return undefined;
    let chosen = useful;
    for (const node of useful.toReversed()) {
      const others = chosen.filter((one) => one !== node);
      if (
        this.isEnough(
          others.map(({ shard }) => shard),
          replicas,
        )
      )
        chosen = others;
    }
    return chosen;
  }

  /** Segments that stand for all: shards repeat after `numShard`. */
  #indices(numShard: number): number[] {
    return Array.from({ length: Math.min(numShard, fileGeometry(this.#file.length).segments) }, (_, index) => index);
  }
}
