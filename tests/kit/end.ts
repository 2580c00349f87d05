const work: (() => void)[] = [];

process.once('exit', () => {
  for (const undo of work.reverse()) undo();
});

/** Registers synchronous clean-up for the end of this process, however its tests went; the latest runs first. */
export function atEnd(undo: () => void): void {
  work.push(undo);
}
