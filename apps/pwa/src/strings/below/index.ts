/** Words of the lower half of the page, which come with it: the first paint needs none of them. */
export * from './about.ts';
export * from './headers.ts';
export * from './notices.ts';
export * from './publishing.ts';
export * from './tasks.ts';
export * from './trust-request.ts';
