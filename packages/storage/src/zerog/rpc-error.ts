import { type ErrorCode, PerigeeError } from '@perigee/wire';

/** Numbers of JSON-RPC 2.0. */
export const RPC_CODE = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internal: -32_603,
} as const;

/** Sentences that 0G's clients look for: in `data`, and in `message` too where some look there. */
export const ZGS_REASON = {
  finalized: 'already uploaded and finalized',
  duplicate: 'segment has already been uploaded or is being uploaded',
  busy: 'too many data writing',
  otherRoot: 'data root and tx seq not match',
  otherSize: 'segment file size not matched with tx file size',
  tooLargeToWait: 'caching of large file when tx is unavailable is not supported',
  chunkIndex: 'invalid chunk index',
  segmentIndex: 'index out of bound',
} as const;

/** What a client of JSON-RPC is told. Texts are those of 0G's and Ethereum's nodes where clients look for them. */
export class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.name = 'RpcError';
    this.code = code;
    this.data = data;
  }
}

/** @param param its name, as 0G's nodes have it @param reason in words */
export function invalidParam(param: string, reason: string): RpcError {
  return new RpcError(RPC_CODE.invalidParams, `Invalid params: ${param}`, reason);
}

export function internalError(reason: string): RpcError {
  // clients of one version look into the message, those of another into the data
  return new RpcError(RPC_CODE.internal, `Internal error: ${reason}`, reason);
}

/** Which parameter is wrong, of errors that a segment's own bytes are the reason of. */
const PARAM_OF: Partial<Record<ErrorCode, string>> = {
  SEGMENT_INDEX: 'index',
  SEGMENT_SIZE: 'data',
  FILE_PROOF: 'proof',
  FLOW_PROOF: 'sector_index',
  REFUSED: 'index',
  INVALID_ARGUMENT: 'file_size',
};

/** Errors whose words are about this node and not about what was asked; they may name paths. */
const OWN: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'INTERNAL',
  'OUT_OF_MEMORY',
  'STORE_CORRUPT',
  'STORE_FULL',
  'STORE_LOCKED',
  'STORE_VERSION',
]);

/**
 * What is told of whatever went wrong.
 *
 * @param onFault told of what is this node's own fault, and nobody's business
 */
export function rpcErrorOf(thrown: unknown, onFault: (error: PerigeeError) => void): RpcError {
  if (thrown instanceof RpcError) return thrown;
  const error = PerigeeError.from(thrown);
  const { code, message } = error;
  if (OWN.has(code)) {
    onFault(error);
    return internalError(code === 'STORE_FULL' ? 'no space left for segments on this node' : `the node failed (${code})`);
  }
  if (code === 'BUSY') return internalError(`${ZGS_REASON.busy}: ${message}`);
  const param = PARAM_OF[code];
  return param === undefined ? internalError(message) : invalidParam(param, message);
}
