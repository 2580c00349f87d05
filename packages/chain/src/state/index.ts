export { AuthenticatedState, type PreparedState, type StateRestore, type StoreNode } from './authenticated-state.ts';
export { messageOf } from './entry.ts';
export { type StateReader, StateView } from './view.ts';
