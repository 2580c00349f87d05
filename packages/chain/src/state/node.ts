/** Nodes of the AVL+ tree in memory. Those on disk never change: a changed tree shares what did not change with the one before. */

/** A node on disk: where it is, and what its parent needs to know of it. */
export class NodeRef {
  /** The node, while it is in memory; `NodeStore` puts it there and takes it away. */
  node: TreeNode | undefined = undefined;
  /** When the node was last asked for, on the clock of `NodeStore`. */
  used = 0;

  constructor(
    /** Height of the block that made the node. */
    readonly version: number,
    /** Number of its page, times `PAGE_NODES`, and its position there; unique in a store. */
    readonly place: number,
    readonly height: number,
    /** Leaves below. */
    readonly size: number,
    readonly hash: Digest,
  ) {}
}

/** A SHA-256 as a text of 32 characters below 256: made, held and compared in a third of the time of a `Uint8Array`. */
export type Digest = string;

export function digestBytes(digest: Digest): Uint8Array {
  return Uint8Array.from(Buffer.from(digest, 'latin1'));
}

export interface Leaf {
  readonly height: 0;
  readonly size: 1;
  readonly version: number;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface Inner {
  readonly height: number;
  readonly size: number;
  readonly version: number;
  /** Smallest key on the right. */
  readonly key: Uint8Array;
  /** A new node gives way to its place on disk when it gets one. */
  left: Child;
  right: Child;
}

export type TreeNode = Leaf | Inner;
/** A node on disk, or one of the block in the making. */
export type Child = NodeRef | TreeNode;

export function isRef(child: Child): child is NodeRef {
  return child instanceof NodeRef;
}

export function isLeaf(node: TreeNode): node is Leaf {
  return node.height === 0;
}

/** Reads a node from disk or from memory. */
export type Load = (ref: NodeRef) => TreeNode;
