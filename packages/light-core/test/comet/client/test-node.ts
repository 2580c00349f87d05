/** A full node's answers, out of blocks that a test made; and what it was asked. */
import { type CometEvidence, type HeaderAnswer, PerigeeError, REQUEST_TIMEOUT_MS, type ValidatorSet } from '@perigee/wire';
import {
  createLightClient,
  type LightClient,
  type LightClientOptions,
  type LightProvider,
} from '../../../src/comet/client/index.ts';
import { headerHash, unixMs, unverified } from '../../../src/comet/index.ts';
import type { Clock } from '../../../src/roles/index.ts';
import { bestEd25519 } from '../../../src/signature/index.ts';
import { headerOf } from '../asserts.ts';
import { CHAIN_ID } from '../chain.ts';

export class TestNode implements LightProvider {
  readonly name: string;
  readonly blocks = new Map<number, HeaderAnswer>();
  /** Heights, in the order in which they were asked for; 0 is the latest. */
  readonly headersAsked: number[] = [];
  readonly setsAsked: number[] = [];
  readonly evidence: CometEvidence[] = [];
  /** What it does instead of answering. */
  fails: (() => Promise<never>) | undefined;
  /** Times that it refuses evidence. */
  refusals = 0;

  constructor(name: string, blocks: readonly HeaderAnswer[]) {
    this.name = name;
    for (const block of blocks) this.add(block);
  }

  get latest(): number {
    return Math.max(...this.blocks.keys());
  }

  add(block: HeaderAnswer): void {
    this.blocks.set(headerOf(block).height, block);
  }

  async signedHeader(height: number) {
    this.headersAsked.push(height);
    await this.fails?.();
    return unverified(structuredClone(this.#block(height === 0 ? this.latest : height).block.signedHeader ?? {}));
  }

  async validators(height: number) {
    this.setsAsked.push(height);
    await this.fails?.();
    const before = this.blocks.get(height - 1);
    const set = before?.nextValidators ?? before?.block.validatorSet ?? this.#block(height).block.validatorSet;
    return unverified(structuredClone(set as ValidatorSet));
  }

  async reportEvidence(evidence: CometEvidence): Promise<void> {
    if (this.refusals-- > 0) throw new PerigeeError('REFUSED', 'the evidence cannot be judged yet');
    this.evidence.push(evidence);
  }

  #block(height: number): HeaderAnswer {
    const block = this.blocks.get(height);
    if (block !== undefined) return block;
    if (height > this.latest) throw new PerigeeError('NOT_FOUND', `height ${height} is above ${this.latest}`);
    throw new PerigeeError('PRUNED', `height ${height} is not kept`);
  }
}

/** Time that a test moves. Short waits are over at once and take their time; a request's patience is 30 ms. */
export class TestClock implements Clock {
  #now: number;
  /** Called before each wait. */
  onWait: () => void = () => {};

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  set(now: number): void {
    this.#now = now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const isRequest = ms >= REQUEST_TIMEOUT_MS;
    if (!isRequest) this.onWait();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => {
          if (!isRequest) this.#now += ms;
          resolve();
        },
        isRequest ? 30 : 0,
      );
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(new PerigeeError('ABORTED', 'aborted'));
      };
      if (signal?.aborted) onAbort();
      signal?.addEventListener('abort', onAbort);
    });
  }
}

export function checkpointOf(block: HeaderAnswer) {
  const header = headerOf(block);
  return { height: header.height, headerHash: headerHash(header) };
}

export function clockAfter(block: HeaderAnswer): TestClock {
  return new TestClock(unixMs(headerOf(block).time) + 500);
}

/** A client whose trust begins with the first block of the primary. */
export function clientOf(
  primary: TestNode,
  witnesses: readonly TestNode[],
  options: Partial<LightClientOptions> = {},
): Promise<LightClient> {
  const [first] = primary.blocks.values();
  const last = [...primary.blocks.values()].at(-1);
  if (first === undefined || last === undefined) throw new Error('the test gave no blocks');
  return createLightClient({
    chainId: CHAIN_ID,
    checkpoints: [checkpointOf(first)],
    primary,
    witnesses,
    clock: clockAfter(last),
    verifyEd25519: bestEd25519(crypto.subtle),
    ...options,
  });
}
