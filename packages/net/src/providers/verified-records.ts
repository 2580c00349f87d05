import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { verifyProviderRecord } from '@perigee/light-core/storage';
import type { ProviderRecord } from '@perigee/wire';
import { toHex } from '@perigee/wire';

export interface RecordsContext {
  readonly genesisHash: Uint8Array;
  readonly root: Uint8Array;
  readonly nowMs: number;
  readonly verifyEd25519: VerifyEd25519;
}

/**
 * What several nodes know of who has a file: the records that verify, the newest of each key, those first that most of them know, so that one who makes
 * up holders does not hide the others.
 *
 * @param answers of each node its records
 * @param limit of the list
 */
export async function verifiedRecords(
  answers: readonly (readonly ProviderRecord[])[],
  limit: number,
  context: RecordsContext,
): Promise<ProviderRecord[]> {
  const known = new Map<string, { record: ProviderRecord; votes: number }>();
  for (const records of answers) {
    for (const record of new Map(records.map((one) => [toHex(one.body.key), one])).values()) {
      const key = toHex(record.body.key);
      const before = known.get(key);
      const isNewer = before === undefined || record.body.expiry > before.record.body.expiry;
      const isTrue =
        isNewer &&
        (await verifyProviderRecord(record, context)
          .then(() => true)
          .catch(() => false));
      if (isTrue) known.set(key, { record, votes: (before?.votes ?? 0) + 1 });
      else if (before !== undefined && !isNewer) before.votes++;
    }
  }
  return [...known.values()]
    .sort((a, b) => b.votes - a.votes)
    .slice(0, limit)
    .map(({ record }) => record);
}
