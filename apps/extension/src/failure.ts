import { type ErrorCode, PerigeeError } from '@perigee/wire';

/** Codes of EIP-1193, JSON-RPC and EIP-1474 that a site gets. */
export const CODE = {
  userRejected: 4001,
  unauthorized: 4100,
  unsupportedMethod: 4200,
  disconnected: 4900,
  invalidRequest: -32600,
  invalidParams: -32602,
  internal: -32603,
  resourceUnavailable: -32002,
  limitExceeded: -32005,
} as const;

export interface FailureObject {
  readonly code: number;
  readonly message: string;
  /** `reason`: a code of ours, where the failure has one. */
  readonly data?: { readonly reason: ErrorCode };
}

/** What a site is refused with: EIP-1193's code, and plain words. */
export class ProviderFailure extends Error {
  readonly code: number;
  readonly reason: ErrorCode | undefined;

  constructor(code: number, message: string, reason?: ErrorCode) {
    super(message);
    this.name = 'ProviderFailure';
    this.code = code;
    this.reason = reason;
  }
}

/** The site asked for what cannot be. */
const PARAMS: ReadonlySet<ErrorCode> = new Set(['INVALID_ARGUMENT', 'BLOB_VERSION']);
/** Nothing can be verified just now. */
const DISCONNECTED: ReadonlySet<ErrorCode> = new Set([
  'ABORTED',
  'TIMEOUT',
  'UNREACHABLE',
  'UNPROVEN',
  'TRUST_EXPIRED',
  'TRUST_ROOT',
]);

export function failureOf(thrown: unknown): FailureObject {
  if (thrown instanceof ProviderFailure) {
    const { code, message, reason } = thrown;
    return { code, message, ...(reason === undefined ? {} : { data: { reason } }) };
  }
  const { code: reason, message } = PerigeeError.from(thrown);
  const code = PARAMS.has(reason) ? CODE.invalidParams : DISCONNECTED.has(reason) ? CODE.disconnected : CODE.internal;
  return { code, message, data: { reason } };
}
