import type { SidecarOrder, SidecarReport } from '../webtransport/bridge.ts';
import { deno } from '../webtransport/sidecar/deno.ts';
import { WebTransportServer } from '../webtransport/sidecar/listen.ts';

/**
 * The process beside the node that terminates QUIC, run by Deno: it has no key but that of the certificate, reads and writes one socket, and listens on one port. It
 * ends with its standard input, so that it never outlives the node.
 */

// Deno ends at an error that nobody caught, and its own streams have some when a connection breaks
globalThis.addEventListener('unhandledrejection', (event) => event.preventDefault());
deno.addSignalListener('SIGINT', () => {}); // Ctrl-C reaches all processes of a terminal; the node ends this one

let server: WebTransportServer | undefined;
try {
  for await (const order of orders()) {
    if ('host' in order) {
      server = new WebTransportServer(order);
      report({ listening: true });
    } else server?.use(order.certificate);
  }
} catch (error) {
  report({ fault: error instanceof Error ? error.message : String(error) });
  deno.exit(1);
}
deno.exit(0);

async function* orders(): AsyncGenerator<SidecarOrder> {
  const text = new TextDecoder();
  let held = '';
  for await (const chunk of deno.stdin.readable) {
    const lines = (held + text.decode(chunk, { stream: true })).split('\n');
    held = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as SidecarOrder;
  }
}

function report(what: SidecarReport): void {
  deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(what)}\n`));
}
