import { join } from 'node:path';

/** Where a devnet keeps what. One folder a node, so that each could be moved to a machine of its own. */
export interface DevnetLayout {
  /** Canonical genesis. */
  readonly genesis: string;
  readonly validators: readonly string[];
  /** Key of the account that publishes. */
  readonly account: string;
  /** Key of the account that gives to whoever asks. */
  readonly faucet: string;
  /** Trust root, as the page and the commands read it. */
  readonly chain: string;
  readonly nodes: readonly { readonly home: string; readonly memberKey: string }[];
}

/** Validators of a development chain; all four sign in one process. */
const VALIDATORS = 4;

export function devnetLayout(home: string, nodes: number): DevnetLayout {
  return {
    genesis: join(home, 'genesis.bin'),
    validators: Array.from({ length: VALIDATORS }, (_, i) => join(home, 'validators', `${i}.key`)),
    account: join(home, 'account.key'),
    faucet: join(home, 'faucet.key'),
    chain: join(home, 'perigee-chain.json'),
    nodes: Array.from({ length: nodes }, (_, i) => ({
      home: join(home, `node${i}`),
      memberKey: join(home, `node${i}`, 'member.key'),
    })),
  };
}
