/** Runs `use`, and whatever happens then every stop that it has added, the last one first. */
export async function withStops<T>(use: (onStop: (stop: () => void | Promise<void>) => void) => Promise<T>): Promise<T> {
  const stops: (() => void | Promise<void>)[] = [];
  try {
    return await use((stop) => void stops.unshift(stop));
  } finally {
    for (const stop of stops) await stop();
  }
}

/** Resolves when the signal fires. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
