import { type Caller, parseJson } from '@perigee/net/http';
import { MAX_HTTP_BATCH, MAX_HTTP_BATCH_ANSWER_BYTES, PerigeeError } from '@perigee/wire';
import { internalError, RPC_CODE, RpcError, rpcErrorOf } from '../rpc-error.ts';

/** Methods of JSON-RPC. */
export interface RpcMethods {
  handles(method: string): boolean;
  /** @throws RpcError, PerigeeError */
  call(method: string, params: readonly unknown[], caller: Caller): Promise<unknown>;
}

/**
 * Answer a body of JSON-RPC 2.0: one call, or a batch, whose calls are made one after another.
 *
 * @param worded says an error otherwise than 0G's nodes do
 * @returns text of the answer; `undefined` when all were notifications
 */
export async function answerRpc(
  body: Buffer,
  methods: readonly RpcMethods[],
  caller: Caller,
  onFault: (error: PerigeeError) => void,
  worded: (error: RpcError) => RpcError = (error) => error,
): Promise<string | undefined> {
  const errorText: ErrorText = (id, error) => textOf(id, worded(error));
  let request: unknown;
  try {
    request = parseJson(body);
  } catch (thrown) {
    return errorText(null, new RpcError(RPC_CODE.parse, 'Parse error', PerigeeError.from(thrown).message));
  }
  if (!Array.isArray(request)) return answerOne(request, methods, caller, onFault, errorText);
  const { length } = request;
  if (length === 0 || length > MAX_HTTP_BATCH) {
    return errorText(null, invalidRequest(`a batch has 1 to ${MAX_HTTP_BATCH} calls, not ${length}`));
  }
  const answers: string[] = [];
  let bytes = 0;
  for (const one of request) {
    caller.signal.throwIfAborted();
    const isFull = bytes >= MAX_HTTP_BATCH_ANSWER_BYTES;
    const answer = isFull ? refuse(one, errorText) : await answerOne(one, methods, caller, onFault, errorText);
    if (answer === undefined) continue;
    answers.push(answer);
    bytes += answer.length;
  }
  return answers.length === 0 ? undefined : `[${answers.join(',')}]`;
}

type ErrorText = (id: string | number | null, error: RpcError) => string;

interface Call {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

async function answerOne(
  request: unknown,
  methods: readonly RpcMethods[],
  caller: Caller,
  onFault: (error: PerigeeError) => void,
  errorText: ErrorText,
): Promise<string | undefined> {
  const id = idOf(request);
  try {
    const { method, params } = read(request);
    const handler = methods.find((one) => one.handles(method));
    if (handler === undefined) {
      throw new RpcError(RPC_CODE.methodNotFound, 'Method not found', `there is no method ${method.slice(0, 80)}`);
    }
    const result = await handler.call(method, params, caller);
    return id === undefined
      ? undefined
      : `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${JSON.stringify(result ?? null)}}`;
  } catch (thrown) {
    if (caller.signal.aborted) throw thrown;
    const error = rpcErrorOf(thrown, onFault);
    return id === undefined && error.code !== RPC_CODE.invalidRequest ? undefined : errorText(id ?? null, error);
  }
}

function refuse(request: unknown, errorText: ErrorText): string | undefined {
  const id = idOf(request);
  const reason = `the answers to a batch have at most ${MAX_HTTP_BATCH_ANSWER_BYTES} bytes; ask for less at once`;
  return id === undefined ? undefined : errorText(id, internalError(reason));
}

/** Of a notification, which is not answered, `undefined`; of what is no call `null`. */
function idOf(request: unknown): string | number | null | undefined {
  if (typeof request !== 'object' || request === null) return null;
  const { id } = request as { id?: unknown };
  if (id === undefined && 'method' in request) return undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

/** @throws RpcError */
function read(request: unknown): Call {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) throw invalidRequest('a call is an object');
  const { id, method, params = [] } = request as { id?: unknown; method?: unknown; params?: unknown };
  if (typeof method !== 'string') throw invalidRequest('a call names its method');
  if (params !== null && !Array.isArray(params)) {
    throw new RpcError(RPC_CODE.invalidParams, 'Invalid params', 'parameters are a list, in the order of the method');
  }
  return { id, method, params: params ?? [] };
}

function invalidRequest(reason: string): RpcError {
  return new RpcError(RPC_CODE.invalidRequest, 'Invalid Request', reason);
}

function textOf(id: string | number | null, { code, message, data }: RpcError): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, ...(data === undefined ? {} : { data }) } });
}
