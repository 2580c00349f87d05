/** What only a page can use. */
export { type OpfsSink, opfsSink } from './retrieve/sinks/opfs-sink.ts';
