import { readFileSync } from 'node:fs';
import { cp, mkdir, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { accountKey } from '@perigee/light-core/state';
import { Account, fromHex, PerigeeError, toHex, utf8 } from '@perigee/wire';
import { ClassicLevel } from 'classic-level';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { BlockStore, EmbeddedEngine } from '../../src/engine/index.ts';
import { type Application, type ChainNode, decodeGenesis, type Genesis, StateMachine } from '../../src/index.ts';
import { addressOf, BALANCE, genesisOf, openChain, signerOf, TestClock, transferTx, VALIDATORS } from '../devnet.ts';
import { followTo, growTo, headerOf } from '../follow.ts';

/** A stored value begins with its checksum. */
const SEAL_BYTES = 8;

function bobOf(chain: ChainNode): bigint {
  const proof = chain.prove('account', accountKey(addressOf('bob')));
  return Account.decode(proof.inner.exist?.value ?? new Uint8Array(0)).balance;
}

async function codeOf(work: Promise<ChainNode>): Promise<string> {
  try {
    await (await work).close();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof PerigeeError)) throw error;
    return error.code;
  }
}

/** A closed chain of 6 blocks or more with three transfers to bob. */
async function stoppedChain(): Promise<{ dir: string; height: number; headerHash: Uint8Array }> {
  const dir = temporaryFolder('stopped');
  const chain = await openChain(dir);
  for (let nonce = 0; nonce < 3; nonce++) await chain.add(await transferTx(chain.genesis, { nonce }));
  await growTo(chain, 6);
  await chain.close();
  const again = await openChain(dir);
  const latest = again.latest();
  await again.close();
  return { dir, ...latest };
}

describe('a chain that was stopped', () => {
  it('goes on after its last block, and the light client sees no seam', async () => {
    const { dir, height, headerHash } = await stoppedChain();
    const chain = await openChain(dir);
    expect(chain.latest()).toMatchObject({ height, headerHash });
    await growTo(chain, height + 4);
    expect(toHex(headerOf(chain, height + 1).lastBlockId.hash)).toBe(toHex(headerHash));
    await followTo(chain, height + 4);
    expect(bobOf(chain)).toBe(BALANCE + 3n);
    await chain.close();
  });

  it('keeps what became of transactions', async () => {
    const { dir } = await stoppedChain();
    const chain = await openChain(dir);
    const raw = await transferTx(chain.genesis, { nonce: 1 });
    const outcome = await chain.add(raw);
    expect(outcome).toMatchObject({ code: 0, log: '' });
    expect(outcome.height).toBeGreaterThan(0);
    expect(chain.result(outcome.txId)).toEqual(outcome);
    await chain.close();
  });

  it('is not started with another genesis, with a missing key, or twice', async () => {
    const { dir } = await stoppedChain();
    expect(await codeOf(openChain(dir, genesisOf({ epochBlocks: 7 })))).toBe('WRONG_CHAIN');
    expect(await codeOf(openChain(dir, genesisOf(), { signers: VALIDATORS.slice(1).map(signerOf) }))).toBe('VALIDATOR_SET');
    const chain = await openChain(dir);
    expect(await codeOf(openChain(dir))).toBe('STORE_LOCKED');
    await chain.close();
    expect(await codeOf(openChain(dir))).toBe('accepted');
  });
});

describe('a chain that is not for development', () => {
  it('is refused by the embedded engine', async () => {
    expect(await codeOf(openChain(temporaryFolder('real'), genesisOf({ development: false })))).toBe('GENESIS');
  });
});

describe('a chain whose validators change with their stakes', () => {
  it('is refused by the embedded engine, which the first to stake would end', async () => {
    const stakes = VALIDATORS.map((name) => ({
      address: addressOf(name),
      validatorKey: signerOf(name).publicKey,
      amount: 10n ** 19n,
    }));
    expect(await codeOf(openChain(temporaryFolder('staked'), genesisOf({ validators: [], stakes })))).toBe('GENESIS');
  });
});

/** The four steps of a block that leave something behind, each of which a crash can precede or follow. */
const STEPS = ['prepareProposal', 'finalizeBlock', 'save', 'commit'] as const;

/** An engine in which the given step of the given block fails, before or after it was done. */
async function crashingChain(
  dir: string,
  genesis: Genesis,
  step: (typeof STEPS)[number],
  height: number,
  after: boolean,
): Promise<void> {
  const store = await BlockStore.open(join(dir, 'blocks'));
  const app = await StateMachine.open({ dir: join(dir, 'state'), verifyEd25519: nobleEd25519 });
  let made = store.head?.height ?? 0;
  const failing = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          const due = name === step && made + 1 === height;
          if (due && !after) throw new Error('crash');
          const result: unknown = await Reflect.apply(value, target, args);
          if (due) throw new Error('crash');
          return result;
        };
      },
    });
  const steps: Pick<Application, keyof Application> = failing(app);
  const stored = new Proxy(store, {
    get(_, name) {
      const value: unknown = Reflect.get(name === 'save' ? failing(store) : store, name, store);
      return typeof value === 'function' ? value.bind(store) : value;
    },
  });
  const engine = await EmbeddedEngine.open({
    app: steps,
    store: stored,
    genesis,
    signers: VALIDATORS.map(signerOf),
    clock: new TestClock(),
  });
  try {
    for (let nonce = 0; nonce < 10; nonce++) {
      await engine.add(await transferTx(genesis, { nonce }));
      await engine.makeBlock();
      made += 1;
    }
    throw new Error('no crash');
  } catch (error) {
    if (!(error instanceof Error) || error.message !== 'crash') throw error;
  } finally {
    await app.close();
    await store.close();
  }
}

describe('a crash', () => {
  for (const step of STEPS) {
    for (const after of [false, true]) {
      for (const height of [1, 4]) {
        it(`${after ? 'after' : 'before'} ${step} of block ${height} loses no block, and doubles none`, async () => {
          const dir = temporaryFolder('between');
          const genesis = genesisOf();
          await crashingChain(dir, genesis, step, height, after);
          const isStored = step === 'commit' || (step === 'save' && after);
          const chain = await openChain(dir, genesis);
          const kept = isStored ? height : height - 1;
          // opening makes the first two blocks where they are not there
          expect(chain.latest().height).toBe(Math.max(2, kept));
          await growTo(chain, kept + 3);
          await followTo(chain, kept + 3);
          expect(bobOf(chain)).toBe(BALANCE + BigInt(kept));
          await chain.close();
        });
      }
    }
  }
});

describe('damaged directories', () => {
  it('are refused with their code, or give a whole chain', async () => {
    const { dir, height } = await stoppedChain();
    for (const part of ['blocks', 'state']) {
      const files = await readdir(join(dir, part, 'leveldb'));
      for (const name of files) {
        for (const damage of ['gone', 'cut', 'changed']) {
          const copy = temporaryFolder('damaged');
          await cp(dir, copy, { recursive: true });
          const path = join(copy, part, 'leveldb', name);
          const { size } = await stat(path);
          if (damage === 'gone') await rm(path);
          else if (damage === 'cut') await truncate(path, size >> 1);
          else if (size > 0) {
            const bytes = readFileSync(path);
            for (let at = 3; at < size; at += 97) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
            await writeFile(path, bytes);
          }
          const code = await codeOf(
            openChain(copy).then(async (chain) => {
              await growTo(chain, 8);
              await followTo(chain, 8);
              return chain;
            }),
          );
          expect(['accepted', 'STORE_CORRUPT'], `${part}/${name} ${damage}`).toContain(code);
        }
      }
    }
    // blocks that are older than the state: some were lost
    const lost = temporaryFolder('lost');
    await mkdir(join(lost, 'blocks'));
    await cp(join(dir, 'state'), join(lost, 'state'), { recursive: true });
    expect(await codeOf(openChain(lost))).toBe('STORE_CORRUPT');
    // a state that is gone is made again from the blocks
    const replayed = temporaryFolder('replayed');
    await cp(join(dir, 'blocks'), join(replayed, 'blocks'), { recursive: true });
    const chain = await openChain(replayed);
    expect(chain.latest().height).toBe(height);
    expect(bobOf(chain)).toBe(BALANCE + 3n);
    await chain.close();
  });

  it('of a newer version are refused with STORE_VERSION', async () => {
    const { dir } = await stoppedChain();
    for (const [part, kind] of [
      ['blocks', 'blocks'],
      ['state', 'state'],
    ] as const) {
      await writeFile(join(dir, part, 'FORMAT'), `perigee ${kind} 3\n`);
      expect(await codeOf(openChain(dir))).toBe('STORE_VERSION');
      await writeFile(join(dir, part, 'FORMAT'), `perigee ${kind} 1\n`);
    }
    expect(await codeOf(openChain(dir))).toBe('accepted');
  });
});

describe('the stores of format 1', () => {
  it('are read as they were written when the format was fixed', async () => {
    const stored: Record<string, Record<string, string>> = JSON.parse(
      readFileSync(new URL('../../../../tests/vectors/chain-stores.json', import.meta.url), 'utf8'),
    ).stores;
    const dir = temporaryFolder('format');
    for (const [part, entries] of Object.entries(stored)) {
      await mkdir(join(dir, part));
      const db = new ClassicLevel<Uint8Array, Uint8Array>(join(dir, part, 'leveldb'), {
        keyEncoding: 'view',
        valueEncoding: 'view',
      });
      for (const [key, value] of Object.entries(entries)) await db.put(fromHex(key), fromHex(value));
      await db.close();
      await writeFile(join(dir, part, 'FORMAT'), `perigee ${part} 1\n`);
    }
    // as it was then: how a genesis is made may change
    const genesis = decodeGenesis(fromHex(stored.state?.[toHex(utf8('mgenesis'))] ?? '').subarray(SEAL_BYTES));
    const chain = await openChain(dir, genesis);
    expect(chain.latest().height).toBe(4);
    expect(bobOf(chain)).toBe(BALANCE + 1n);
    expect(chain.recentBlobs().map((id) => id.length)).toEqual([33]);
    await growTo(chain, 6);
    await followTo(chain, 6);
    await chain.close();
  });
});
