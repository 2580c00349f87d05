/** A network of processes: each a CometBFT with the key-value store that is built into it, configured as Perigee's nodes configure theirs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { nodeIdOf, prepareHome } from '../../packages/chain/src/cometbft/index.ts';
import { createGenesis, type Genesis } from '../../packages/chain/src/index.ts';
import { ed25519Address } from '../../packages/wire/src/index.ts';
import { ask, heightOf, secretOf, signerOf } from '../../tests/cometbft/network.ts';
import { atEnd } from '../../tests/kit/end.ts';
import { freePort, temporaryFolder } from '../../tests/kit/index.ts';

const POWER = 1_000;
const START_MS = 60_000;

export interface KvstoreOptions {
  readonly program: string;
  readonly validators: number;
  readonly blockMs: number;
}

export class KvstoreNetwork {
  readonly genesis: Genesis;
  readonly rpcs: string[] = [];
  readonly #options: KvstoreOptions;
  readonly #folder = temporaryFolder('kvstores');
  readonly #children: ChildProcess[] = [];

  constructor(options: KvstoreOptions) {
    this.#options = options;
    const names = Array.from({ length: options.validators }, (_, i) => i);
    const member = signerOf('member 0').publicKey;
    this.genesis = createGenesis({
      name: 'kvstores',
      time: Date.now() - 1_000,
      validators: names.map((i) => ({ publicKey: signerOf(`validator ${i}`).publicKey, power: POWER })),
      committee: [{ address: ed25519Address(member), publicKey: member, stake: 1n }],
      accounts: [],
      development: true,
    });
  }

  async begin(): Promise<void> {
    const { program, validators, blockMs } = this.#options;
    const peers: string[] = [];
    for (let i = 0; i < validators; i++) {
      const [port, rpcPort] = [await freePort(), await freePort()];
      const nodeSecret = secretOf(`kvstore ${i}`);
      const dir = join(this.#folder, `node${i}`);
      const [p2p, rpc] = [port, rpcPort].map((one) => ({ host: '127.0.0.1', port: one }));
      if (p2p === undefined || rpc === undefined) throw new Error('no port');
      const settings = { p2p, rpc, peers: [...peers], blockIntervalMs: blockMs };
      await prepareHome({ dir, genesis: this.genesis, settings, validatorSecret: secretOf(`validator ${i}`), nodeSecret });
      peers.push(`${nodeIdOf(nodeSecret)}@127.0.0.1:${port}`);
      this.rpcs.push(`http://127.0.0.1:${rpcPort}`);
      // the one that writes to the disk, as ours does
      const args = ['start', '--home', dir, '--proxy_app', 'persistent_kvstore'];
      const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
      atEnd(() => void child.kill('SIGKILL'));
      this.#children.push(child);
    }
    await Promise.all(this.rpcs.map((rpc) => untilBlocks(rpc)));
  }

  async stop(): Promise<void> {
    const running = this.#children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    await Promise.all(
      running.map(async (child) => {
        const closed = once(child, 'close');
        child.kill('SIGTERM');
        await closed;
      }),
    );
  }
}

async function untilBlocks(rpc: string): Promise<void> {
  const patience = Date.now() + START_MS;
  while ((await heightOf({ rpc }).catch(() => 0)) < 2) {
    if (Date.now() > patience) await ask({ rpc }, 'status'); // says what is wrong
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
