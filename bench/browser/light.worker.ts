/** Runs in a worker of Chromium: verifies a header, as a page does that has just been opened. */
import { anchor, unverified, verify } from '../../packages/light-core/src/comet/index.ts';
import { bestEd25519 } from '../../packages/light-core/src/signature/index.ts';
import { fromHex, HeaderAnswer } from '../../packages/wire/src/index.ts';

/** What the page hands to the worker; blocks are encoded `HeaderAnswer`s in hexadecimal. */
export interface LightJob {
  readonly chainId: string;
  readonly height: number;
  /** Of the first block, hexadecimal. */
  readonly headerHash: string;
  readonly trusted: string;
  readonly target: string;
  /** Local clock, milliseconds since 1970. */
  readonly now: number;
  readonly times: number;
}

addEventListener('message', ({ data }: MessageEvent<LightJob>) => {
  const reply = (message: unknown): void => (globalThis as unknown as Pick<MessagePort, 'postMessage'>).postMessage(message);
  measure(data).then(reply, (error) => reply(String(error)));
});

/** Milliseconds of each verification: from the bytes to the verified header, with neither a key nor a signature known from before. */
async function measure({ chainId, height, headerHash, trusted, target, now, times }: LightJob): Promise<number[]> {
  const root = { chainId, height, headerHash: fromHex(headerHash) };
  const options = () => ({ now, verifyEd25519: bestEd25519(crypto.subtle) });
  const from = await anchor(root, unverified(HeaderAnswer.decode(fromHex(trusted))), options());
  const bytes = fromHex(target);
  const taken: number[] = [];
  while (taken.length < times) {
    const start = performance.now();
    await verify(from, unverified(HeaderAnswer.decode(bytes)), options());
    taken.push(performance.now() - start);
  }
  return taken;
}
