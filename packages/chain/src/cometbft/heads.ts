import type { Clock } from '@perigee/light-core/roles';
import { PerigeeError } from '@perigee/wire';
import type { CometLightBlock, LightBlocks } from './light-blocks.ts';

/** Time until CometBFT is asked again that did not answer, or not yet, milliseconds. */
const RETRY_MS = 50;
/** What passes: CometBFT starts, or is about to store the block. */
const PASSING = new Set(['UNREACHABLE', 'TIMEOUT', 'NOT_FOUND', 'PRUNED', 'REFUSED']);

/** Follows the blocks that the application commits, and has the header of the last one. */
export class Heads {
  readonly #blocks: LightBlocks;
  readonly #clock: Clock;
  readonly #listeners = new Set<(block: CometLightBlock) => void>();
  #latest: CometLightBlock | undefined;
  #wanted: { readonly height: number; readonly hash?: Uint8Array } | undefined;
  #wake = new AbortController();

  constructor(blocks: LightBlocks, clock: Clock) {
    this.#blocks = blocks;
    this.#clock = clock;
  }

  get latest(): CometLightBlock | undefined {
    return this.#latest;
  }

  /** The application has committed a block. */
  committed(height: number, hash?: Uint8Array): void {
    this.#wanted = { height, ...(hash === undefined ? {} : { hash }) };
    this.#wake.abort();
  }

  onHead(listener: (block: CometLightBlock) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves with the first header of at least this height. @throws ABORTED */
  reached(height: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        stop();
        signal.removeEventListener('abort', onAbort);
      };
      const look = () => {
        if ((this.#latest?.height ?? 0) < height) return;
        end();
        resolve();
      };
      const onAbort = () => {
        end();
        reject(new PerigeeError('ABORTED', `no longer waiting for header ${height}`));
      };
      const stop = this.onHead(look);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
      look();
    });
  }

  /**
   * Fetch headers until `signal` fires; of several that were committed meanwhile only the last.
   *
   * @throws what shows that CometBFT tells nonsense
   */
  async run(signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#wake.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    while (!signal.aborted) {
      const wanted = this.#wanted;
      if (wanted === undefined || wanted.height === this.#latest?.height) {
        this.#wake = new AbortController();
        await this.#clock.sleep(Number.POSITIVE_INFINITY, this.#wake.signal).catch(() => {});
        continue;
      }
      try {
        const block = await this.#blocks.at(wanted.height, wanted.hash);
        this.#latest = block;
        for (const listener of this.#listeners) listener(block);
      } catch (error) {
        if (signal.aborted) break;
        if (!PASSING.has(PerigeeError.from(error).code)) throw error;
        await this.#clock.sleep(RETRY_MS, signal).catch(() => {});
      }
    }
    signal.removeEventListener('abort', onAbort);
  }
}
