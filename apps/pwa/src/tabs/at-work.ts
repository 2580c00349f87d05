import type { Model } from '../model/index.ts';

/** Whether something goes on in this tab that needs its light node until it is done. */
export function isAtWork({ tasks, storage, streams, wallet }: Pick<Model, 'tasks' | 'storage' | 'streams' | 'wallet'>): boolean {
  return (
    tasks.value.some(({ status }) => status === 'running') ||
    storage.value.transfers.some(({ status }) => status === 'running') ||
    streams.value.doing === 'write' ||
    wallet.value.doing !== undefined
  );
}
