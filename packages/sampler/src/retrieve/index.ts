export { InFlight } from './in-flight.ts';
export { orAbort, Retrievals } from './retrievals.ts';
