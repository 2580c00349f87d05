/** Nodes of the AVL+ tree in memory. They never change: a changed tree shares what did not change with the one before. */

/** A node on disk: where it is, and what its parent needs to know of it. */
export interface NodeRef {
  /** Height of the block that made the node; with `nonce` its address. */
  readonly version: number;
  readonly nonce: number;
  readonly height: number;
  /** Leaves below. */
  readonly size: number;
  readonly hash: Uint8Array;
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
  readonly left: Child;
  readonly right: Child;
}

export type TreeNode = Leaf | Inner;
/** A node on disk, or one of the block in the making. */
export type Child = NodeRef | TreeNode;

export function isRef(child: Child): child is NodeRef {
  return 'hash' in child;
}

export function isLeaf(node: TreeNode): node is Leaf {
  return node.height === 0;
}

/** Reads a node from disk or from a cache. */
export type Load = (ref: NodeRef) => TreeNode;
