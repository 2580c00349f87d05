export { AuthenticatedState, type PreparedState, type StateRestore, type StoreNode } from './authenticated-state.ts';
export { type StateReader, StateView } from './view.ts';
