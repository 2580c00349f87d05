import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromiumObstacle, launchChromium } from '../../tests/kit/index.ts';
import type { CodecBench } from '../browser/codec.ts';
import type { ShapeTimes } from './measure.ts';
import { SHAPES } from './shapes.ts';

/** Milliseconds by shape, of one thread and of all. */
export interface ChromiumTimes {
  readonly shapes: readonly ShapeTimes[];
  readonly pipelines: readonly (readonly number[])[];
}

/** Files that the page asks for, and their types. */
const SERVED: Readonly<Record<string, readonly [type: string, path: string]>> = {
  '/codec.js': ['text/javascript', 'dist/bench/browser/codec.js'],
  '/codec.worker.js': ['text/javascript', 'dist/bench/browser/codec.worker.js'],
  '/codec.relaxed.wasm': ['application/wasm', 'packages/wasm-codec/wasm/codec.relaxed.wasm'],
  '/codec.simd.wasm': ['application/wasm', 'packages/wasm-codec/wasm/codec.simd.wasm'],
};

/** The same in an isolated page of Chromium; nothing, by name, where there is no Chromium. */
export async function inChromium(threads: number, rounds: number): Promise<ChromiumTimes | undefined> {
  const obstacle = chromiumObstacle();
  if (obstacle !== undefined) {
    console.log(`skipped: Chromium: ${obstacle}`);
    return undefined;
  }
  const server = createServer(({ url = '/' }, response) => {
    response.setHeader('cross-origin-opener-policy', 'same-origin').setHeader('cross-origin-embedder-policy', 'require-corp');
    const [type, path] = SERVED[url] ?? [];
    if (type !== undefined && path !== undefined) response.setHeader('content-type', type).end(readFileSync(path));
    else {
      const page = '<!doctype html><title>bench</title><script type="module" src="/codec.js"></script>';
      response.setHeader('content-type', 'text/html').end(page);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { context, close } = await launchChromium();
  try {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction(() => 'codecBench' in globalThis);
    const shapes: ShapeTimes[] = [];
    for (const shape of SHAPES)
      shapes.push(await page.evaluate((one) => (globalThis as unknown as Bench).codecBench.shape(one), shape));
    const pipelines: number[][] = [];
    for (const shape of SHAPES) {
      const given = [shape, threads, rounds] as const;
      pipelines.push(await page.evaluate((all) => (globalThis as unknown as Bench).codecBench.pipeline(...all), given));
    }
    return { shapes, pipelines };
  } finally {
    await close();
    server.closeAllConnections();
    server.close();
  }
}

interface Bench {
  readonly codecBench: CodecBench;
}
