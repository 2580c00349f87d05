import { toHex, utf8 } from '@perigee/wire';
import type { Check } from '../check.ts';
import type { AttestationReport } from '../report.ts';

const REPORT_FORMAT = 'perigee-attestation-report';
/** Of the format of saved reports; one is added, never reused. */
const REPORT_VERSION = 1;

interface Finding {
  readonly report: AttestationReport;
  readonly guest?: readonly Check[];
}

/**
 * A report to be kept or sent, as JSON. It is what its maker saw and proves nothing to others: they verify the evidence.
 *
 * @param judgedAtMs the time for which it was judged, milliseconds since 1970
 */
export function plainReport({ report, guest }: Finding, judgedAtMs: number): object {
  return {
    format: REPORT_FORMAT,
    version: REPORT_VERSION,
    judgedAt: new Date(judgedAtMs).toISOString(),
    ...(plain(report) as object),
    ...(guest === undefined ? {} : { guest }),
  };
}

export function encodeReport(finding: Finding, judgedAtMs: number): Uint8Array {
  return utf8(`${JSON.stringify(plainReport(finding, judgedAtMs), null, 2)}\n`);
}

/** Bytes become hexadecimal, and integers that JSON has no form for, text. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === 'bigint') return `${value}`;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, member]) => [String(name), plain(member)]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}
