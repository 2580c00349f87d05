export type {
  Codec,
  Layout,
  PrimedBlob,
  RowCommitment,
  RowShape,
  RowTree,
  Sha256,
} from './types.ts';
