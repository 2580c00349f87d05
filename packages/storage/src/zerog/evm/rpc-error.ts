/** Numbers of JSON-RPC 2.0, and those that Ethereum's clients know besides. */
export const RPC_CODE = {
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internal: -32_603,
  /** What a node refuses. */
  server: -32_000,
  /** More than it gives at once. */
  limitExceeded: -32_005,
  /** A call that a contract would undo. */
  reverted: 3,
} as const;

/** What a client of JSON-RPC is told. Texts are those of Ethereum's nodes where clients look for them. */
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

export function invalidParams(what: string): RpcError {
  return new RpcError(RPC_CODE.invalidParams, `invalid argument: ${what}`);
}
