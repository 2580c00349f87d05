import { setTimeout as sleep } from 'node:timers/promises';
import { cryptoRandomBytes } from '@perigee/net';
import { PerigeeError, utf8 } from '@perigee/wire';
import { readKey } from '../keys.ts';
import { withPublisher } from '../publishing.ts';

/** The first blob is there when the page opens. */
const FIRST_BYTES = 1 << 20;
const LATER_BYTES = 1 << 18;
const RETENTION_BLOCKS = 3_600;
/** Nonces of the devnet's own traffic; people publish in lane 0. */
const LANE = 1;

export interface TrafficOptions {
  /** Text of the trust root. */
  readonly trustRoot: string;
  readonly key: string;
  readonly everySeconds: number;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
  /** The first blob is recorded. */
  readonly onFirst: () => void;
}

/** Publishes random data, one blob at once and then one every so often, so that there is always something to sample. */
export async function publishTraffic(options: TrafficOptions): Promise<void> {
  const { trustRoot, key, everySeconds, signal, onLine, onFirst } = options;
  const signer = await readKey(key);
  await withPublisher({ trustRoot, signer, lane: LANE }, signal, async (publisher) => {
    let bytes = FIRST_BYTES;
    while (!signal.aborted) {
      try {
        const data = cryptoRandomBytes(bytes);
        const { record } = await publisher.publish({
          data,
          namespace: utf8('devnet'),
          retentionBlocks: RETENTION_BLOCKS,
          signal,
        });
        onLine(`traffic published ${bytes} bytes, recorded at height ${record.height}`);
        onFirst();
        bytes = LATER_BYTES;
      } catch (thrown) {
        if (signal.aborted) return;
        onLine(`traffic ${PerigeeError.from(thrown).message}`);
      }
      await sleep(1_000 * everySeconds, undefined, { signal }).catch(() => {});
    }
  });
}
