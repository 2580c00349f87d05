export { checkGenesis, decodeGenesis, encodeGenesis, type Genesis } from './check-genesis.ts';
export { createGenesis, type GenesisOptions } from './create-genesis.ts';
