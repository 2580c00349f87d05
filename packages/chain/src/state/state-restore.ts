import type { ExportedNode } from './export.ts';

/** A state that is being put together from the nodes of a snapshot. Nobody sees it before `finish`. */
export interface StateRestore {
  /**
   * Take nodes in, stores ascending by name, each in the order of `exportState`.
   *
   * @throws PARSE when they cannot be of such a state; INVALID_ARGUMENT once there is a state
   */
  add(nodes: readonly StoreNode[]): Promise<void>;
  /**
   * A value of what was taken in, once that is all.
   *
   * @throws PARSE
   */
  get(store: string, key: Uint8Array): Uint8Array | undefined;
  /**
   * Make it the state.
   *
   * @param meta kept beside the state, under the names given
   * @throws PARSE, PROOF_ROOT when it is not the state of `appHash`; INVALID_ARGUMENT once there is a state
   */
  finish(appHash: Uint8Array, meta: Readonly<Record<string, Uint8Array>>): Promise<void>;
}

/** A node of a snapshot, and the store that it is of. */
export interface StoreNode extends ExportedNode {
  readonly store: string;
}
