export { decodeEthereumTx, type EthereumTx, isEthereumTx } from './ethereum-tx.ts';
