import type { Logger, MessageStreamDirection } from '@libp2p/interface';
import { AbstractStream } from '@libp2p/utils';
import { BRIDGE_WINDOW_BYTES, MAX_BRIDGE_FRAME_BYTES, PerigeeError } from '@perigee/wire';
import type { Uint8ArrayList } from 'uint8arraylist';
import type { BridgeFrame } from './bridge.ts';

/** Credit that is not worth a frame of its own yet, bytes. */
const CREDIT_STEP_BYTES = BRIDGE_WINDOW_BYTES / 4;

/** What carries the frames of all streams of a session. */
export interface Carrier {
  send(frame: BridgeFrame): void;
  /** Whether it has more to send than the system takes now. */
  readonly isFull: boolean;
}

/** A stream of a session, for libp2p. Neither side sends more than BRIDGE_WINDOW_BYTES that the other has not taken. */
export class BridgeStream extends AbstractStream {
  readonly number: number;
  readonly #carrier: Carrier;
  /** Bytes that the other side still takes. */
  #credit = BRIDGE_WINDOW_BYTES;
  /** Bytes that it may still send, and those that were received since it was last told. */
  #window = BRIDGE_WINDOW_BYTES;
  #taken = 0;

  constructor(parts: {
    readonly number: number;
    readonly direction: MessageStreamDirection;
    readonly carrier: Carrier;
    readonly log: Logger;
  }) {
    const { number, direction, carrier, log } = parts;
    super({ id: String(number), direction, log: log.newScope(`${direction}:${number}`) });
    this.number = number;
    this.#carrier = carrier;
  }

  /** @throws FRAME_TOO_LARGE when the other side sends more than it may */
  receive(frame: BridgeFrame): void {
    if (frame.type === 'data') {
      const bytes = frame.payload.length;
      if (bytes > this.#window)
        throw new PerigeeError('FRAME_TOO_LARGE', `stream ${this.number} sent ${bytes} bytes, of ${this.#window}`);
      this.#window -= bytes;
      this.#taken += bytes;
      this.onData(frame.payload);
    } else if (frame.type === 'credit') {
      this.#credit += frame.bytes;
      this.onRoom();
    } else if (frame.type === 'fin') this.onRemoteCloseWrite();
    else if (frame.type === 'reset') this.onRemoteReset();
    else if (frame.type === 'stop') {
      this.onRemoteCloseRead();
      this.safeDispatchEvent('drain'); // whoever waits to write may: nothing of it is sent
    }
  }

  /** The carrier has room again. */
  onRoom(): void {
    if (this.writableNeedsDrain && this.#credit > 0 && !this.#carrier.isFull) this.safeDispatchEvent('drain');
  }

  /** Called after all bytes that arrive, and when somebody begins to listen, or goes on. */
  protected override dispatchReadBuffer(): void {
    super.dispatchReadBuffer();
    this.#giveCredit();
  }

  /** Only bytes that were taken are paid for: a stream that is paused stands still at the end of its window. */
  #giveCredit(): void {
    if (this.#taken < CREDIT_STEP_BYTES || this.readStatus !== 'readable' || this.readBufferLength > 0) return;
    this.#carrier.send({ type: 'credit', stream: this.number, bytes: this.#taken });
    this.#window += this.#taken;
    this.#taken = 0;
  }

  override sendData(data: Uint8ArrayList): { sentBytes: number; canSendMore: boolean } {
    if (this.remoteReadStatus === 'closed') return { sentBytes: data.byteLength, canSendMore: true };
    let sentBytes = 0;
    while (sentBytes < data.byteLength && this.#credit > 0 && !this.#carrier.isFull) {
      const length = Math.min(data.byteLength - sentBytes, this.#credit, MAX_BRIDGE_FRAME_BYTES);
      this.#carrier.send({ type: 'data', stream: this.number, payload: data.subarray(sentBytes, sentBytes + length) });
      this.#credit -= length;
      sentBytes += length;
    }
    return { sentBytes, canSendMore: sentBytes === data.byteLength && this.#credit > 0 && !this.#carrier.isFull };
  }

  /** Deno resets no stream: the peer sees the end of what was sent, and that nothing more is read. */
  override sendReset(): void {
    this.#carrier.send({ type: 'reset', stream: this.number });
  }

  override async sendCloseWrite(): Promise<void> {
    this.#carrier.send({ type: 'fin', stream: this.number });
  }

  override async sendCloseRead(): Promise<void> {
    this.#carrier.send({ type: 'stop', stream: this.number });
  }

  /** Standing still is what a window does by itself. */
  override sendPause(): void {}

  override sendResume(): void {
    this.#giveCredit();
  }
}
