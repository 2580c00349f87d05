import { createStopController, cryptoRandomBytes, systemClock } from '@perigee/net';
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
  /** Path of the account's key. */
  readonly key: string;
  readonly everySeconds: number;
  readonly onLine: (line: string) => void;
}

/** Random data on its way to the chain, again and again. */
export interface Traffic {
  /** Resolves when the first blob is recorded. @throws why there will be none */
  readonly first: Promise<void>;
  stop(): Promise<void>;
}

/** Publishes one blob at once and then one every so often, so that there is always something to sample. */
export function startTraffic(options: TrafficOptions): Traffic {
  const stopping = createStopController();
  let onFirst = (): void => {};
  let onEnd: (error: unknown) => void = () => {};
  const first = new Promise<void>((resolve, reject) => {
    onFirst = resolve;
    onEnd = reject;
  });
  const ended = publishAgain(options, stopping.signal, onFirst).catch(onEnd);
  return {
    first,
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

async function publishAgain(options: TrafficOptions, signal: AbortSignal, onFirst: () => void): Promise<void> {
  const { trustRoot, key, everySeconds, onLine } = options;
  const signer = await readKey(key);
  await withPublisher({ trustRoot, signer, lane: LANE }, signal, async (publisher) => {
    let bytes = FIRST_BYTES;
    while (!signal.aborted) {
      try {
        const data = cryptoRandomBytes(bytes);
        const request = { data, namespace: utf8('devnet'), retentionBlocks: RETENTION_BLOCKS, signal };
        const { record } = await publisher.publish(request);
        onLine(`traffic published ${bytes} bytes, recorded at height ${record.height}`);
        onFirst();
        bytes = LATER_BYTES;
      } catch (thrown) {
        if (!signal.aborted) onLine(`traffic ${PerigeeError.from(thrown).message}`);
      }
      await systemClock.sleep(1_000 * everySeconds, signal).catch(() => {});
    }
  });
}
