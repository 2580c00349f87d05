import type { KeyValues } from './header-store.ts';

/** Values that are gone with the program. */
export function memoryValues(): KeyValues {
  const held = new Map<string, Uint8Array>();
  return {
    keys: async () => [...held.keys()],
    get: async (key) => held.get(key),
    write: async (changes) => {
      for (const [key, value] of changes) {
        if (value === undefined) held.delete(key);
        else held.set(key, value);
      }
    },
  };
}
