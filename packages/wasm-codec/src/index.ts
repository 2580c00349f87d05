export { type Build, chooseBuild } from './build.ts';
export { createCodec } from './codec.ts';
export { CodecThread } from './codec-thread.ts';
export { openRow } from './commit.ts';
export { createFileHasher, type FileHasher } from './file-hasher.ts';
export { createMatrices, type Matrices } from './matrices.ts';
export { sharedKernel } from './shared-module.ts';
export { columnsOf, planThreads, type ThreadPlan } from './thread-plan.ts';
export type { Codec, Layout, PrimedBlob, RowCollection, RowCommitment, RowShape, RowTree, Sha256 } from './types.ts';
