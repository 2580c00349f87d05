import { webWorker } from '../src/web.ts';

export const spawnProbe = () => webWorker(new Worker(new URL('./jobs/probe.job.ts', import.meta.url), { type: 'module' }));
export const spawnNested = () => webWorker(new Worker(new URL('./jobs/nested.job.ts', import.meta.url), { type: 'module' }));
export const spawnMissing = () => webWorker(new Worker('/missing.job.js', { type: 'module' }));
