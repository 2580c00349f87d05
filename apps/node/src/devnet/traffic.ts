import { randomInt } from 'node:crypto';
import { createStopController, systemClock } from '@perigee/net';
import { PerigeeError, utf8 } from '@perigee/wire';
import type { Logger } from '../cli/log.ts';
import { readKey } from '../keys.ts';
import { withPublisher } from '../publishing.ts';
import type { Clients } from './clients.ts';
import type { OwnFiles } from './own-files.ts';

/** Sizes of blobs, bytes: 2^16 to 2^22, each power as likely as the other. */
const SMALLEST_LOG2 = 16;
const LARGEST_LOG2 = 22;
/** The first blob is there when the page opens. */
const FIRST_BYTES = 1 << 20;
/** So many of the traffic's blobs are kept at a time: about half of a disk budget of 1 GiB. */
const KEPT_BLOBS = 120;
/** Nonces of the devnet's own traffic; people publish in lane 0. */
const LANE = 1;

export interface TrafficOptions {
  /** Text of the trust root. */
  readonly trustRoot: string;
  /** Path of the account's key. */
  readonly key: string;
  readonly everySeconds: number;
  readonly blockMs: number;
  readonly files: OwnFiles;
  readonly clients: Clients;
  readonly log: Logger;
}

/** Blobs on their way to the chain, again and again. */
export interface Traffic {
  /** Resolves when the first blob is recorded. @throws why there will be none */
  readonly first: Promise<void>;
  stop(): Promise<void>;
}

/** Publishes one blob at once, and then one every so often while a client is there to sample it. */
export function startTraffic(options: TrafficOptions): Traffic {
  const stopping = createStopController();
  let onFirst = (): void => {};
  let onEnd: (error: unknown) => void = () => {};
  const first = new Promise<void>((resolve, reject) => {
    onFirst = resolve;
    onEnd = reject;
  });
  first.catch(() => {}); // whoever waits for it hears it
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
  const { trustRoot, key, everySeconds, blockMs, files, clients, log } = options;
  const signer = await readKey(key);
  const retentionBlocks = Math.ceil((KEPT_BLOBS * everySeconds * 1_000) / blockMs);
  const own = { trust: { trustRoot }, signer, lane: LANE, onHost: (peerId: string) => clients.addOwn(peerId) };
  await withPublisher(own, signal, async (publisher) => {
    let bytes = FIRST_BYTES;
    while (!signal.aborted) {
      try {
        const data = await files.take(bytes);
        const { record } = await publisher.publish({ data, namespace: utf8('devnet'), retentionBlocks, signal });
        log.debug({ bytes, height: record.height }, 'a blob was published');
        onFirst();
        bytes = someSize();
      } catch (thrown) {
        if (!signal.aborted) log.warn(PerigeeError.from(thrown).message);
      }
      await systemClock.sleep(1_000 * everySeconds, signal).catch(() => {});
      await clients.arrived(signal);
    }
  });
}

function someSize(): number {
  const log2 = SMALLEST_LOG2 + randomInt(LARGEST_LOG2 - SMALLEST_LOG2);
  return 2 ** log2 + randomInt(2 ** log2 + 1);
}
