import * as rpc from '../rpc-error.ts';

/** Numbers of JSON-RPC 2.0, and those that Ethereum's clients know besides. */
export const RPC_CODE = {
  ...rpc.RPC_CODE,
  /** What a node refuses. */
  server: -32_000,
  /** More than it gives at once. */
  limitExceeded: -32_005,
  /** A call that a contract would undo. */
  reverted: 3,
} as const;

export function invalidParams(what: string): rpc.RpcError {
  return new rpc.RpcError(RPC_CODE.invalidParams, `invalid argument: ${what}`);
}
