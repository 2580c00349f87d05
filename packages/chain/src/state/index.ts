export { AuthenticatedState, type PreparedState, type StateTree } from './authenticated-state.ts';
export { changedKeys } from './changed-keys.ts';
export { type Entry, messageOf, StateKey } from './entry.ts';
export { valueAt } from './prove.ts';
export { proveRun } from './prove-run.ts';
export type { StateRestore, StoreNode } from './state-restore.ts';
export { type StateReader, StateView } from './view.ts';
