import { PerigeeError } from '@perigee/wire';
import type {
  ApplySnapshotChunkRequest,
  ApplySnapshotChunkResponse,
  LoadSnapshotChunkRequest,
  OfferSnapshotRequest,
  Snapshot,
} from '../application/index.ts';
import { encodeGenesis, type Genesis } from '../genesis/index.ts';
import type { AuthenticatedState } from '../state/index.ts';
import { chunksOf } from './chunks.ts';
import { Restoring } from './restoring.ts';
import { SnapshotFolder } from './snapshot-folder.ts';

/** Snapshots that are kept: who fetches one may take longer than the next one takes to come. */
const KEEP = 2;

export interface SnapshotOptions {
  /** Directory of the snapshots alone. */
  readonly dir: string;
  /** One is taken at every multiple of this height. */
  readonly interval: number;
  /** Told why one could not be taken. */
  readonly onFault?: (error: PerigeeError) => void;
}

/** Snapshots of a state: takes them while blocks go on, gives them to others, begins from those of others. */
export class Snapshots {
  readonly #state: AuthenticatedState;
  readonly #options: SnapshotOptions | undefined;
  readonly #folder: SnapshotFolder | undefined;
  readonly #restoring: Restoring;
  readonly #stopping = new AbortController();
  #taking: Promise<void> | undefined;

  private constructor(
    state: AuthenticatedState,
    options: SnapshotOptions | undefined,
    folder: SnapshotFolder | undefined,
    chainId: string | undefined,
  ) {
    this.#state = state;
    this.#options = options;
    this.#folder = folder;
    this.#restoring = new Restoring(state, chainId);
  }

  /**
   * @param options left out, none are taken and given
   * @param chainId of the snapshots that may be restored; left out, none
   */
  static async open(
    state: AuthenticatedState,
    options: SnapshotOptions | undefined,
    chainId: string | undefined,
  ): Promise<Snapshots> {
    const folder = options && (await SnapshotFolder.open(options.dir, state.latest?.height ?? 0));
    return new Snapshots(state, options, folder, chainId);
  }

  /** Newest first. */
  list(): readonly Snapshot[] {
    return this.#folder?.snapshots ?? [];
  }

  /** An empty chunk is one that is not here, as CometBFT understands it. */
  async load({ height, format, chunk }: LoadSnapshotChunkRequest): Promise<Uint8Array> {
    return (await this.#folder?.chunk(height, format, chunk)) ?? new Uint8Array(0);
  }

  /** A state of this height was committed: take a snapshot of it in the background, if one is due and none is being taken. */
  committed(height: number, genesis: Genesis): void {
    const { interval, onFault } = this.#options ?? {};
    if (interval === undefined || height % interval !== 0 || this.#taking !== undefined) return;
    this.#taking = this.#take(height, genesis)
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted) onFault?.(PerigeeError.from(error));
      })
      .finally(() => {
        this.#taking = undefined;
      });
  }

  /** Resolves when no snapshot is being taken. */
  async settled(): Promise<void> {
    await this.#taking;
  }

  offer(request: OfferSnapshotRequest): ReturnType<Restoring['offer']> {
    return this.#restoring.offer(request);
  }

  apply(
    request: ApplySnapshotChunkRequest,
  ): Promise<{ readonly response: ApplySnapshotChunkResponse; readonly genesis?: Genesis }> {
    return this.#restoring.apply(request);
  }

  /** Gives up the snapshot that is being taken. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#taking;
  }

  async #take(height: number, genesis: Genesis): Promise<void> {
    await this.#folder?.add(
      height,
      encodeGenesis(genesis),
      chunksOf(this.#state.exportState(height)),
      KEEP,
      this.#stopping.signal,
    );
  }
}
