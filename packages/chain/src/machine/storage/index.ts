export { readFlow, writeFirstFlow, writeFlow } from './flow-record.ts';
export { FILE_EVENT, submitFile } from './submit-file.ts';
