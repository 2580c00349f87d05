export { checkGenesis, decodeGenesis, encodeGenesis, GENESIS_META, type Genesis } from './check-genesis.ts';
export { createGenesis, type GenesisOptions } from './create-genesis.ts';
