export { Database, type DatabaseFormat, type Range, type Write } from './database.ts';
