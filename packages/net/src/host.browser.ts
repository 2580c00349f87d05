import { webRTCDirect } from '@libp2p/webrtc';
import { webSockets } from '@libp2p/websockets';
import { PerigeeError } from '@perigee/wire';
import { newIdentity } from './identity.browser.ts';
import { commonOptions } from './libp2p-options.ts';
import { lateNoise, readyKeyPairs } from './noise.browser.ts';
import type { Platform } from './platform.ts';
import { lateWebTransport } from './webtransport.browser.ts';

/** RTCPeerConnection exists in windows and offscreen documents, not in workers. */
const hasWebRtc = typeof RTCPeerConnection !== 'undefined';

/** In pages, workers and extensions of browsers that have it. */
const hasWebTransport = typeof WebTransport !== 'undefined';

export const platform: Platform = {
  preference: [
    ...(hasWebRtc ? (['webrtc-direct'] as const) : []),
    ...(hasWebTransport ? (['webtransport'] as const) : []),
    'websocket',
    ...(hasWebRtc ? (['webrtc'] as const) : []),
  ],
  missing: {
    ...(hasWebRtc ? {} : { 'webrtc-direct': 'this context has no RTCPeerConnection' }),
    ...(hasWebTransport ? {} : { webtransport: 'this browser has no WebTransport' }),
  },
  async configure(options) {
    if (options.listen !== undefined || options.directory !== undefined || options.announce !== undefined) {
      throw new PerigeeError(
        'UNSUPPORTED',
        'a browser neither listens nor keeps an identity; leave out listen, announce and directory',
      );
    }
    readyKeyPairs();
    return {
      ...commonOptions(options),
      privateKey: await newIdentity(),
      connectionEncrypters: [lateNoise()],
      // no STUN: it tells strangers who is looking
      transports: [
        ...(hasWebRtc ? [webRTCDirect({ rtcConfiguration: { iceServers: [] } })] : []),
        ...(hasWebTransport ? [lateWebTransport()] : []),
        webSockets(),
      ],
    };
  },
  started: () => {},
};
