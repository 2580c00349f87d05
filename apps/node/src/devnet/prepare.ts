import { readFile } from 'node:fs/promises';
import { createGenesis, decodeGenesis, encodeGenesis, type Genesis } from '@perigee/chain';
import type { Clock } from '@perigee/light-core/roles';
import { ed25519Signer } from '@perigee/light-core/tx';
import { ed25519Address, PerigeeError } from '@perigee/wire';
import { writeFileWhole } from '../files.ts';
import { ensureSecret } from '../keys.ts';
import type { DevnetLayout } from './layout.ts';

/** What the devnet's account starts with, in smallest units. */
const ACCOUNT_BALANCE = 10n ** 24n;
const VALIDATOR_POWER = 10;
const MEMBER_STAKE = 1_000n;

/**
 * Keys and genesis of a devnet: those that lie there, or new ones.
 *
 * @throws INVALID_ARGUMENT when the genesis that lies there is for another number of nodes; GENESIS, STORE_CORRUPT
 */
export async function prepareDevnet(layout: DevnetLayout, clock: Clock): Promise<Genesis> {
  const validators = await Promise.all(layout.validators.map(publicKeyOf));
  const members = await Promise.all(layout.nodes.map(({ memberKey }) => publicKeyOf(memberKey)));
  const account = await publicKeyOf(layout.account);
  const stored = await readFile(layout.genesis).catch(() => undefined);
  if (stored !== undefined) {
    const genesis = decodeGenesis(stored);
    const { length } = genesis.committee.members;
    if (length !== members.length) {
      throw new PerigeeError(
        'INVALID_ARGUMENT',
        `the devnet in this folder has ${length} nodes: start it with --nodes ${length}, or choose another --home`,
      );
    }
    return genesis;
  }
  const genesis = createGenesis({
    name: 'devnet',
    time: clock.now(),
    validators: validators.map((publicKey) => ({ publicKey, power: VALIDATOR_POWER })),
    committee: members.map((publicKey) => ({ address: ed25519Address(publicKey), publicKey, stake: MEMBER_STAKE })),
    accounts: [{ address: ed25519Address(account), balance: ACCOUNT_BALANCE }],
    development: true,
  });
  await writeFileWhole(layout.genesis, encodeGenesis(genesis));
  return genesis;
}

async function publicKeyOf(path: string): Promise<Uint8Array> {
  return ed25519Signer(await ensureSecret(path)).publicKey;
}
