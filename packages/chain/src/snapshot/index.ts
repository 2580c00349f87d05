export { type SnapshotOptions, Snapshots } from './snapshots.ts';
