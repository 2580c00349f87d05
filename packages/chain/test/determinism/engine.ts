/** Drives an application in a process of its own, over its socket, as CometBFT does, and kills it where a test says. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toHex } from '@perigee/wire';
import { expect } from 'vitest';
import { startProcess, type TestProcess } from '../../../../tests/kit/process.ts';
import type { Random } from '../../../../tests/kit/random.ts';
import { type Request, Response } from '../../src/abci/index.ts';
import { AbciClient } from '../abci/client.ts';
import { genesis } from './actors.ts';
import type { Recorded } from './record.ts';

const job = fileURLToPath(new URL('../../../../dist/test/jobs/abci-app.job.js', import.meta.url));
const INFO = { version: '0.38.25', blockVersion: 11, p2pVersion: 8, abciVersion: '2.0.0' };

export type Step = 'info' | 'initChain' | 'checkTx' | 'prepareProposal' | 'processProposal' | 'finalizeBlock' | 'commit';

/** Kill the application `while` it works on a call of this step, or `after` it has answered. */
export interface Kill {
  readonly step: Step;
  readonly when: 'while' | 'after';
}

class Killed extends Error {}

export class Engine {
  readonly #dir: string;
  readonly #recorded: readonly Recorded[];
  readonly #random: Random;
  readonly #interval: number;
  /** Kills to come, one after another. */
  readonly #kills: Kill[];
  #child: TestProcess | undefined;
  #clients: readonly AbciClient[] = [];
  /** Last block whose commit was answered, and the last whose commit was asked for. */
  #committed = 0;
  #asked = 0;

  /** @param interval of snapshots; 0: none */
  constructor(dir: string, recorded: readonly Recorded[], random: Random, { interval = 0, kills = [] as readonly Kill[] } = {}) {
    this.#dir = dir;
    this.#recorded = recorded;
    this.#random = random;
    this.#interval = interval;
    this.#kills = [...kills];
  }

  /** Kills that have not come yet. */
  get killsLeft(): number {
    return this.#kills.length;
  }

  /** Starts the application if it does not run, and executes blocks up to a height, whatever happens to it. */
  async driveTo(height: number): Promise<void> {
    while (this.#committed < height) {
      try {
        if (this.#child === undefined) await this.#start();
        await this.#handshake();
        while (this.#committed < height) await this.#block(this.#committed + 1);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
    }
  }

  /** A call on the connection that CometBFT makes it on. */
  async call(request: Request): Promise<Response> {
    if (this.#child === undefined) await this.#start();
    const [kind = ''] = Object.keys(request);
    const place = /^(checkTx)$/.test(kind) ? 1 : /^(info|query)$/.test(kind) ? 2 : /Snapshot/.test(kind) ? 3 : 0;
    const client = this.#clients[place] ?? expect.unreachable();
    const [kill] = this.#kills;
    const isKill = kill?.step === kind;
    client.send(request, { flush: {} });
    if (isKill && kill.when === 'while') {
      await new Promise((resolve) => setTimeout(resolve, this.#random.below(4)));
      return this.#kill();
    }
    const response = await client.next();
    await client.next();
    expect(response.exception).toBeUndefined();
    return isKill ? this.#kill() : response;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) await client.close();
    await this.#child?.kill();
    this.#child = undefined;
  }

  async #kill(): Promise<never> {
    this.#kills.shift();
    await this.stop();
    throw new Killed();
  }

  async #start(): Promise<void> {
    const args = [this.#dir, join(this.#dir, 'app.sock'), genesis.initChain.chainId, String(this.#interval)];
    this.#child = startProcess(job, args);
    const { address } = await this.#child.ready();
    const clients: AbciClient[] = [];
    for (let i = 0; i < 4; i++) clients.push(await AbciClient.connect(String(address)));
    this.#clients = clients;
  }

  /** Asks where the application is: it has lost nothing that it said was committed. */
  async #handshake(): Promise<void> {
    const { info } = await this.call({ info: INFO });
    const height = info?.lastBlockHeight ?? -1;
    expect([this.#committed, this.#asked]).toContain(height);
    this.#committed = height;
    this.#asked = height;
    expect(toHex(info?.lastBlockAppHash ?? new Uint8Array(0))).toBe(this.#recorded[height - 1]?.appHash ?? '');
    if (height > 0) return;
    const { initChain } = await this.call({ initChain: genesis.initChain });
    expect(toHex(initChain?.appHash ?? new Uint8Array(0))).toBe(toHex(genesis.genesisHash));
  }

  async #block(height: number): Promise<void> {
    const { request, answer } = this.#recorded[height - 1] ?? expect.unreachable();
    const { decidedLastCommit, ...block } = request;
    // what a node does or not, by its place in the network: it must leave no trace
    for (const tx of request.txs) if (this.#does('checkTx')) await this.call({ checkTx: { tx, type: 'new' } });
    if (this.#does('prepareProposal')) {
      const localLastCommit = { round: 0, votes: [] };
      await this.call({ prepareProposal: { ...block, maxTxBytes: 1 << 20, localLastCommit } });
    }
    if (this.#does('processProposal')) await this.call({ processProposal: { ...block, proposedLastCommit: decidedLastCommit } });
    expect(toHex(Response.encode(await this.call({ finalizeBlock: request })))).toBe(answer);
    this.#asked = height;
    await this.call({ commit: {} });
    this.#committed = height;
  }

  #does(step: Step): boolean {
    return this.#kills[0]?.step === step || this.#random.chance(0.3);
  }

  /** Lets it begin from a snapshot of another node. */
  async restoreFrom(other: Engine, height: number): Promise<void> {
    const { listSnapshots } = await other.call({ listSnapshots: {} });
    const snapshot = listSnapshots?.snapshots.find((candidate) => candidate.height === height) ?? expect.unreachable();
    await this.call({ info: INFO });
    const appHash = Buffer.from(this.#recorded[height - 1]?.appHash ?? '', 'hex');
    expect(await this.call({ offerSnapshot: { snapshot, appHash } })).toEqual({ offerSnapshot: { result: 'accept' } });
    for (let index = 0; index < snapshot.chunks; index++) {
      const { loadSnapshotChunk } = await other.call({ loadSnapshotChunk: { height, format: snapshot.format, chunk: index } });
      const chunk = loadSnapshotChunk?.chunk ?? expect.unreachable();
      expect(await this.call({ applySnapshotChunk: { index, chunk, sender: 'other' } })).toMatchObject({
        applySnapshotChunk: { result: 'accept' },
      });
    }
    this.#committed = height;
    this.#asked = height;
  }
}
