export { type ChainName, typedDataOf } from './tx-words.ts';
export { hashTypedData, perigeeDomain, type TypedData } from './typed-data.ts';
