/** One mutated copy of a value. */
export interface Mutation<T> {
  /** Where, such as `block.signedHeader.header.height`; list positions are left out. */
  readonly path: string;
  /** What was done there. */
  readonly change: string;
  readonly value: T;
}

/** Every copy of `value` with one thing changed: each number, text and byte string in several ways, each list shortened, lengthened and turned. */
export function* mutations<T>(value: T, path = ''): Generator<Mutation<T>> {
  for (const [change, changed] of changesOf(value)) yield { path, change, value: changed as T };
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  for (const [name, held] of Object.entries(value)) {
    const below = Array.isArray(value) ? path : path === '' ? name : `${path}.${name}`;
    for (const inner of mutations(held as unknown, below)) {
      const copy = (Array.isArray(value) ? [...value] : { ...value }) as T & Record<string, unknown>;
      (copy as Record<string, unknown>)[name] = inner.value;
      yield { path: inner.path, change: inner.change, value: copy };
    }
  }
}

function changesOf(value: unknown): [string, unknown][] {
  if (typeof value === 'number') {
    return [
      ['+ 1', value + 1],
      ['- 1', value - 1],
      ['→ 0', value === 0 ? 7 : 0],
      ['negated', value === 0 ? -7 : -value],
    ];
  }
  if (typeof value === 'bigint') {
    return [
      ['+ 1', value + 1n],
      ['→ 0', value === 0n ? 7n : 0n],
    ];
  }
  if (typeof value === 'string') {
    return [
      ['longer', `${value}x`],
      ['empty', ''],
    ];
  }
  if (value instanceof Uint8Array) return bytesChanges(value);
  if (Array.isArray(value) && value.length > 1) {
    return [
      ['last left out', value.slice(0, -1)],
      ['last twice', [...value, value.at(-1)]],
      ['first in place of second', [value[0], value[0], ...value.slice(2)]],
      ['turned', value.toReversed()],
      ['none', []],
    ];
  }
  return [];
}

function bytesChanges(bytes: Uint8Array): [string, unknown][] {
  const changes: [string, unknown][] = [['one longer', Uint8Array.from([...bytes, 0])]];
  if (bytes.length === 0) return changes;
  changes.push(['one shorter', bytes.slice(0, -1)], ['none', new Uint8Array(0)]);
  for (const at of new Set([0, bytes.length >> 1, bytes.length - 1])) {
    const flipped = bytes.slice();
    flipped[at] = (flipped[at] ?? 0) ^ 0x10;
    changes.push([`bit of byte ${at} turned`, flipped]);
  }
  return changes;
}
