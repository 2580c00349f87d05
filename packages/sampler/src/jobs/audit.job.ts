import { serveJobs } from '@perigee/workers';
import { createAuditJobs } from '../audit/audit-jobs.ts';

const table = createAuditJobs();
serveJobs(table);
export type AuditJobs = typeof table;
