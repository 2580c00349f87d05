export { peerIdOfKey } from './peer-of-key.ts';
export { disproves, type ProvedFile, type Provider, proveProvider } from './prove-provider.ts';
export { verifiedRecords } from './verified-records.ts';
