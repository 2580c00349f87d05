export { orAbort, Retrievals } from './retrievals.ts';
