export { decodeEthereumTx, type EthereumTx, ethereumTxHash, isEthereumTx } from './ethereum-tx.ts';
export { gasOfCall } from './gas-of-call.ts';
export { type Call, messagesOfCall } from './system-calls.ts';
