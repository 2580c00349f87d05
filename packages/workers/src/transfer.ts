/** A job's output of which some parts move to the caller instead of being copied. */
export class Transferred<Value> {
  constructor(
    readonly value: Value,
    readonly objects: readonly Transferable[],
  ) {}
}

/**
 * Return this from a job to move buffers to the caller; the job cannot use them afterwards.
 *
 * @param value the output
 * @param objects what moves: buffers (not views) that `value` holds
 */
export function transfer<Value>(value: Value, objects: readonly Transferable[]): Transferred<Value> {
  return new Transferred(value, objects);
}
