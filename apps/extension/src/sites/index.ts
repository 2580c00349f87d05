export { SiteDesk } from './site-desk.ts';
export { SiteLimits } from './site-limits.ts';
