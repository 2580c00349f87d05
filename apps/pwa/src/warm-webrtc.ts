/**
 * Has the browser load its WebRTC, 45 ms and more of its own time the first time it is asked for, while the light node is still on its way. Nothing
 * leaves the machine: without a local description no address is looked for.
 */
export function warmWebrtc(): void {
  if (typeof RTCPeerConnection === 'undefined') return;
  const connection = new RTCPeerConnection();
  connection.createDataChannel('');
  const close = (): void => connection.close();
  connection.createOffer().then(close, close);
}
