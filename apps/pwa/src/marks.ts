import type { LightNodeState } from '@perigee/sampler';

/** What `bench/page` reads: moments since the navigation began, each marked once. The first is a head of this visit, verified. */
const HEAD = 'perigee:head';
const FIRST_ROW = 'perigee:first-verified-row';
/** The first blob has its outcome. */
const SAMPLES_DONE = 'perigee:samples-done';

export function markProgress({ phase, rowsVerified, blobs }: LightNodeState): void {
  if (phase === 'live') markOnce(HEAD);
  if (rowsVerified > 0) markOnce(FIRST_ROW);
  if (blobs.some(({ outcome, earlier }) => outcome !== undefined && !earlier)) markOnce(SAMPLES_DONE);
}

function markOnce(name: string): void {
  if (performance.getEntriesByName(name).length === 0) performance.mark(name);
}
