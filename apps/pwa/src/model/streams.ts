import type { ErrorObject } from '@perigee/wire';

/** A stream that is looked into. */
export interface StreamsView {
  /** Hexadecimal, 32 bytes. */
  readonly stream: string | undefined;
  /** Ascending by key. */
  readonly entries: readonly StreamEntry[];
  /** Whether others follow the last one. */
  readonly hasMore: boolean;
  /** Header that proves the whole list; `undefined` while it is what this device keeps. */
  readonly provedAt: { readonly height: number; readonly timeMs: number; readonly proof: StreamProof } | undefined;
  readonly doing: 'open' | 'more' | 'read' | 'write' | undefined;
  /** The value that was read last by hand. */
  readonly read: StreamRead | undefined;
  readonly wrote: StreamWrite | undefined;
  readonly problem: ErrorObject | undefined;
}

/** What an answer took. */
export interface StreamProof {
  /** Without keys and values. */
  readonly bytes: number;
  readonly verifyMs: number;
}

export interface StreamEntry {
  /** Hexadecimal. */
  readonly key: string;
  /** The key, fit to be shown. */
  readonly name: string;
  /** The value, fit to be shown; long ones are cut. */
  readonly value: string;
  readonly isText: boolean;
  readonly bytes: number;
  /** Number of the write that it comes from. */
  readonly version: number | undefined;
  /** Hexadecimal, 20 bytes. */
  readonly author: string | undefined;
  /** Header that proves it, and its time, milliseconds since 1970. */
  readonly height: number;
  readonly timeMs: number;
  /** Where it was found; what this device keeps was proved too, when it came. */
  readonly source: 'memory' | 'device' | 'network';
}

export interface StreamRead {
  /** Hexadecimal. */
  readonly key: string;
  readonly name: string;
  readonly source: StreamEntry['source'];
  readonly tookMs: number;
  readonly height: number;
  readonly timeMs: number;
  readonly proof: StreamProof | undefined;
  readonly isThere: boolean;
}

/** A write that verified headers say was done. */
export interface StreamWrite {
  readonly version: number;
  readonly height: number;
  /** Whose: the wallet's that has let this browser, or this browser's own. */
  readonly by: 'session' | 'browser';
}

export const NO_STREAM: StreamsView = {
  stream: undefined,
  entries: [],
  hasMore: false,
  provedAt: undefined,
  doing: undefined,
  read: undefined,
  wrote: undefined,
  problem: undefined,
};
