import { mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { accountKey, verifyStateProof } from '@perigee/light-core/state';
import { Account, fromHex, PerigeeError, toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import {
  type CrashPlan,
  type CrashTally,
  crashRounds,
  planCrash,
  randomOf,
  startProcess,
  type TestProcess,
  temporaryFolder,
} from '../../../../tests/kit/index.ts';
import type { ChainNode } from '../../src/index.ts';
import { addressOf, BALANCE, genesisOf, openChain } from '../devnet.ts';
import { followTo, growTo, headerOf } from '../follow.ts';

const LONG = process.env.PERIGEE_LONG === '1';
const ROUNDS = LONG ? 50 : 3;
/** A block has two writes; the first ones of a process are those of a block that was stored without its state. */
const WITHIN = 40;
const job = fileURLToPath(new URL('../../../../dist/test/jobs/chain-crash.job.js', import.meta.url));

interface Told {
  readonly height: number;
  readonly headerHash: string;
  readonly txs: readonly string[];
}

/** The blocks that a process said were made: whoever waited for their transactions had the answer. */
function toldBy(child: TestProcess): Told[] {
  const lines = child.stdout().split('\n').slice(0, -1);
  return lines.map((line) => {
    const [height, headerHash = '', txs = ''] = line.split(' ');
    return { height: Number(height), headerHash, txs: txs === '' ? [] : txs.split(',') };
  });
}

/** A chain that is killed again and again, and what it told of. */
class Victim {
  readonly dir = temporaryFolder('crash');
  #told = new Map<number, Told>();
  #nonce = 0;

  start(env: Readonly<Record<string, string>> = {}): TestProcess {
    return startProcess(job, [this.dir, String(this.#nonce)], { env });
  }

  /** Opens the chain after a kill, without any help, and finds in it all that it told of. */
  async check(child: TestProcess): Promise<void> {
    for (const block of toldBy(child)) {
      expect(this.#told.get(block.height), `block ${block.height} was made twice`).toBeUndefined();
      this.#told.set(block.height, block);
    }
    const chain = await openChain(this.dir, genesisOf());
    try {
      await this.#checkChain(chain);
    } finally {
      await chain.close();
    }
  }

  async #checkChain(chain: ChainNode): Promise<void> {
    const last = chain.latest();
    expect(last.height).toBeGreaterThanOrEqual(Math.max(0, ...this.#told.keys()));
    // one block more, under which the state of the last is proved
    await growTo(chain, last.height + 1);
    for (const { height, headerHash, txs } of this.#told.values()) {
      expect(toHex(headerOf(chain, height + 1).lastBlockId.hash)).toBe(headerHash);
      for (const tx of txs) expect(chain.result(fromHex(tx))).toMatchObject({ height, code: 0 });
    }
    const [alice, bob] = ['alice', 'bob'].map((name) => {
      const key = accountKey(addressOf(name));
      const { appHash } = headerOf(chain, last.height + 1);
      const proof = chain.prove('account', key, last.height);
      return Account.decode(verifyStateProof(proof, { appHash, store: 'account', key }) ?? new Uint8Array(0));
    });
    // one unit moved for every nonce, and every transfer that was told of is among them
    this.#nonce = alice?.nonces[0]?.next ?? 0;
    expect(alice?.balance).toBe(BALANCE - BigInt(this.#nonce));
    expect(bob?.balance).toBe(BALANCE + BigInt(this.#nonce));
    expect(this.#nonce).toBeGreaterThanOrEqual([...this.#told.values()].flatMap(({ txs }) => txs).length);
  }

  /** Every header is verified by the one before. */
  async follow(): Promise<void> {
    const chain = await openChain(this.dir, genesisOf());
    await followTo(chain, chain.latest().height);
    await chain.close();
  }

  /** Begins anew. */
  async forget(): Promise<void> {
    await rm(this.dir, { recursive: true });
    await mkdir(this.dir);
    this.#told = new Map();
    this.#nonce = 0;
  }
}

function killOver(victim: Victim, plan: Pick<CrashPlan, 'random' | 'cut'>, check: (child: TestProcess) => Promise<void>) {
  return crashRounds({
    ...plan,
    folder: victim.dir,
    rounds: ROUNDS,
    within: WITHIN,
    start: (env) => victim.start(env),
    check: (_, child) => check(child),
  });
}

function show(what: string, seed: number, tally: CrashTally): void {
  if (LONG) console.log(`chain, ${what}: ${JSON.stringify(tally)}, PERIGEE_SEED=${seed}`);
}

describe('a chain that is killed inside a write', { timeout: ROUNDS * 30_000 }, () => {
  for (const cut of [undefined, 'unsynced'] as const) {
    const what = cut === undefined ? 'killed' : 'killed, and the last file cut where it was not flushed';
    it(`${ROUNDS} times (${what}) has every block it told of, and goes on`, async ({ onTestFailed }) => {
      const random = randomOf(onTestFailed);
      const victim = new Victim();
      const tally = await killOver(victim, { random, cut }, (child) => victim.check(child));
      expect(tally.kills).toBe(ROUNDS);
      await victim.follow();
      show(what, random.seed, tally);
    });
  }

  it(`${ROUNDS} times, and loses of its last file what was flushed, has all or says that it has not`, async ({
    onTestFailed,
  }) => {
    const random = randomOf(onTestFailed);
    const victim = new Victim();
    let refused = 0;
    const tally = await killOver(victim, { random, cut: 'any' }, async (child) => {
      try {
        await victim.check(child);
      } catch (error) {
        // the disk lost what it said was written: blocks may be gone, and this is said
        if (!(error instanceof PerigeeError) || error.code !== 'STORE_CORRUPT') throw error;
        refused += 1;
        await victim.forget();
      }
    });
    show(`cut anywhere, ${refused} times refused`, random.seed, tally);
  });

  it('while it begins, in each of its first writes, begins once more', async ({ onTestFailed }) => {
    const random = randomOf(onTestFailed);
    for (let operation = 1; operation <= 14; operation += LONG ? 1 : 3) {
      const victim = new Victim();
      const planned = planCrash({ folder: victim.dir, operation, random, cut: 'unsynced' });
      const child = victim.start(planned.env);
      expect(await planned.happened(child)).toMatchObject({ operation });
      await victim.check(child);
      await victim.follow();
    }
  });
});
