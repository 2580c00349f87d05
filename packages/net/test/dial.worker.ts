import { createHost, dialPeer, type PeerAddress } from '../src/index.ts';

/** Dials from a worker, where there is no RTCPeerConnection. */
addEventListener('message', async ({ data }: MessageEvent<PeerAddress>) => {
  const host = await createHost({ allowPrivate: true });
  try {
    postMessage(await dialPeer(host, data));
  } catch (error) {
    postMessage(String(error));
  }
  await host.stop();
});
