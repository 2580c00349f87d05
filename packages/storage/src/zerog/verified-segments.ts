import type { Clock } from '@perigee/light-core/roles';
import { type FileHash, holdsSegment, type Shard, verifySegment } from '@perigee/light-core/storage';
import { createStopController, type Host, open, segmentsProtocol } from '@perigee/net';
import { GATEWAY_HEDGE_MS, GATEWAY_TIMEOUT_MS, PerigeeError, type SegmentAnswer, type StoredFile } from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import type { ListedNode, Providers, StorageDirectory } from '../node/index.ts';
import { isLie } from '../sync/lies.ts';

export interface VerifiedSegmentsParts {
  readonly host: Host;
  readonly log: FileLog;
  readonly hash: FileHash;
  readonly clock: Clock;
  readonly directory: Pick<StorageDirectory, 'nodes' | 'ban'>;
  /** Finds nodes that this one is not connected to. */
  readonly providers?: Pick<Providers, 'find'>;
  /** Told of who gave what is false. */
  readonly onFault: (error: PerigeeError) => void;
}

/** A segment that is a file's. */
interface VerifiedSegment {
  /** Those that are the file's. */
  readonly bytes: Uint8Array;
  /** Whole chunks, and their proof. */
  readonly answer: SegmentAnswer;
}

/** A node that may have a segment; addresses where it may not be connected. */
type AskedNode = Pick<ListedNode, 'peerId'> & { readonly multiaddrs?: readonly string[] };

/** Segments of any shard: of this node's disk, else of another storage node. Each is verified by root and length of the submission, wherever it is from. */
export class VerifiedSegments {
  readonly #parts: VerifiedSegmentsParts;

  constructor(parts: VerifiedSegmentsParts) {
    this.#parts = parts;
  }

  /**
   * @returns the bytes of it that are the file's
   * @throws NOT_FOUND when nobody who can be asked has it, SEGMENT_INDEX, ABORTED
   */
  async get(file: StoredFile, index: number, signal: AbortSignal): Promise<Uint8Array> {
    return (await this.proved(file, index, signal)).bytes;
  }

  /** The same, and what shows that it is. @throws as `get` */
  async proved(file: StoredFile, index: number, signal: AbortSignal): Promise<VerifiedSegment> {
    return (await this.#own(file, index)) ?? (await this.#ofOthers(file, index, signal));
  }

  /** Whether a node gives a segment that is true. */
  async isServedBy(node: ListedNode, file: StoredFile, index: number, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#ask(node, file, index, signal);
      return true;
    } catch {
      return false;
    }
  }

  /** A disk may err where its checksum does not. */
  async #own(file: StoredFile, index: number): Promise<VerifiedSegment | undefined> {
    const { log, hash, onFault } = this.#parts;
    const answer = await log.read(file.txSeq, index);
    if (typeof answer !== 'object') return undefined;
    try {
      return { bytes: verifySegment(file, answer, hash), answer };
    } catch (cause) {
      onFault(new PerigeeError('STORE_CORRUPT', `segment ${index} of submission ${file.txSeq} on this disk is false`, { cause }));
      return undefined;
    }
  }

  /** Those that are connected, and then those that are found elsewhere. */
  async #ofOthers(file: StoredFile, index: number, signal: AbortSignal): Promise<VerifiedSegment> {
    const holds = ({ shard }: { readonly shard: Shard }): boolean => holdsSegment(shard, file.startSector, index);
    const near = this.#parts.directory.nodes().filter(holds);
    let found = await this.#ofThese(near, file, index, signal);
    if (found === undefined && this.#parts.providers !== undefined) {
      const more = await this.#parts.providers.find(file, signal).catch(() => []);
      const others = more.filter((node) => holds(node) && !near.some(({ peerId }) => peerId === node.peerId));
      found = await this.#ofThese(others, file, index, signal);
    }
    if (found !== undefined) return found;
    throw new PerigeeError('NOT_FOUND', `nobody who can be asked has segment ${index} of submission ${file.txSeq}`);
  }

  /** The nearest first, and another beside it when one keeps silent. The first that is true counts. */
  async #ofThese(
    known: readonly AskedNode[],
    file: StoredFile,
    index: number,
    signal: AbortSignal,
  ): Promise<VerifiedSegment | undefined> {
    const { clock } = this.#parts;
    const nodes = [...known];
    const stop = createStopController();
    const until = stop.signal;
    // by hand, because Node keeps what AbortSignal.any makes for as long as the signal that it was made of
    const onAbort = (): void => stop.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    const asked = new Set<Promise<void>>();
    let found: VerifiedSegment | undefined;
    try {
      while (found === undefined) {
        if (signal.aborted) throw new PerigeeError('ABORTED', 'nobody waits for the segment any more');
        const node = nodes.shift();
        if (node !== undefined) {
          const question: Promise<void> = this.#ask(node, file, index, until)
            .then(
              (segment) => {
                found ??= segment;
              },
              () => {},
            )
            .finally(() => asked.delete(question));
          asked.add(question);
        } else if (asked.size === 0) break;
        await Promise.race([
          ...asked,
          clock.sleep(node === undefined ? GATEWAY_TIMEOUT_MS : GATEWAY_HEDGE_MS, until).catch(() => {}),
        ]);
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      stop.abort();
    }
    return found;
  }

  /** @throws NOT_FOUND, what the node says, and what says that it lied: it is not asked again then */
  async #ask(
    { peerId, multiaddrs = [] }: AskedNode,
    file: StoredFile,
    index: number,
    signal: AbortSignal,
  ): Promise<VerifiedSegment> {
    const { host, hash, directory, onFault } = this.#parts;
    const client = open(host, { peerId, multiaddrs }, segmentsProtocol);
    const request = { txSeq: file.txSeq, first: index, count: 1 };
    try {
      let segment: SegmentAnswer | undefined;
      for await (const answer of client.call(request, { signal, timeoutMs: GATEWAY_TIMEOUT_MS })) {
        if (segment !== undefined || answer.index !== index) {
          throw new PerigeeError('PARSE', `it gave segment ${answer.index} where segment ${index} was asked for`);
        }
        segment = answer;
      }
      if (segment === undefined) throw new PerigeeError('NOT_FOUND', `it has no segment ${index} of submission ${file.txSeq}`);
      return { bytes: verifySegment(file, segment, hash), answer: segment };
    } catch (thrown) {
      const error = PerigeeError.from(thrown);
      if (isLie(error)) {
        directory.ban(peerId);
        const words = `storage node ${peerId} gave what is false, and is not asked again: ${error.message}`;
        onFault(new PerigeeError(error.code, words, { data: { peerId, txSeq: file.txSeq, index }, cause: error }));
      }
      throw error;
    }
  }
}
