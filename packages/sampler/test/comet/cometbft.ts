/** A chain of CometBFT itself, of its own key-value application: one process that has most of the power, and validators whose keys the test has. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cometbftProgram } from '../../../../tests/kit/cometbft.ts';
import { atEnd } from '../../../../tests/kit/end.ts';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import { freePort } from '../../../../tests/kit/port.ts';
import { type TestValidator, testValidators } from '../../../light-core/test/comet/chain.ts';

export const cometbft = cometbftProgram();

export interface CometChain {
  readonly url: string;
  readonly chainId: string;
  /** Whoever runs has the first's power, which is more than two thirds. */
  readonly validators: readonly TestValidator[];
  /** Hands in a transaction, and waits until a block holds it. */
  broadcast(tx: string): Promise<{ readonly hash: string; readonly height: number }>;
  call(method: string, params?: object): Promise<Record<string, unknown>>;
  untilHeight(height: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startCometChain(chainId: string): Promise<CometChain> {
  if (cometbft === undefined) throw new Error('CometBFT is not built');
  const validators = testValidators('cometbft', [70, 15, 15]);
  const home = temporaryFolder('cometbft');
  execFileSync(cometbft, ['init', '--home', home], { stdio: 'ignore' });
  const config = (name: string): string => join(home, 'config', name);
  const genesis = JSON.parse(readFileSync(config('genesis.json'), 'utf8'));
  writeFileSync(
    config('genesis.json'),
    JSON.stringify({
      ...genesis,
      chain_id: chainId,
      validators: validators.map((validator) => ({
        address: addressOf(validator),
        pub_key: { type: 'tendermint/PubKeyEd25519', value: base64(validator.publicKey) },
        power: String(validator.votingPower),
        name: '',
      })),
    }),
  );
  const [first] = validators as [TestValidator];
  writeFileSync(
    config('priv_validator_key.json'),
    JSON.stringify({
      address: addressOf(first),
      pub_key: { type: 'tendermint/PubKeyEd25519', value: base64(first.publicKey) },
      priv_key: { type: 'tendermint/PrivKeyEd25519', value: base64(Buffer.concat([first.secretKey, first.publicKey])) },
    }),
  );
  const settings = readFileSync(config('config.toml'), 'utf8')
    .replace(/^timeout_commit = .*$/m, 'timeout_commit = "100ms"')
    .replace(/^timeout_propose = .*$/m, 'timeout_propose = "100ms"')
    .replace(/^timeout_propose_delta = .*$/m, 'timeout_propose_delta = "20ms"')
    .replace(/^timeout_precommit = .*$/m, 'timeout_precommit = "100ms"');
  writeFileSync(config('config.toml'), settings);

  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ['node', '--home', home, '--proxy_app', 'kvstore', '--rpc.laddr', `tcp://127.0.0.1:${port}`];
  const child = spawn(cometbft, [...args, '--p2p.laddr', 'tcp://127.0.0.1:0', '--log_level', 'error'], { stdio: 'ignore' });
  atEnd(() => child.kill('SIGKILL'));
  const chain: CometChain = {
    url,
    chainId,
    validators,
    call: async (method, params = {}) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      const { result, error } = (await response.json()) as { result?: Record<string, unknown>; error?: unknown };
      if (result === undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
      return result;
    },
    broadcast: async (tx) => {
      const { hash, height, check_tx: check } = await chain.call('broadcast_tx_commit', { tx: base64(Buffer.from(tx)) });
      if (Number(height) < 1) throw new Error(`the transaction was refused: ${JSON.stringify(check)}`);
      return { hash: String(hash), height: Number(height) };
    },
    untilHeight: async (height) => {
      for (let look = 0; ; look++) {
        const status = (await chain.call('status').catch(() => undefined)) as { sync_info: { latest_block_height: string } };
        if (Number(status?.sync_info.latest_block_height ?? 0) >= height) return;
        if (look > 600 || child.exitCode !== null) throw new Error(`CometBFT did not come to height ${height}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
  return chain;
}

function addressOf({ address }: TestValidator): string {
  return Buffer.from(address).toString('hex').toUpperCase();
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
