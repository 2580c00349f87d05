/** Refusals as OpenAI's clients read them. */
import type { HttpAnswer } from '@perigee/net/http';
import { type ErrorCode, PerigeeError } from '@perigee/wire';

const STATUS: Partial<Record<ErrorCode, number>> = {
  INVALID_ARGUMENT: 400,
  PARSE: 400,
  NOT_CANONICAL: 400,
  UNKNOWN_VERSION: 400,
  SEALED: 400,
  ORDER: 402,
  REFUSED: 403,
  NOT_FOUND: 404,
  BUSY: 429,
  TIMEOUT: 504,
  UNSUPPORTED: 501,
  STORE_FULL: 503,
};

/** What a client may know of an error: our own errors as they are, of others nothing. */
export function refusalOf(thrown: unknown, onFault: (error: PerigeeError) => void): { status: number; body: object } {
  const error = PerigeeError.from(thrown);
  const status = STATUS[error.code];
  if (status === undefined || status >= 500) onFault(error);
  const isKnown = status !== undefined;
  const { check = null, member = null } = error.data ?? {};
  return {
    status: status ?? 500,
    body: {
      error: {
        message: isKnown ? error.message : 'the provider failed',
        type: status === undefined || status >= 500 ? 'server_error' : 'invalid_request_error',
        param: member,
        code: isKnown ? error.code : 'INTERNAL',
        // which check of an order was not passed
        ...(check === null ? {} : { check }),
      },
    },
  };
}

export function refusalAnswer(thrown: unknown, onFault: (error: PerigeeError) => void): HttpAnswer {
  const { status, body } = refusalOf(thrown, onFault);
  return { status, headers: status === 429 ? { 'Retry-After': '1' } : {}, body: JSON.stringify(body) };
}
