export type { Carrier } from './carrier.ts';
export { peerCarrier } from './peer-carrier.ts';
