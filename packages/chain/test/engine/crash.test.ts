import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { accountKey, verifyStateProof } from '@perigee/light-core/state';
import { Account, fromHex, toHex } from '@perigee/wire';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { addressOf, BALANCE, genesisOf, openChain } from '../devnet.ts';
import { followTo, headerOf } from '../follow.ts';

const ROUNDS = process.env.PERIGEE_LONG === '1' ? 60 : 6;
const job = fileURLToPath(new URL('../../../../dist/test/jobs/chain-crash.job.js', import.meta.url));

interface Acknowledged {
  readonly height: number;
  readonly headerHash: string;
  readonly txs: readonly string[];
}

/** Lets a process make blocks, and kills it without warning some time after it said that it had made `blocks`. */
async function makeAndKill(dir: string, lane: number, blocks: number, delayMs: number): Promise<Acknowledged[]> {
  const child = spawn(process.execPath, [job, dir, String(lane)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.split('\n').length > blocks) setTimeout(() => child.kill('SIGKILL'), delayMs);
  });
  await ended;
  return output
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [height, headerHash = '', txs = ''] = line.split(' ');
      return { height: Number(height), headerHash, txs: txs === '' ? [] : txs.split(',') };
    });
}

it(`keeps every block it told of over ${ROUNDS} kills, and goes on after the last`, { timeout: ROUNDS * 10_000 }, async () => {
  const dir = temporaryFolder('crash');
  const acknowledged = new Map<number, Acknowledged>();
  for (let round = 0; round < ROUNDS; round++) {
    const told = await makeAndKill(dir, round, 2 + (round % 4), (round * 7) % 23);
    expect(told.length).toBeGreaterThan(0);
    for (const block of told) {
      expect(acknowledged.get(block.height), `block ${block.height} was made twice`).toBeUndefined();
      acknowledged.set(block.height, block);
    }
    const chain = await openChain(dir, genesisOf());
    const last = chain.latest();
    expect(last.height).toBeGreaterThanOrEqual(Math.max(...acknowledged.keys()));
    for (const { height, headerHash, txs } of acknowledged.values()) {
      if (height < last.height) expect(toHex(headerOf(chain, height + 1).lastBlockId.hash)).toBe(headerHash);
      for (const tx of txs) expect(chain.result(fromHex(tx))).toMatchObject({ height, code: 0 });
    }
    // the state is that of the last block: one unit moved for every nonce
    const key = accountKey(addressOf('alice'));
    const { appHash } = headerOf(chain, last.height);
    const proof = chain.prove('account', key);
    const alice = Account.decode(verifyStateProof(proof, { appHash, store: 'account', key }) ?? new Uint8Array(0));
    expect(alice.balance).toBe(BALANCE - BigInt(alice.nonces.reduce((sum, { next }) => sum + next, 0)));
    await chain.close();
  }
  const chain = await openChain(dir, genesisOf());
  await followTo(chain, chain.latest().height);
  await chain.close();
});
