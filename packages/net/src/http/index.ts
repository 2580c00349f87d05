/** HTTP for programs of Node: whoever asks, and however slowly, memory is bounded. */
export { type ByteRange, readRange } from './byte-range.ts';
export { HttpError } from './http-error.ts';
export {
  type Caller,
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
  type HttpStream,
  startHttpServer,
} from './http-server.ts';
export { parseJson } from './parse-json.ts';
export { Room } from './room.ts';
