import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileWhole } from '@perigee/disk/files';
import { PerigeeError } from '@perigee/wire';
import type { Genesis } from '../genesis/index.ts';
import { type CometSettings, type CometSockets, configToml } from './config-toml.ts';
import { genesisToJson } from './genesis-json.ts';
import { NOTHING_SIGNED, nodeKeyJson, validatorKeyJson } from './key-files.ts';

/** What CometBFT needs to know, and is told in files. */
export interface CometHomeOptions {
  /** Its `--home`. */
  readonly dir: string;
  readonly genesis: Genesis;
  readonly settings: CometSettings;
  /** 32 bytes: key of the validator that this node is, or of none where it only follows. */
  readonly validatorSecret: Uint8Array;
  /** 32 bytes: by which other nodes know this one. */
  readonly nodeSecret: Uint8Array;
}

/**
 * Write the files that CometBFT starts from. What it has signed is never written over: a validator that forgets it signs twice.
 *
 * @returns the sockets through which it is driven
 * @throws WRONG_CHAIN when the home is of another chain, INVALID_ARGUMENT when it is of another validator, STORE_CORRUPT when it has blocks, and
 *   what it signed is gone
 */
export async function prepareHome({
  dir,
  genesis,
  settings,
  validatorSecret,
  nodeSecret,
}: CometHomeOptions): Promise<CometSockets> {
  const config = join(dir, 'config');
  const data = join(dir, 'data');
  for (const folder of [dir, config, data]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const sockets = { abci: join(dir, 'abci.sock'), rpc: join(dir, 'rpc.sock') };
  await writeOnce(join(config, 'genesis.json'), genesisToJson(genesis), () => {
    throw new PerigeeError(
      'WRONG_CHAIN',
      `${dir} is the home of another chain than ${genesis.initChain.chainId}; use another one`,
    );
  });
  await writeOnce(join(config, 'priv_validator_key.json'), validatorKeyJson(validatorSecret), () => {
    throw new PerigeeError('INVALID_ARGUMENT', `${dir} is the home of another validator; name its key, or use another home`);
  });
  const signed = join(data, 'priv_validator_state.json');
  if (!(await exists(signed))) {
    if (await exists(join(data, 'blockstore.db'))) {
      throw new PerigeeError(
        'STORE_CORRUPT',
        `${signed} is gone, and with it what the validator has signed; restore it from a copy`,
      );
    }
    await writeFileWhole(signed, NOTHING_SIGNED);
  }
  await writeFileWhole(join(config, 'node_key.json'), nodeKeyJson(nodeSecret));
  await writeFileWhole(join(config, 'config.toml'), configToml(settings, sockets));
  return sockets;
}

async function writeOnce(path: string, text: string, onOther: () => never): Promise<void> {
  const before = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (before === undefined) await writeFileWhole(path, text);
  else if (before !== text) onOther();
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return false;
    },
  );
}
