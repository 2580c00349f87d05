import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { maxFeeOf, requestHashOf, signOrder, verifyReceipt } from '../packages/light-core/src/receipt/index.ts';
import { bestEd25519 } from '../packages/light-core/src/signature/index.ts';
import { createHost, createStopController, cryptoRandomBytes, type Host } from '../packages/net/src/index.ts';
import { AnswerChecker } from '../packages/sampler/src/compute/answers/index.ts';
import { askProvider } from '../packages/sampler/src/compute/ask.ts';
import { peerCarrier } from '../packages/sampler/src/compute/carriers/index.ts';
import { fromHex, type InferenceRequest, MODEL_KIND, type OpenedReceipt, SIGNER_SCHEME } from '../packages/wire/src/index.ts';
import { residentOf } from '../tests/kit/memory.ts';
import { nativeSigner } from '../tests/kit/native-signer.ts';
import {
  ACCOUNT,
  CHAIN,
  type EngineTask,
  type EngineTimes,
  HEAP_ASKED,
  HEIGHT,
  PRICE,
  type ProviderHeap,
  type ProviderReady,
  play,
  type Role,
} from './compute/roles.ts';
import { report } from './figure.ts';

// The same answers, with the same seeds, of a provider in a process of its own over loopback TCP, and of the engine alone in another process: in turn. A
// client takes them apart, verifies each checkpoint, and has the receipt at the end. Then answers for the memory of that provider, and receipts from a file.
const SHORT = { tokens: 24, pairs: 200, block: 20 };
const LONG = { tokens: 512, pairs: 60, block: 6 };
const WARM = 20;
const REQUESTS = 1_000;
/** Requests after which its heap has grown to what it works in, so that what comes later is growth. */
const SETTLING = 600;
/** Memory is the mean of so many looks. */
const LOOKS = 100;
/** A provider takes 20 requests a second of each peer. */
const HOSTS = 8;
const VERIFIED = 200;
const PROMPT = 'What is a light node?';
const payer = nativeSigner(new Uint8Array(32).fill(5));
const checker = new AnswerChecker();
const { signal } = createStopController();

const [, , role] = process.argv;
if (role === 'provider' || role === 'engine') await play(role);
else await measure();

interface Timed {
  readonly firstMs: number;
  readonly allMs: number;
  readonly opened: OpenedReceipt;
}

async function measure(): Promise<void> {
  const [[provider, ready], [engine]] = await Promise.all([started<ProviderReady>('provider'), started('engine')]);
  const hosts = await Promise.all(Array.from({ length: HOSTS }, () => createHost({ allowPrivate: true })));
  let turn = 0;
  const ask = (task: EngineTask): Promise<Timed> => answerOf(hosts[turn++ % HOSTS] as Host, ready, task);
  const alone = async (task: EngineTask): Promise<EngineTimes> => {
    engine.send(task);
    return (await once(engine, 'message'))[0] as EngineTimes;
  };
  try {
    for (let i = 0; i < WARM; i++) await Promise.all([ask(taskOf(SHORT.tokens, i)), alone(taskOf(SHORT.tokens, i))]);
    const short = await pairs(SHORT, (i) => taskOf(SHORT.tokens, i), ask, alone);
    const long = await pairs(LONG, (i) => taskOf(LONG.tokens, i), ask, alone);
    report('compute.overhead_percent.short_p50', '%', blockOverheads(short, SHORT.block));
    report('compute.overhead_percent.short_p99', '%', [overhead(0.99, allOf(short.ours), allOf(short.theirs))]);
    report('compute.overhead_percent.long512_p50', '%', blockOverheads(long, LONG.block));
    report('compute.overhead_percent.long512_p99', '%', [overhead(0.99, allOf(long.ours), allOf(long.theirs))]);
    report('compute.answer_ms.short', 'ms', allOf(short.ours), beside(allOf(short.theirs)));
    report('compute.answer_ms.long512', 'ms', allOf(long.ours), beside(allOf(long.theirs)));
    report('compute.first_token_ms', 'ms', firstOf(short.ours), beside(firstOf(short.theirs)));
    await verifying(ready, long.ours.at(-1)?.opened);
    await growth(provider, ask);
  } finally {
    await checker.close();
    for (const host of hosts) await host.stop();
    for (const child of [provider, engine]) {
      child.disconnect();
      await once(child, 'exit');
    }
  }
  process.exit(0);
}

async function started<Ready>(name: Role): Promise<[ChildProcess, Ready]> {
  const child = fork(fileURLToPath(import.meta.url), [name], {
    execArgv: process.execArgv,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [ready] = (await once(child, 'message')) as [Ready];
  return [child, ready];
}

function taskOf(maxTokens: number, seed: number): EngineTask {
  return { prompt: PROMPT, maxTokens, temperatureMillionths: 700_000, seed };
}

async function pairs(
  { pairs: count }: { readonly pairs: number },
  task: (i: number) => EngineTask,
  ask: (task: EngineTask) => Promise<Timed>,
  alone: (task: EngineTask) => Promise<EngineTimes>,
): Promise<Pairs> {
  const [ours, theirs]: [Timed[], EngineTimes[]] = [[], []];
  for (let seed = 0; ours.length < count; seed++) {
    const asked = task(seed);
    // who is first changes, so that neither has the other's warm cache
    const before = seed % 2 === 0 ? await ask(asked) : undefined;
    const its = await alone(asked);
    const mine = before ?? (await ask(asked));
    const { answerTokens } = mine.opened.receipt.checkpoint.body.usage;
    if (answerTokens !== its.tokens) throw new Error(`the provider gave ${answerTokens} tokens and the engine ${its.tokens}`);
    // some seeds end by themselves
    if (its.tokens !== asked.maxTokens) continue;
    ours.push(mine);
    theirs.push(its);
  }
  return { ours, theirs };
}

/** From the signing of the order to the last checked checkpoint. */
async function answerOf(host: Host, { peerId, multiaddrs, signer, modelRoot }: ProviderReady, task: EngineTask): Promise<Timed> {
  const registration = registrationOf(signer, modelRoot);
  const start = performance.now();
  const request: InferenceRequest = {
    version: 1,
    kind: MODEL_KIND.chat,
    modelRoot: registration.modelRoot,
    salt: cryptoRandomBytes(32),
    messages: [{ role: 'user', content: task.prompt }],
    inputs: [],
    parameters: {
      maxTokens: task.maxTokens,
      temperatureMillionths: task.temperatureMillionths,
      topPMillionths: 1_000_000,
      seed: task.seed,
      stop: [],
    },
  };
  const draft = {
    provider: ACCOUNT,
    modelRoot: registration.modelRoot,
    requestHash: requestHashOf(request),
    maxFee: maxFeeOf(PRICE, request),
    nonce: cryptoRandomBytes(16),
    expiryHeight: HEIGHT + 600,
  };
  const order = await signOrder(draft, CHAIN.genesisHash, payer);
  const answer = askProvider(
    peerCarrier(host, { peerId, multiaddrs }),
    { registration, request, order, sealed: undefined },
    { signal, chain: CHAIN, checker },
  );
  let firstMs = 0;
  for (;;) {
    const next = await answer.next();
    if (next.done === true) {
      const allMs = performance.now() - start;
      const { checks, opened, error } = next.value;
      const failed = checks.find(({ verdict }) => verdict !== 'pass');
      if (failed !== undefined || opened === undefined) throw error ?? new Error(`check ${failed?.name}: ${failed?.reason}`);
      return { firstMs, allMs, opened };
    }
    if (firstMs === 0 && 'chunk' in next.value) firstMs = performance.now() - start;
  }
}

function registrationOf(signer: string, modelRoot: string) {
  const none = new Uint8Array(32);
  return {
    signer: { scheme: SIGNER_SCHEME.secp256k1, key: fromHex(signer, 20) },
    encryptionKey: none,
    modelRoot: fromHex(modelRoot, 32),
    price: PRICE,
    endpoints: [],
    simulated: true,
    boundHeight: 1,
    provider: ACCOUNT,
    boundHash: none,
    evidenceId: none.map(() => 6),
    collateralId: none,
    subject: '',
    registeredHeight: 1,
    expiryTime: 1,
    place: 0,
  };
}

async function verifying({ signer, modelRoot }: ProviderReady, opened: OpenedReceipt | undefined): Promise<void> {
  if (opened === undefined) throw new Error('there is no receipt');
  const registration = registrationOf(signer, modelRoot);
  const { evidenceId, price } = registration;
  const expected = {
    ...CHAIN,
    verifyEd25519: bestEd25519(crypto.subtle),
    provider: { account: ACCOUNT, signer: registration.signer },
    modelRoot: registration.modelRoot,
    evidenceId,
    price,
  };
  const times: number[] = [];
  for (let i = 0; i < VERIFIED; i++) {
    const start = performance.now();
    const { verdict } = await verifyReceipt(opened, expected);
    times.push(performance.now() - start);
    if (verdict !== 'pass') throw new Error(`the receipt is ${verdict}`);
  }
  report('compute.receipt_verify_ms', 'ms', times.slice(WARM));
}

async function growth(provider: ChildProcess, ask: (task: EngineTask) => Promise<unknown>): Promise<void> {
  const resident = (): number => (residentOf(provider.pid ?? 0) ?? 0) / 1e6;
  const looks: number[] = [];
  for (let i = 0; i < SETTLING + REQUESTS; i++) {
    await ask(taskOf(SHORT.tokens, i));
    if (i >= SETTLING) looks.push(resident());
    if ((i + 1) % LOOKS === 0) console.log(`${i + 1} answers: ${resident().toFixed(1)} MB resident`);
  }
  // what nothing holds is collected before these looks, so they come when those at what is resident are over
  const heaps: number[] = [await heapOf(provider)];
  for (let i = 0; i < REQUESTS; i++) {
    await ask(taskOf(SHORT.tokens, i));
    if ((i + 1) % LOOKS !== 0) continue;
    heaps.push(await heapOf(provider));
    console.log(`${i + 1} answers more: ${heaps.at(-1)?.toFixed(2)} MB held, ${resident().toFixed(1)} MB resident`);
  }
  report('compute.provider_heap_growth_mb', 'MB', [Math.max(0, (heaps.at(-1) ?? 0) - (heaps[0] ?? 0))]);
  report('compute.provider_heap_mb', 'MB', heaps);
  if (looks.every((look) => look === 0)) return; // no such figure on this system
  const mean = (part: readonly number[]): number => part.reduce((sum, one) => sum + one, 0) / part.length;
  report('compute.provider_growth_mb', 'MB', [Math.max(0, mean(looks.slice(-LOOKS)) - mean(looks.slice(0, LOOKS)))]);
  report('compute.provider_rss_mb', 'MB', looks);
}

async function heapOf(provider: ChildProcess): Promise<number> {
  provider.send(HEAP_ASKED);
  return ((await once(provider, 'message'))[0] as ProviderHeap).heapMb;
}

interface Pairs {
  readonly ours: readonly Timed[];
  readonly theirs: readonly EngineTimes[];
}

function allOf(times: readonly { readonly allMs: number }[]): number[] {
  return times.map(({ allMs }) => allMs);
}

function firstOf(times: readonly { readonly firstMs: number }[]): number[] {
  return times.map(({ firstMs }) => firstMs);
}

function beside(samples: readonly number[]) {
  return { peer: { name: 'the engine alone', samples } };
}

/** Of each so many pairs in a row. */
function blockOverheads({ ours, theirs }: Pairs, block: number): number[] {
  return Array.from({ length: Math.floor(ours.length / block) }, (_, i) => {
    const [mine, its] = [ours, theirs].map((times) => allOf(times.slice(i * block, (i + 1) * block)));
    return overhead(0.5, mine ?? [], its ?? []);
  });
}

/** How much longer ours take, hundredths; 0 where they do not. */
function overhead(quantile: number, ours: readonly number[], theirs: readonly number[]): number {
  return Math.max(0, 100 * (at(quantile, ours) / at(quantile, theirs) - 1));
}

function at(quantile: number, values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(quantile * sorted.length) - 1)] ?? Number.NaN;
}
