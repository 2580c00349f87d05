export { AuthenticatedState, type PreparedState } from './authenticated-state.ts';
export { type StateReader, StateView } from './view.ts';
