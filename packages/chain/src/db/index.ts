export { Database, type Write } from './database.ts';
