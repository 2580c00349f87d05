/** What a dstack agent answers to `GetQuote`: `{quote, event_log, …}`, the quote in hexadecimal, the log JSON in text or as it is. */
import { fromHex, MAX_ATTESTATION_BYTES, PerigeeError, utf8 } from '@perigee/wire';
import type { EvidenceFile } from './evidence-file.ts';
import { jsonValue } from './json-value.ts';

type Members = Readonly<Record<string, unknown>>;

export function isDstackQuote({ quote }: Members): boolean {
  return typeof quote === 'string';
}

/** Two for each byte, and `0x`. */
const MAX_QUOTE_DIGITS = 2 * MAX_ATTESTATION_BYTES + 2;

/** @throws PARSE */
export function readDstackQuote({ quote, event_log: log, tcb_info: info }: Members): EvidenceFile {
  if (typeof quote !== 'string' || quote.length > MAX_QUOTE_DIGITS) {
    throw new PerigeeError('PARSE', `"quote" is no text of at most ${MAX_QUOTE_DIGITS} characters`);
  }
  const evidence = fromHex(quote);
  if (log === undefined || log === '') return { kind: 'dstack', evidence, collateral: {} };
  const appCompose = composeOf(info);
  return {
    kind: 'dstack',
    evidence,
    collateral: {},
    guest: {
      eventLog: utf8(typeof log === 'string' ? log : JSON.stringify(log)),
      ...(appCompose === undefined ? {} : { appCompose }),
    },
  };
}

/** Some providers put the agent's `Info` beside the quote: `tcb_info.app_compose` holds the very text whose hash is measured. */
function composeOf(info: unknown): Uint8Array | undefined {
  const value = typeof info === 'string' ? jsonValue(info, '"tcb_info"') : info;
  if (typeof value !== 'object' || value === null || !('app_compose' in value)) return undefined;
  const { app_compose: compose } = value;
  if (typeof compose !== 'string') throw new PerigeeError('PARSE', '"tcb_info.app_compose" is no text');
  return utf8(compose);
}
