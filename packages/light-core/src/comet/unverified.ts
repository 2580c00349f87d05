declare const content: unique symbol;

/**
 * A `T` as a peer gave it: bounded, and nothing else is known of it. Its fields cannot be read; a function that verifies takes it and gives
 * back a type whose fields can. At run time it is the plain value, so it crosses threads.
 */
export interface Unverified<T> {
  readonly [content]: T;
}

export function unverified<T>(value: T): Unverified<T> {
  return value as unknown as Unverified<T>;
}

/** Only for the functions that verify; not exported from this folder. */
export function contentOf<T>(value: Unverified<T>): T {
  return value as unknown as T;
}
