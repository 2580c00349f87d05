import type { ChainView } from '@perigee/light-core/da';
import type { Clock, VerifiedHead } from '@perigee/light-core/roles';
import { ABSENCE_PATIENCE_MS, type BlobRecord, PerigeeError, toHex } from '@perigee/wire';

/** How often it is looked whether a second peer has shown the head, or another head has come, milliseconds. */
const LOOK_AGAIN_MS = 50;

export interface AskRecordOptions {
  readonly chain: ChainView;
  /** Resolves when the state can be asked. @throws UNPROVEN, ABORTED */
  readonly ready: (signal: AbortSignal) => Promise<void>;
  /** Whether a head is recent, and two peers with different committee keys have it (PROTOCOL §5). */
  readonly isCurrent: (head: VerifiedHead) => boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * The record of a blob that somebody names. That the chain has none is said only where the absence was proved at a current head (PROTOCOL §4): under an
 * old one, or one that a single peer shows, every blob recorded since is absent. A head that is not current yet is waited for.
 *
 * @throws NOT_FOUND when the chain has no such blob; UNPROVEN when that cannot be known now; what the state throws; ABORTED
 */
export async function askRecord(blobId: Uint8Array, options: AskRecordOptions): Promise<BlobRecord> {
  const { chain, ready, isCurrent, clock, signal } = options;
  await ready(signal);
  const patientUntil = clock.now() + ABSENCE_PATIENCE_MS;
  for (;;) {
    const head = chain.head(); // the one that is asked under: nothing lies between the two lines
    const record = await chain.record(blobId, signal);
    if (record !== undefined) return record;
    while (!isCurrent(head) && chain.head() === head && clock.now() < patientUntil) await clock.sleep(LOOK_AGAIN_MS, signal);
    if (isCurrent(head)) {
      throw new PerigeeError('NOT_FOUND', `the chain has no record of blob ${toHex(blobId)} at height ${head.height}`);
    }
    if (clock.now() >= patientUntil) throw notKnown(blobId, head);
  }
}

function notKnown(blobId: Uint8Array, { height, timeMs }: VerifiedHead): PerigeeError {
  const time = new Date(timeMs).toISOString();
  return new PerigeeError(
    'UNPROVEN',
    `the chain had no record of blob ${toHex(blobId)} at height ${height}, of ${time}, and whether it has one now is not known: that head is old, or only one peer shows it`,
    { data: { height } },
  );
}
