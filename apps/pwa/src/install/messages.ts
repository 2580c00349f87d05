/** What the page says to a service worker that waits: take over. */
export const SKIP_WAITING = 'perigee/skip-waiting';
