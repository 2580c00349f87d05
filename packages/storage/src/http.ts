/** What programs of this project that speak HTTP share: bounded memory, ranges, JSON-RPC. */
export { type ByteRange, readRange } from './zerog/http/byte-range.ts';
export { HttpError } from './zerog/http/http-error.ts';
export {
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
  type HttpStream,
  startHttpServer,
} from './zerog/http/http-server.ts';
export { answerRpc } from './zerog/http/json-rpc.ts';
