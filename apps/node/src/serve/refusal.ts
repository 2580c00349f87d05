import { RPC_CODE, RpcError } from '@perigee/storage/zerog';
import { type ErrorCode, PerigeeError } from '@perigee/wire';

/** Refusals that have a status and words only: of HTTP itself, and of who may ask what. */
const OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'INVALID_ARGUMENT',
  404: 'NOT_FOUND',
  405: 'UNSUPPORTED',
  408: 'TIMEOUT',
  411: 'INVALID_ARGUMENT',
  413: 'FRAME_TOO_LARGE',
  414: 'FRAME_TOO_LARGE',
  416: 'INVALID_ARGUMENT',
  500: 'INTERNAL',
  503: 'BUSY',
};
/** Of JSON-RPC itself. */
const OF_RPC: Readonly<Record<number, ErrorCode>> = {
  [RPC_CODE.parse]: 'PARSE',
  [RPC_CODE.invalidRequest]: 'INVALID_ARGUMENT',
  [RPC_CODE.methodNotFound]: 'UNSUPPORTED',
  [RPC_CODE.invalidParams]: 'INVALID_ARGUMENT',
};
/** Of a refusal that is about the state of things, and not about the call. */
const REFUSED = -32_000;
const CALLERS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['INVALID_ARGUMENT', 'PARSE']);

/** The one shape of all errors: a code by its name, and words. */
export interface Refusal {
  readonly error: { readonly code: ErrorCode; readonly message: string };
}

/** What went wrong inside is nobody's business. */
export function refusalOf(error: PerigeeError): Refusal {
  const { code, message } = error;
  return { error: { code, message: code === 'INTERNAL' ? 'the node failed' : message } };
}

export function httpRefusal(status: number, message: string): Refusal {
  return { error: { code: OF_STATUS[status] ?? 'REFUSED', message } };
}

/** JSON-RPC's own codes are numbers: the name is in `data.code`. */
export function rpcRefusal(thrown: unknown): RpcError {
  const { code, message } = refusalOf(PerigeeError.from(thrown)).error;
  const number = CALLERS.has(code) ? RPC_CODE.invalidParams : code === 'INTERNAL' ? RPC_CODE.internal : REFUSED;
  return new RpcError(number, message, { code });
}

/** The same of an error of JSON-RPC itself, whose words are in its data. */
export function rpcWorded(error: RpcError): RpcError {
  const { code, data } = error;
  return typeof data === 'string' ? new RpcError(code, data, { code: OF_RPC[code] ?? 'INTERNAL' }) : error;
}
