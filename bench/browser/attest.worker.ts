/** Runs in a worker of Chromium: verifies a TDX quote, as a page does that has just been opened; or times another program on it. */
import { type AttestJob, measureAttest } from '../attest-measure.ts';

/** The other program, served by the bench: WebAssembly with its JavaScript, and the collateral as that takes it. */
export interface PeerJob extends AttestJob {
  readonly peer: { readonly script: string; readonly wasm: string; readonly collateral: Readonly<Record<string, string>> };
}

addEventListener('message', ({ data }: MessageEvent<AttestJob | PeerJob>) => {
  const reply = (message: unknown): void => (globalThis as unknown as Pick<MessagePort, 'postMessage'>).postMessage(message);
  ('peer' in data ? measurePeer(data) : measureAttest(data)).then(reply, (error) => reply(String(error)));
});

async function measurePeer({ quote, time, times, peer }: PeerJob): Promise<readonly number[]> {
  const { default: load, js_verify } = await import(/* @vite-ignore */ peer.script);
  await load({ module_or_path: peer.wasm });
  const taken: number[] = [];
  while (taken.length < times) {
    const start = performance.now();
    js_verify(quote, peer.collateral, BigInt(Math.floor(time / 1000)));
    taken.push(performance.now() - start);
  }
  return taken;
}
