import { shownText } from '../files/names.ts';
import type { PublishTask, RetrieveTask } from '../model/index.ts';
import type { Upload } from './uploads.ts';

/** Listed as interrupted until it runs. */
export function publishTask({ id, name, size, startedAtMs }: Upload): PublishTask {
  return {
    kind: 'publish',
    id,
    name: shownText(name),
    status: 'interrupted',
    stage: 'read',
    done: 0,
    bytes: size,
    startedAtMs,
    error: undefined,
    uploadedBytes: 0,
    totalBytes: 0,
    signed: 0,
    refused: 0,
    members: 0,
    result: undefined,
  };
}

export function retrieveTask(blobId: string, name: string): RetrieveTask {
  return {
    kind: 'retrieve',
    id: crypto.randomUUID(),
    name,
    blobId,
    status: 'interrupted',
    stage: 'prove',
    done: 0,
    bytes: undefined,
    startedAtMs: Date.now(),
    error: undefined,
    rows: 0,
    needed: 0,
    bytesIn: 0,
    result: undefined,
  };
}
