import { afterEach, expect, it, vi } from 'vitest';
import { warmWebrtc } from '../src/warm-webrtc.ts';

afterEach(() => vi.unstubAllGlobals());

const close = vi.fn();

class Honest {
  readonly close = close;
  createDataChannel(): void {}
  async createOffer(): Promise<object> {
    return {};
  }
}

class Refused {
  constructor() {
    throw new Error('refused');
  }
}

/** As content blockers put in its place. */
class Idle extends Honest {
  override createOffer(): never {
    return undefined as never;
  }
}

class Mute extends Honest {
  override createOffer(): Promise<never> {
    return Promise.reject(new Error('refused'));
  }
}

it.each<[string, unknown, number]>([
  ['there', Honest, 1],
  ['missing', undefined, 0],
  ['refused', Refused, 0],
  ['made to do nothing', Idle, 1],
  ['without offers', Mute, 1],
])('a page whose WebRTC is %s goes on', async (_what, made, closed) => {
  close.mockClear();
  vi.stubGlobal('RTCPeerConnection', made);
  await warmWebrtc();
  expect(close).toHaveBeenCalledTimes(closed);
});
