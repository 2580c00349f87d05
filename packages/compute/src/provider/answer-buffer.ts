/**
 * Runs ahead of its reader, so that a model is never held up by one who reads slowly. What it holds is bounded by what one answer may have.
 *
 * @param source begun at once
 * @param stop ends the source when the reader goes
 */
export function readAhead<T>(source: AsyncIterable<T>, stop: (reason: unknown) => void): AsyncGenerator<T> {
  const held: T[] = [];
  let end: { readonly error?: unknown } | undefined;
  let wake = (): void => {};
  const run = async (): Promise<void> => {
    try {
      for await (const item of source) {
        held.push(item);
        wake();
      }
      end = {};
    } catch (error) {
      end = { error };
    }
    wake();
  };
  const running = run();
  return (async function* () {
    try {
      for (;;) {
        const next = held.shift();
        if (next !== undefined) yield next;
        else if (end !== undefined) {
          if ('error' in end) throw end.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      stop(new DOMException('nobody reads the answer', 'AbortError'));
      await running;
    }
  })();
}
