export { type HoldingInfo, RowStore, type RowStoreOptions } from '../store/row-store.ts';
export { createDaNode, type DaNode, type DaNodeOptions } from './da-node.ts';
export { PeerDirectory, type PeerDirectoryOptions } from './peer-directory.ts';
