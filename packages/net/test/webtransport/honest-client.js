// Run by Deno: a client that comes once, and says whether the node answered the first message of its handshake. Arguments: the port, and the hash of the
// certificate in base64.
const [port, hash] = Deno.args;
globalThis.addEventListener('unhandledrejection', (event) => event.preventDefault());
const url = `https://127.0.0.1:${port}/.well-known/libp2p-webtransport?type=noise`;
const certificate = {
  serverCertificateHashes: [{ algorithm: 'sha-256', value: Uint8Array.from(atob(hash), (c) => c.charCodeAt(0)) }],
};
const PATIENCE_MS = 10_000;
const KEY_BYTES = 32;
/** Second message of Noise XX: two keys, a tag, and a payload with its own. */
const LEAST_ANSWER_BYTES = 2 * KEY_BYTES + 2 * 16;

const visit = async () => {
  const transport = new WebTransport(url, certificate);
  transport.closed.catch(() => {});
  try {
    await transport.ready;
    const { readable, writable } = await transport.createBidirectionalStream();
    const writer = writable.getWriter();
    await writer.write(Uint8Array.of(0, KEY_BYTES, ...crypto.getRandomValues(new Uint8Array(KEY_BYTES))));
    const reader = readable.getReader();
    for (let received = 0; received < 2 + LEAST_ANSWER_BYTES; ) {
      const { value } = await reader.read();
      if (value === undefined) throw new Error('the node says no more');
      received += value.length;
    }
    return 'served';
  } catch (error) {
    return `not served: ${error.message}`;
  } finally {
    transport.close();
  }
};

const late = new Promise((resolve) => setTimeout(() => resolve('not served in time'), PATIENCE_MS));
console.log(await Promise.race([visit(), late]));
Deno.exit(0);
