export type {
  Codec,
  Layout,
  PrimedBlob,
  RowCommitment,
  RowProof,
  RowShape,
  RowTree,
  Sha256,
} from './types.ts';
