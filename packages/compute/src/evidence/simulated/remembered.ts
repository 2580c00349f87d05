import { createHash } from 'node:crypto';

/**
 * What a function makes of bytes, made once for the same: keys and signatures of a simulation come of its seed alone, and every piece of evidence has
 * most of them again.
 *
 * @param most results that are kept; the oldest go first
 * @param make must give the same for the same, and nothing that its callers change
 */
export function remembered<T>(most: number, make: (bytes: Uint8Array) => T): (bytes: Uint8Array) => T {
  const made = new Map<string, T>();
  return (bytes) => {
    const name = createHash('sha256').update(bytes).digest('base64');
    const known = made.get(name);
    if (known !== undefined) return known;
    const value = make(bytes);
    made.set(name, value);
    for (const oldest of made.keys()) {
      if (made.size <= most) break;
      made.delete(oldest);
    }
    return value;
  };
}
