/** Run as a process of its own: a Node host for the tests that run in a page. Prints `READY {peerId, multiaddrs}`. With the path of Deno as argument it also listens for WebTransport. */
import { createHost, serve } from '../../src/index.ts';
import { echoProtocol, frame, GARBAGE } from '../protocols.ts';

const [deno] = process.argv.slice(2);
const program = new URL('../../node/jobs/webtransport.job.js', import.meta.url);
const host = await createHost({
  allowPrivate: true,
  listen: {
    host: '127.0.0.1',
    tcp: 0,
    websocket: 0,
    webrtcDirect: 0,
    ...(deno === undefined ? {} : { webtransport: { port: 0, deno, program } }),
  },
});
await serve(host, echoProtocol, async function* ({ count, size, mode }, { signal }) {
  for (let index = 0; index < count; index++) {
    if (mode === 'hang' && index === 1) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    yield { index, data: new Uint8Array(size).fill(index) };
  }
});
await host.libp2p.handle(GARBAGE, (stream) => {
  stream.addEventListener('message', () => stream.send(frame(Uint8Array.of(0xff, 0xff, 0xff))), { once: true });
});
process.once('SIGTERM', () => void host.stop().finally(() => process.exit()));
console.log(`READY ${JSON.stringify({ peerId: host.peerId, multiaddrs: host.multiaddrs() })}`);
