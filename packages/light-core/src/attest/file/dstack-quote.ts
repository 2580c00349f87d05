/** What a dstack agent answers to `GetQuote`: `{quote, event_log, …}`, the quote in hexadecimal, the log JSON in text or as it is. */
import { fromHex, PerigeeError, utf8 } from '@perigee/wire';
import type { EvidenceFile } from './evidence-file.ts';

type Members = Readonly<Record<string, unknown>>;

export function isDstackQuote({ quote }: Members): boolean {
  return typeof quote === 'string';
}

/** @throws PARSE */
export function readDstackQuote({ quote, event_log: log, tcb_info: info }: Members): EvidenceFile {
  if (typeof quote !== 'string') throw new PerigeeError('PARSE', '"quote" is no text');
  const evidence = fromHex(quote);
  if (log === undefined || log === '') return { kind: 'dstack', evidence, collateral: {} };
  const appCompose = composeOf(info);
  return {
    kind: 'dstack',
    evidence,
    collateral: {},
    guest: {
      eventLog: utf8(typeof log === 'string' ? log : textOf(log)),
      ...(appCompose === undefined ? {} : { appCompose }),
    },
  };
}

/** @throws PARSE where it is nested too deeply to be written */
function textOf(log: unknown): string {
  try {
    return JSON.stringify(log);
  } catch (cause) {
    throw new PerigeeError('PARSE', '"event_log" is nested too deeply', { cause });
  }
}

/** Some providers put the agent's `Info` beside the quote: `tcb_info.app_compose` holds the very text whose hash is measured. */
function composeOf(info: unknown): Uint8Array | undefined {
  let value = info;
  if (typeof value === 'string') {
    try {
      value = JSON.parse(value);
    } catch (cause) {
      throw new PerigeeError('PARSE', '"tcb_info" is text, and no JSON', { cause });
    }
  }
  if (typeof value !== 'object' || value === null || !('app_compose' in value)) return undefined;
  const { app_compose: compose } = value;
  if (typeof compose !== 'string') throw new PerigeeError('PARSE', '"tcb_info.app_compose" is no text');
  return utf8(compose);
}
