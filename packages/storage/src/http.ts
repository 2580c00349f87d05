/** JSON-RPC over HTTP, for programs that answer some of the same methods. */
export { answerRpc } from './zerog/http/json-rpc.ts';
