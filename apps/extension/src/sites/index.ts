export { nameOf, SiteDesk, type SiteQuestion } from './site-desk.ts';
export { SiteLimits } from './site-limits.ts';
