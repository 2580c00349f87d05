import type { Task } from '../model/index.ts';

/** What a task is called while it runs, once it is done, and where it came to nothing. */
export const taskName = {
  publish: { running: 'Publishing', done: 'Published', failed: 'Not published:', interrupted: 'Interrupted:' },
  retrieve: { running: 'Retrieving', done: 'Retrieved', failed: 'Not retrieved:', interrupted: 'Interrupted:' },
} as const satisfies Record<Task['kind'], Record<Task['status'], string>>;

export const trust = {
  trusted: (chain: string): string => `You believe ${chain} by a link, not by this page.`,
  leave: 'Go back to this page’s own chain',
} as const;
