export type { RpcMethods } from './http/json-rpc.ts';
export { createKvHandler, type KvHandler, type KvHandlerOptions } from './kv/create-kv-handler.ts';
export { RPC_CODE, RpcError } from './rpc-error.ts';
export { startRpcServer } from './rpc-server.ts';
export { startZerogServer, type ZerogServer, type ZerogServerOptions } from './zerog-server.ts';
export type { SectorProver } from './zgs-methods.ts';
