import { type ErrorObject, PerigeeError } from '@perigee/wire';

/** Pool to worker: run a job, or give up the one with this id. Ids count up from 1 in each worker. */
export type Request =
  | { readonly type: 'run'; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly type: 'cancel'; readonly id: number };

/** Worker to pool: the one answer to each `run`. */
export type Reply =
  | { readonly type: 'done'; readonly id: number; readonly output: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly error: ErrorObject };

/** @throws PARSE */
export function parseRequest(value: unknown): Request {
  const { type, id, name, input } = fields(value);
  if (type === 'run' && isId(id) && typeof name === 'string') return { type, id, name, input };
  if (type === 'cancel' && isId(id)) return { type, id };
  throw new PerigeeError('PARSE', 'a worker got a message that no pool sends');
}

/** @throws PARSE */
export function parseReply(value: unknown): Reply {
  const { type, id, output, error } = fields(value);
  if (type === 'done' && isId(id)) return { type, id, output };
  if (type === 'failed' && isId(id)) return { type, id, error: PerigeeError.fromObject(error).toObject() };
  throw new PerigeeError('PARSE', 'a worker answered with a message that serveJobs does not send');
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
