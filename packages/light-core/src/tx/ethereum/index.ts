export { decodeEthereumTx, type EthereumTx, isEthereumTx } from './ethereum-tx.ts';
export { SYSTEM_ADDRESS } from './system-calls.ts';
