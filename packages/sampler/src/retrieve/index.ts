export { orAbort, Retrievals, type RetrievalsOptions } from './retrievals.ts';
