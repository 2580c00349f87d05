import type { ErrorObject } from '@perigee/wire';

/** What of a stored file is to be fetched. */
export type FoundPart =
  | { readonly kind: 'whole' }
  /** As HTTP writes it: `0-99`, `100-`, `-100`. */
  | { readonly kind: 'range'; readonly text: string }
  | { readonly kind: 'path'; readonly path: string }
  /** `path` of its file. */
  | { readonly kind: 'tensor'; readonly name: string; readonly path: string };

/** Files that were stored or fetched by hand, and the one that was looked up. */
export interface StorageRoomView {
  /** Newest first. */
  readonly transfers: readonly Transfer[];
  readonly found: FoundFile | undefined;
  readonly looking: boolean;
  /** Why nothing was found. */
  readonly problem: ErrorObject | undefined;
}

export interface Transfer {
  readonly id: string;
  readonly kind: 'put' | 'get';
  /** Fit to be shown. */
  readonly name: string;
  readonly status: 'running' | 'done' | 'failed' | 'stopped';
  readonly stage: 'prove' | 'fund' | 'hash' | 'pay' | 'upload' | 'check' | 'fetch' | 'done';
  /** Share of the stage, 0 to 1. */
  readonly done: number;
  /** Of what is stored or fetched, bytes. */
  readonly size: number;
  /** Bytes that this stage has done, and all of it. */
  readonly bytes: number;
  readonly totalBytes: number;
  /** Bytes that moved over the network. */
  readonly movedBytes: number;
  /** Bytes that were verified here: of what was fetched. */
  readonly verifiedBytes: number;
  /** Root, hexadecimal, once it is known. */
  readonly root: string | undefined;
  readonly error: ErrorObject | undefined;
  /** What the sectors cost, smallest units; nothing when the file was on the chain. */
  readonly paid: bigint | undefined;
  /** Nodes that say that their part of it is on disk. */
  readonly nodes: number;
  /** What was fetched is still there to be saved. */
  readonly canSave: boolean;
}

/** A stored file, proved on the chain, and what nodes say that they have of it. */
export interface FoundFile {
  /** Hexadecimal. */
  readonly root: string;
  readonly txSeq: number;
  readonly length: number;
  readonly segments: number;
  /** Height of the block that holds it, and who paid, hexadecimal. */
  readonly height: number;
  readonly author: string;
  readonly holders: readonly FoundHolder[];
  /** What is in it, where it is the list of a folder. */
  readonly folder: FoundFolder | undefined;
}

export interface FoundHolder {
  readonly peerId: string;
  readonly shardId: number;
  readonly numShard: number;
  readonly finalized: boolean;
  /** Segments that it says it has. */
  readonly segments: number;
  /** For each of up to MAX_FOUND_CELLS stretches of the file, how much of it the node has, 0 to 1. */
  readonly cells: readonly number[];
}

export interface FoundFolder {
  /** The first ones, and how many there are. */
  readonly files: readonly { readonly path: string; readonly size: number }[];
  readonly fileCount: number;
  readonly tensors: readonly {
    readonly name: string;
    readonly path: string;
    readonly dtype: string;
    readonly shape: readonly number[];
    readonly bytes: number;
  }[];
  readonly tensorCount: number;
}

export const NO_STORAGE: StorageRoomView = { transfers: [], found: undefined, looking: false, problem: undefined };
