import { type Asker, FairPlaces, type RequestContext } from '@perigee/net';
import { MAX_SEGMENT_REQUESTS, PerigeeError, type SegmentAnswer, type SegmentsRequest } from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import type { LogFile } from '../log/kept-file.ts';

/** Gives segments to anyone, each with its proof, a frame for each that is here, in order. */
export class SegmentsService {
  readonly #log: FileLog;
  readonly #places = new FairPlaces(MAX_SEGMENT_REQUESTS);

  constructor(log: FileLog) {
    this.#log = log;
  }

  /** @throws INVALID_ARGUMENT unless the file is named in one way, NOT_FOUND (no such file is known here), BUSY; that in mid-answer when its place went to somebody with fewer */
  async *answer(
    request: SegmentsRequest,
    { signal, ...asker }: Asker & Pick<RequestContext, 'signal'>,
  ): AsyncGenerator<SegmentAnswer, void, undefined> {
    const files = this.#filesOf(request);
    let isLost = false;
    const leave = this.#places.take(asker, () => {
      isLost = true;
    });
    const busy = (): PerigeeError =>
      new PerigeeError('BUSY', 'too many requests for segments are in work; ask again, or ask another node');
    if (leave === undefined) throw busy();
    try {
      for (let index = request.first; index < request.first + request.count; index++) {
        signal.throwIfAborted();
        if (isLost) throw busy();
        const answer = await this.#read(files, index);
        if (answer !== undefined) yield answer;
      }
    } finally {
      leave();
    }
  }

  /** Every submission of one file has the same segments; which of them are here depends on where it lies in the flow. */
  async #read(files: readonly LogFile[], index: number): Promise<SegmentAnswer | undefined> {
    for (const { txSeq } of files) {
      const answer = await this.#log.read(txSeq, index);
      if (typeof answer === 'object') return answer;
    }
    return undefined;
  }

  #filesOf({ root, txSeq }: SegmentsRequest): readonly LogFile[] {
    if ((root === undefined) === (txSeq === undefined)) {
      throw new PerigeeError('INVALID_ARGUMENT', 'a file is named by its data root or by its number, by one of them');
    }
    const named = txSeq === undefined ? undefined : this.#log.get(txSeq);
    const files = root === undefined ? [named].filter((file) => file !== undefined) : this.#log.ofRoot(root).toReversed();
    const [latest] = files;
    if (latest === undefined) throw new PerigeeError('NOT_FOUND', 'no such file is known here');
    // a root does not say how long a file is: the one that the state names for it is the latest
    return files.filter(({ length }) => length === latest.length);
  }
}
