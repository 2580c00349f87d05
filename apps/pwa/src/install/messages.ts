/** What the page says to a service worker that waits: take over. */
export const SKIP_WAITING = 'perigee/skip-waiting';
/** What a service worker asks a page before it loads it anew, with a port for the answer: `true` while something goes on there that would be lost. */
export const IS_AT_WORK = 'perigee/is-at-work';
