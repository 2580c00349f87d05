import { decodeTx, kindOf } from '@perigee/light-core/tx';
import { AUTH_SCHEME, ed25519Address, equal, fromHex } from '@perigee/wire';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom, type Random, temporaryFolder } from '../../../../tests/kit/index.ts';
import { Response } from '../../src/abci/index.ts';
import { Engine, type Kill, type Step } from './engine.ts';
import { type Recorded, record } from './record.ts';

const LONG = process.env.PERIGEE_LONG === '1';
const BLOCKS = LONG ? 1_000 : 36;
/** Kills at each step, in both ways. */
const KILLS = LONG ? 10 : 1;
const INTERVAL = LONG ? 100 : 10;

const random: Random = createRandom();
let recorded: readonly Recorded[];

beforeAll(async () => {
  console.log(`PERIGEE_SEED=${random.seed} repeats these blocks`);
  recorded = await record(random, BLOCKS);
}, BLOCKS * 2_000);

function killsOf(...steps: readonly Step[]): Kill[] {
  return steps.flatMap((step) => (['while', 'after'] as const).map((when) => ({ step, when })));
}

/** Scheme and kinds of a transaction, and whether a session key signed it. */
function whatOf(raw: Uint8Array): string[] {
  const { tx, ethereum } = decodeTx(raw);
  if (tx === undefined) return ethereum.messages.map((message) => `3 ${kindOf(message)}`);
  const { scheme, publicKey } = tx.auth;
  const isSession = scheme === AUTH_SCHEME.ed25519 && !equal(ed25519Address(publicKey), tx.sender);
  return [...tx.messages.map((message) => `${scheme} ${kindOf(message)}`), ...(isSession ? ['session'] : [])];
}

describe(`${BLOCKS} random blocks`, { timeout: BLOCKS * 10_000 }, () => {
  it('hold transactions that succeed, and many that do not', () => {
    const codes = new Set<number>();
    const done = new Set<string>();
    for (const { request, answer } of recorded) {
      const { finalizeBlock } = Response.decode(fromHex(answer));
      if ((finalizeBlock?.validatorUpdates.length ?? 0) > 0) done.add('validators change');
      for (const { type } of finalizeBlock?.events ?? []) done.add(type);
      finalizeBlock?.txResults.forEach(({ code, events }, i) => {
        codes.add(code);
        if (code !== 0) return;
        for (const { type } of events) done.add(type);
        for (const what of whatOf(request.txs[i] ?? new Uint8Array(0))) done.add(what);
      });
    }
    expect(codes).toContain(0);
    expect(codes.size).toBeGreaterThan(4);
    expect(done).toContain('validators change');
    if (!LONG) return;
    console.log(`results ${[...codes].sort((a, b) => a - b)}; done: ${[...done].sort()}`);
    const kinds = ['transfer', 'stake', 'unstake', 'grantSession', 'revokeSession', 'storageSubmit'];
    expect([...done]).toEqual(expect.arrayContaining(['1 kvSet', '2 kvSet', '1 kvApply', '2 kvApply', 'kv', 'file', 'blob']));
    for (const scheme of [1, 2, 3]) expect([...done]).toEqual(expect.arrayContaining(kinds.map((kind) => `${scheme} ${kind}`)));
    expect([...done]).toEqual(expect.arrayContaining(['1 certify', '2 certify', 'session', 'slash']));
  });

  it('have one app hash, and the same results, in a process that is killed at each step, and in one that begins from its snapshot', async () => {
    const others: Step[] = ['checkTx', 'prepareProposal', 'processProposal', 'finalizeBlock', 'commit'];
    const kills = [
      ...killsOf('info', 'initChain'),
      ...Array.from({ length: KILLS }, () => random.shuffled(killsOf(...others))).flat(),
    ];
    const killed = new Engine(temporaryFolder('killed'), recorded, random, { interval: INTERVAL, kills });
    await killed.driveTo(BLOCKS);
    expect(killed.killsLeft).toBe(0);
    // the older one of two, so that more blocks follow
    const height = Math.floor(BLOCKS / INTERVAL) * INTERVAL - INTERVAL;
    const restored = new Engine(temporaryFolder('restored'), recorded, random, { interval: INTERVAL });
    await restored.restoreFrom(killed, height);
    await killed.stop();
    await restored.driveTo(BLOCKS);
    await restored.stop();
  });
});
