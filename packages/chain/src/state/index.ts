export { AuthenticatedState, type PreparedState, type StateVersion } from './authenticated-state.ts';
export { type StateReader, StateView, type StateWrite } from './view.ts';
