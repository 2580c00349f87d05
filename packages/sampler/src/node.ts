/** What only a program under Node can use. */
export { fileSink } from './retrieve/sinks/file-sink.ts';
