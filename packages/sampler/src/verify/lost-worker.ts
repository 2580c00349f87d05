import { PerigeeError } from '@perigee/wire';

/** Whether a job failed because its worker lost what earlier jobs left in it, or died: given that back, the job may be run again. */
export function isLostWorker(error: unknown): boolean {
  return error instanceof PerigeeError && (error.code === 'NOT_FOUND' || error.code === 'INTERNAL');
}
