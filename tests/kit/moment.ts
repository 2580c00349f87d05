import type { TestProcess } from './process.ts';

const LOOK_AGAIN_MS = 2;

/** Resolves when a process has written something that matches, on standard output or error. @throws Error when it ends first */
export async function untilWritten(child: TestProcess, pattern: RegExp): Promise<void> {
  let ended = false;
  void child.exit.then(() => {
    ended = true;
  });
  while (!pattern.test(child.output())) {
    if (ended) throw new Error(`the process ended without ${pattern}:\n${child.output()}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
