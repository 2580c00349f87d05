import { type Child, isLeaf, isRef, type NodeRef, type TreeNode } from './node.ts';

/** A node of a snapshot: a leaf with its key and value, or a branch over the two nodes that were last left without a parent. */
export interface ExportedNode {
  /** Height of the block that made it. */
  readonly version: number;
  readonly leaf?: { readonly key: Uint8Array; readonly value: Uint8Array };
}

/** All nodes of a tree, children before their parents, left before right. The root is the last. */
export function* exportNodes(root: NodeRef, read: (ref: NodeRef) => TreeNode): Generator<ExportedNode> {
  const path: { readonly node: TreeNode; next: 'left' | 'right' | 'self' }[] = [];
  const enter = (child: Child): void => {
    const node = isRef(child) ? read(child) : child;
    path.push({ node, next: isLeaf(node) ? 'self' : 'left' });
  };
  enter(root);
  for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
    const { node, next } = at;
    if (isLeaf(node)) {
      path.pop();
      yield { version: node.version, leaf: { key: node.key, value: node.value } };
    } else if (next === 'self') {
      path.pop();
      yield { version: node.version };
    } else {
      at.next = next === 'left' ? 'right' : 'self';
      enter(node[next]);
    }
  }
}
