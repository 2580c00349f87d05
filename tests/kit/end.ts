const work: (() => void)[] = [];

process.once('exit', undoAll);

/**
 * Registers synchronous clean-up, which is done however the tests went, the latest first: after the test file in Vitest
 * (`tests/after-file.ts`), else at the end of this process.
 */
export function atEnd(undo: () => void): void {
  work.push(undo);
}

/** Does now what is registered. */
export function undoAll(): void {
  for (const undo of work.splice(0).reverse()) undo();
}
