/**
 * Has the browser load its WebRTC, 45 ms and more of its own time the first time it is asked for, while the light node is still on its way. Nothing
 * leaves the machine: without a local description no address is looked for. Never rejects: who dials finds out what is missing.
 */
export async function warmWebrtc(): Promise<void> {
  let connection: RTCPeerConnection | undefined;
  try {
    connection = new RTCPeerConnection();
    connection.createDataChannel('');
    await connection.createOffer();
  } catch {
    // the browser has none, or an extension that refuses it
  }
  connection?.close();
}
