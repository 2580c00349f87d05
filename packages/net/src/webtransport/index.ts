export { Certificates } from './certificates.ts';
export { findDeno } from './find-deno.ts';
export { webTransportListener } from './listener.ts';
