import type { LightNodeState, RowVerdict } from '@perigee/sampler';
import { headerRanges } from '../view/header-ranges.ts';

/** What was verified in this visit, and nothing that somebody only said. */
export interface Verified {
  readonly chainId: string;
  /** Proved to be a chain for development; `undefined` while neither is proved. */
  readonly development: boolean | undefined;
  /** Blocks without a gap whose headers were verified, the newest last. */
  readonly from: number;
  readonly to: number;
  /** Of the newest, hexadecimal. */
  readonly headerHash: string;
  /** When the newest was verified here, milliseconds since 1970. */
  readonly verifiedAtMs: number;
  readonly validators: number;
  /** Share of the voting power that signed the newest, 0 to 1; `undefined` where that was not counted. */
  readonly signedPower: number | undefined;
  /** Blobs that were sampled to an end, by what that came to. */
  readonly available: number;
  readonly withheld: number;
  readonly undecided: number;
  /** Bits of the least certain of the available ones; `undefined` without any. */
  readonly bits: number | undefined;
  readonly rows: number;
  /** The blob whose rows the picture shows: its id, and each drawn row. */
  readonly blob: { readonly blobId: string; readonly verdicts: readonly RowVerdict[] } | undefined;
}

/** @returns `undefined` while no header was verified in this visit: what an earlier one found is not said again */
export function verifiedOf(state: LightNodeState | undefined, chosen: string | undefined): Verified | undefined {
  if (state?.phase !== 'live' || state.head === undefined || state.chain === undefined) return undefined;
  const { head, chain } = state;
  const ranges = headerRanges(state.headers.filter(({ way }) => way !== 'kept'));
  const around = ranges.find(({ from, to }) => from <= head.height && head.height <= to);
  const sampled = state.blobs.filter(({ outcome, earlier, rows }) => outcome !== undefined && !earlier && rows.length > 0);
  const of = (one: string) => sampled.filter(({ outcome }) => outcome === one);
  const available = of('available');
  const bits = available.flatMap(({ confidence }) => (confidence === undefined ? [] : confidence.availabilityBits));
  const shown = sampled.find(({ blobId }) => blobId === chosen) ?? sampled[0];
  return {
    chainId: chain.chainId,
    development: chain.development,
    from: around?.from ?? head.height,
    to: head.height,
    headerHash: head.headerHash,
    verifiedAtMs: head.verifiedAtMs,
    validators: head.validators,
    signedPower: head.signedPower,
    available: available.length,
    withheld: of('unavailable').length + of('badEncoding').length,
    undecided: of('inconclusive').length,
    bits: bits.length === 0 ? undefined : Math.min(...bits),
    rows: state.rowsVerified,
    blob: shown && { blobId: shown.blobId, verdicts: shown.rows.map(({ verdict }) => verdict) },
  };
}

/** Address of this page that opens what the picture shows. What the address said of trust and peers is nobody else's to believe. */
export function linkTo(page: string, { blob }: Pick<Verified, 'blob'>): string {
  const url = new URL(page);
  url.search = '';
  url.hash = blob === undefined ? '' : blob.blobId;
  return url.href;
}
