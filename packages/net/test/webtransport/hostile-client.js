// Run by Deno: what a stranger can do to a WebTransport listener. Arguments: the port, and the hash of its certificate in base64. Ends with 0 when a session still begins.
const [port, hash] = Deno.args;
globalThis.addEventListener('unhandledrejection', (event) => event.preventDefault());
const listen = { hostname: '127.0.0.1', port: Number(port) };
const certificate = {
  serverCertificateHashes: [{ algorithm: 'sha-256', value: Uint8Array.from(atob(hash), (c) => c.charCodeAt(0)) }],
};
const url = `https://127.0.0.1:${port}/.well-known/libp2p-webtransport?type=noise`;
const quic = () => Deno.connectQuic({ ...listen, alpnProtocols: ['h3'], ...certificate });
const write = async (stream, ...bytes) => {
  const writer = stream.getWriter();
  writer.closed.catch(() => {});
  for (const each of bytes) await writer.write(each);
  return writer;
};

setInterval(() => {}, 1_000); // Deno waits for nothing that is only promised

/** A session; tried again, since those that were begun before may not be forgotten yet. */
const session = async () => {
  for (let left = 100; ; left--) {
    const transport = new WebTransport(url, certificate);
    transport.closed.catch(() => {});
    try {
      await transport.ready;
      return transport;
    } catch (error) {
      if (left === 0) {
        console.log(error.message);
        Deno.exit(1);
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
};

// packets that are no QUIC
const udp = Deno.listenDatagram({ hostname: '127.0.0.1', port: 0, transport: 'udp' });
for (let i = 0; i < 200; i++) await udp.send(crypto.getRandomValues(new Uint8Array(1_200)), { ...listen, transport: 'udp' });
udp.close();

const requests = [
  Uint8Array.of(0), // another frame
  Uint8Array.of(1, 0xc0, 0, 0, 0x10, 0, 0, 0, 0), // 64 GiB of headers
  Uint8Array.of(1, 0x80), // half a length
  new Uint8Array(70_000).fill(0xff),
];
for (const request of requests) {
  const conn = await quic();
  conn.closed.catch(() => {});
  const stream = await conn.createBidirectionalStream();
  await write(stream.writable, request).catch(() => {});
}
// connections of which nothing comes, more than one address may have
const idle = await Promise.allSettled(Array.from({ length: 24 }, quic));
console.log(`idle ${idle.filter(({ status }) => status === 'fulfilled').length}`);
for (const { value } of idle) value?.close();

// a session that opens streams of none, half a prefix, and streams without number; and one that talks nonsense where Noise should be
for (let i = 0; i < 3; i++) {
  const transport = await session();
  const streams = await Promise.allSettled(Array.from({ length: 80 }, () => transport.createBidirectionalStream()));
  await Promise.allSettled(
    streams.map(({ value }) => value && write(value.writable, crypto.getRandomValues(new Uint8Array(50_000)))),
  );
  if (i > 0) transport.close();
}
await session();
console.log('a session begins');
Deno.exit(0);
