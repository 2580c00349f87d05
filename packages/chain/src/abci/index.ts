/** A server for ABCI 2.0 applications in TypeScript: implement `Application`, and hand it to `AbciServer.listen`. */
export type * from '../application/index.ts';
export { Request } from './requests.ts';
export { Response } from './responses.ts';
export { AbciServer, type AbciServerOptions } from './server.ts';
