/** Peers that send more, or less, than anyone can use. */
import { type Host, rowsProtocol } from '@perigee/net';
import { AnswerFrame, concat, RequestFrame, ROW_STATUS, RowAnswer, type RowsRequest, type Status, uvarint } from '@perigee/wire';
import type { RowLie, StatusLie } from './liar.ts';

/** A stream as libp2p hands it over; only what is used here. */
interface RawStream {
  readonly status: string;
  send(data: Uint8Array): boolean;
  addEventListener(type: 'message', listener: (event: { readonly data: { subarray(): Uint8Array } }) => void): void;
}

/** What it has sent. */
export interface Sent {
  count: number;
}

/** Answers one row over and over. */
export function endlessRows(sent: Sent): RowLie {
  return () =>
    async function* ({ indices }: RowsRequest, { signal }) {
      const index = indices[0] ?? 0;
      for (; !signal.aborted; sent.count++) yield { index, status: ROW_STATUS.refused };
    };
}

/** Answers for rows that nobody asked for, before those that were asked for. */
export const unaskedRows: RowLie = (honest) =>
  async function* (request, context) {
    for (let index = 0; index < 100; index++) {
      if (!request.indices.includes(index)) yield { index, status: ROW_STATUS.refused };
    }
    yield* honest(request, context) as AsyncIterable<RowAnswer>;
  };

/** Says the same again and again, as fast as it is read. */
export function endlessStatus(sent: Sent): StatusLie {
  return (honest) =>
    async function* (request, context) {
      for await (const status of honest({ ...request, watch: false }, context) as AsyncIterable<Status>) {
        for (; !context.signal.aborted; sent.count++) yield status;
      }
    };
}

/** Frames of random bytes in place of answers. */
export function garbage(host: Host): Promise<void> {
  return answerRaw(host, (stream) => {
    stream.send(concat(uvarint(300), new Uint8Array(300).fill(0xff)));
  });
}

/** A frame that announces more than any frame holds. */
export function hugeFrame(host: Host): Promise<void> {
  return answerRaw(host, (stream) => {
    stream.send(uvarint(2 ** 27));
  });
}

/** Takes streams and requests, and says nothing at all. */
export function halfOpen(host: Host): Promise<void> {
  return answerRaw(host, () => {});
}

/** Sends its answer one byte at a time. @param everyMs time between two bytes */
export function oneByteAtATime(host: Host, everyMs: number): Promise<void> {
  return answerRaw(host, (stream, { id }) => {
    const answer = AnswerFrame.encode({ id, last: true, body: RowAnswer.encode({ status: ROW_STATUS.refused }) });
    const bytes = concat(uvarint(answer.length + 1_000), answer, new Uint8Array(1_000));
    let at = 0;
    const timer = setInterval(() => {
      if (stream.status === 'open' && at < bytes.length) stream.send(bytes.subarray(at, ++at));
      else clearInterval(timer);
    }, everyMs);
  });
}

/** Answers each request for rows with bytes of its own, below our frames. */
async function answerRaw(host: Host, answer: (stream: RawStream, request: RequestFrame) => void): Promise<void> {
  await host.libp2p.unhandle(rowsProtocol.id);
  await host.libp2p.handle(rowsProtocol.id, (raw) => {
    const stream = raw as unknown as RawStream;
    stream.addEventListener('message', ({ data }) => {
      // requests are small: one message holds one whole frame
      const bytes = data.subarray();
      const request = RequestFrame.decode(bytes.subarray((bytes[0] ?? 0) >= 128 ? 2 : 1));
      if (!request.cancel) answer(stream, request);
    });
  });
}
