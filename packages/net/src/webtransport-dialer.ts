/** By this name the build calls the chunk. */
export { webTransport } from '@libp2p/webtransport';
