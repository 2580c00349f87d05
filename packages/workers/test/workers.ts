import { nodeWorker } from '../src/node.ts';

// Three folders below the clone, whether this file is the source or part of a bundle in dist/test/jobs.
const job = (name: string) => nodeWorker(new URL(`../../../dist/test/jobs/${name}.job.js`, import.meta.url));

export const spawnProbe = () => job('probe');
export const spawnNested = () => job('nested');
export const spawnMissing = () => job('missing');
