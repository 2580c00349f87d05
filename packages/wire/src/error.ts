/**
 * The one error type. Codes are a closed set: a caller may switch on them, so a code is added, never reused for something else.
 */
export const ERROR_CODES = [
  // callers and programs
  'INVALID_ARGUMENT',
  'ABORTED',
  'TIMEOUT',
  'INTERNAL',
  'OUT_OF_MEMORY',
  'UNSUPPORTED',
  // peers and frames
  'PARSE',
  'NOT_CANONICAL',
  'UNKNOWN_VERSION',
  'FRAME_TOO_LARGE',
  'STREAM_CLOSED',
  'BUSY',
  'NOT_FOUND',
  'REFUSED',
  'UNREACHABLE',
  'WRONG_CHAIN',
  // what two peers say of one chain, and the clock beside it
  'CONFLICTING_HEADERS',
  // blobs, rows, commitments (PROTOCOL §1, §4)
  'BLOB_VERSION',
  'BLOB_LENGTH',
  'BLOB_GEOMETRY',
  'BLOB_PADDING',
  'BLOB_EXPIRED',
  'ROW_INDEX',
  'ROW_SIZE',
  'ROW_PATH',
  'ROW_RLC',
  'COMMITMENT_MISMATCH',
  'ROW_ROOT_MISMATCH',
  'NOT_ENOUGH_ROWS',
  'EVIDENCE',
  // stored files (docs/storage.md)
  'SEGMENT_INDEX',
  'SEGMENT_SIZE',
  'FILE_PROOF',
  'FLOW_PROOF',
  'SEALED',
  'PROVIDER_RECORD',
  // key-value streams (PROTOCOL §8)
  'STREAM_DATA',
  // committees and certificates (PROTOCOL §2, §3)
  'COMMITTEE',
  'CERTIFICATE',
  'QUORUM',
  'PROMISE',
  'PEER_RECORD',
  // evidence of trusted hardware (PROTOCOL §9)
  'ATTESTATION',
  // inference and its receipts (docs/compute.md)
  'ORDER',
  'RECEIPT',
  // headers (PROTOCOL §5, CometBFT light client)
  'TRUST_ROOT',
  'TRUST_EXPIRED',
  'HEADER',
  'HEADER_HASH',
  'HEADER_TIME',
  'HEADER_FUTURE',
  'VALIDATOR_SET',
  'COMMIT',
  'SIGNATURE',
  'NOT_ENOUGH_TRUST',
  'NOT_ENOUGH_POWER',
  // state and its proofs (PROTOCOL §6)
  'PROOF',
  'PROOF_ROOT',
  'PRUNED',
  'UNPROVEN',
  // transactions (PROTOCOL §7)
  'TX_SIZE',
  'TX_VERSION',
  'TX_CHAIN',
  'TX_SENDER',
  'TX_NONCE',
  'TX_EXPIRED',
  'TX_FEE',
  'TX_AUTH',
  'TX_MESSAGE',
  'GENESIS',
  'BLOCK',
  // stores
  'STORE_VERSION',
  'STORE_CORRUPT',
  'STORE_FULL',
  'STORE_LOCKED',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What an error carries besides words: plain values only, so that it survives `postMessage` and RPC. */
export type ErrorData = { readonly [name: string]: string | number | boolean | null };

/** The form that crosses workers and RPC. */
export interface ErrorObject {
  readonly code: ErrorCode;
  readonly message: string;
  readonly data?: ErrorData;
  readonly cause?: ErrorObject;
}

const known: ReadonlySet<string> = new Set(ERROR_CODES);
const MAX_CAUSES = 4;

/**
 * Every refusal in Perigee. The message says what was wrong, with which input, and what to do about it.
 *
 * @param code what went wrong, for programs
 * @param message what went wrong, for people
 * @param options `data` holds the values that the message speaks of; `cause` the error underneath
 */
export class PerigeeError extends Error {
  readonly code: ErrorCode;
  readonly data: ErrorData | undefined;

  constructor(code: ErrorCode, message: string, options: { data?: ErrorData; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PerigeeError';
    this.code = code;
    this.data = options.data;
  }

  toObject(): ErrorObject {
    return describe(this, MAX_CAUSES);
  }

  /** Rebuild an error that crossed a thread or a wire; what is not in our form becomes `INTERNAL`. */
  static fromObject(value: unknown): PerigeeError {
    return rebuild(value, MAX_CAUSES);
  }

  /** Any thrown thing as a `PerigeeError`; an abort keeps its meaning. */
  static from(thrown: unknown): PerigeeError {
    if (thrown instanceof PerigeeError) return thrown;
    if (thrown instanceof Error) {
      const code = thrown.name === 'AbortError' ? 'ABORTED' : thrown.name === 'TimeoutError' ? 'TIMEOUT' : 'INTERNAL';
      return new PerigeeError(code, thrown.message || thrown.name, { cause: thrown.cause });
    }
    return new PerigeeError('INTERNAL', String(thrown));
  }
}

function describe(error: PerigeeError, causes: number): ErrorObject {
  const cause = causes > 0 && error.cause !== undefined ? describe(PerigeeError.from(error.cause), causes - 1) : undefined;
  return {
    code: error.code,
    message: error.message,
    ...(error.data === undefined ? {} : { data: error.data }),
    ...(cause === undefined ? {} : { cause }),
  };
}

function rebuild(value: unknown, causes: number): PerigeeError {
  if (typeof value !== 'object' || value === null) return new PerigeeError('INTERNAL', String(value));
  const { code, message, data, cause } = value as Partial<Record<keyof ErrorObject, unknown>>;
  return new PerigeeError(
    isErrorCode(code) ? code : 'INTERNAL',
    typeof message === 'string' ? message : 'error without a message',
    {
      ...(isErrorData(data) ? { data } : {}),
      ...(causes > 0 && cause !== undefined ? { cause: rebuild(cause, causes - 1) } : {}),
    },
  );
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && known.has(value);
}

function isErrorData(value: unknown): value is ErrorData {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((v) => v === null || ['string', 'number', 'boolean'].includes(typeof v));
}
