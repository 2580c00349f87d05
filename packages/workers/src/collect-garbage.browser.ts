/** No page can tell its engine to collect. */
export function collectGarbage(_what: 'young' | 'all'): void {}
