/** The two processes that the bench of compute measures: the same engine, behind a provider and alone. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createInt8Engine } from '../../packages/compute/src/engines/index.ts';
import { ownWeights } from '../../packages/compute/src/engines/own-weights.ts';
import { PaidLedger, Provider, serveInference } from '../../packages/compute/src/provider/index.ts';
import { formatWeights, parseWeights, SIGNS } from '../../packages/light-core/src/model/index.ts';
import { secp256k1InferenceSigner } from '../../packages/light-core/src/receipt/index.ts';
import { bestEd25519 } from '../../packages/light-core/src/signature/index.ts';
import { createHost, cryptoRandomBytes, systemClock } from '../../packages/net/src/index.ts';
import { toHex } from '../../packages/wire/src/index.ts';

export type Role = 'provider' | 'engine';

export const CHAIN = { chainId: 'perigee-07070707', genesisHash: new Uint8Array(32).fill(7) };
export const ACCOUNT = new Uint8Array(20).fill(3);
export const PRICE = { perRequest: 100n, perPromptToken: 3n, perAnswerToken: 5n };
export const HEIGHT = 1_000;

/** What a provider says when it is there. */
export interface ProviderReady {
  readonly peerId: string;
  readonly multiaddrs: readonly string[];
  /** Hexadecimal, as all that follow. */
  readonly signer: string;
  readonly modelRoot: string;
}

/** To a provider: what its heap holds when garbage is collected. */
export const HEAP_ASKED = 'heap';

export interface ProviderHeap {
  readonly heapMb: number;
}

/** One answer of the engine alone. */
export interface EngineTask {
  readonly prompt: string;
  readonly maxTokens: number;
  readonly temperatureMillionths: number;
  readonly seed: number;
}

export interface EngineTimes {
  readonly firstMs: number;
  readonly allMs: number;
  readonly tokens: number;
  readonly finish: string | undefined;
}

/** Our model, which seldom says more than fifty tokens, made to go on: what scores the end of an answer is nothing. Every token costs what it did. */
function withoutEnd(file: Uint8Array): Uint8Array {
  const weights = parseWeights(file);
  const { width } = weights.shape;
  weights.embedding.weights.fill(0, SIGNS.end * width, (SIGNS.end + 1) * width);
  return formatWeights(weights);
}

/** Plays its part until the parent is gone. */
export async function play(role: Role): Promise<void> {
  const engine = await createInt8Engine({ files: [withoutEnd(await ownWeights())], workers: 1 });
  const [model] = engine.models;
  if (model?.kind !== 'chat') throw new Error('there is no model');
  process.once('disconnect', () => process.exit(0));
  if (role === 'engine') {
    process.on('message', async ({ prompt, ...parameters }: EngineTask) => {
      const start = performance.now();
      let firstMs = 0;
      let tokens = 0;
      let finish: string | undefined;
      const signal = new AbortController().signal;
      const drawn = { ...parameters, topPMillionths: 1_000_000, stop: [] };
      for await (const piece of model.generate([{ role: 'user', content: prompt }], drawn, { signal })) {
        if (firstMs === 0) firstMs = performance.now() - start;
        tokens = piece.usage.answerTokens;
        finish = piece.finish;
      }
      process.send?.({ firstMs, allMs: performance.now() - start, tokens, finish } satisfies EngineTimes);
    });
    process.send?.({});
    return;
  }
  const dir = await mkdtemp(join(tmpdir(), 'perigee-bench-provider-'));
  process.once('exit', () => void rm(dir, { recursive: true, force: true }));
  const signer = secp256k1InferenceSigner(new Uint8Array(32).fill(4));
  const provider = new Provider({
    chain: { ...CHAIN, unlockBlocks: 2_000 },
    identity: () => ({ account: ACCOUNT, signer, evidenceId: new Uint8Array(32).fill(6) }),
    models: [{ model, price: PRICE }],
    ledger: await PaidLedger.open(dir),
    allowUnpaid: false,
    height: () => HEIGHT,
    admit: async () => ({ stakeClass: 0 }),
    clock: systemClock,
    random: cryptoRandomBytes,
    verifyEd25519: bestEd25519(crypto.subtle),
  });
  const host = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
  await serveInference(host, provider, { clock: systemClock, random: cryptoRandomBytes });
  const ready: ProviderReady = {
    peerId: host.peerId,
    multiaddrs: host.multiaddrs(),
    signer: toHex(signer.key.key),
    modelRoot: toHex(model.modelRoot),
  };
  process.on('message', (asked) => {
    if (asked === HEAP_ASKED) process.send?.({ heapMb: collectedHeap() / 1e6 } satisfies ProviderHeap);
  });
  process.send?.(ready);
}

/** Bytes of JavaScript that something still holds. */
function collectedHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}
