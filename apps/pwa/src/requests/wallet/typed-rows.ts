import type { TypedData } from '@perigee/light-core/tx';
import type { TypedRow } from '../../model/index.ts';

/**
 * Typed data as a wallet shows it: the fields of its types in their order, those of a struct in place of the struct.
 *
 * @returns `rows` of the message, and `domain`
 */
export function typedRows({ types, primaryType, domain, message }: TypedData): {
  readonly rows: readonly TypedRow[];
  readonly domain: readonly TypedRow[];
} {
  const rowsOf = (struct: string, value: TypedData['message'][string] | undefined): TypedRow[] =>
    (types[struct] ?? []).flatMap(({ name, type }) => {
      const field = typeof value === 'object' ? value[name] : undefined;
      return typeof field === 'string' ? [{ name: spaced(name), value: field }] : rowsOf(type, field);
    });
  return { rows: rowsOf(primaryType, message), domain: rowsOf('EIP712Domain', domain) };
}

/** `feeAtMost` is `fee at most`. */
function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
