export { type ChainName, typedDataOf } from './tx-words.ts';
export { hashTypedData, type TypedData } from './typed-data.ts';
