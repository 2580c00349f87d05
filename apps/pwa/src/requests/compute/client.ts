import { ChainView } from '@perigee/light-core/da';
import { signOrder } from '@perigee/light-core/receipt';
import { signTx } from '@perigee/light-core/tx';
import { cryptoRandomBytes, type Host } from '@perigee/net';
import type { LightNode } from '@perigee/sampler';
import type { Attestor } from '@perigee/sampler/attest';
import { type AnswerChecker, type ComputeClient, createComputeClient } from '@perigee/sampler/compute';
import { MESSAGE_KIND, toHex } from '@perigee/wire';
import type { Payer } from '../../model/index.ts';
import { accountKey } from '../account.ts';
import { publishingAccount } from '../publishing-account.ts';
import type { KeptSessions } from '../wallet/kept-session.ts';

export interface PagePayer {
  readonly node: LightNode;
  readonly prepay: bigint | undefined;
  readonly client: ComputeClient;
  readonly payer: Payer;
}

export interface ClientParts {
  readonly node: LightNode;
  readonly host: Host;
  readonly sessions: KeptSessions;
  readonly attestor: Attestor;
  readonly checker: AnswerChecker;
  readonly prepay: bigint | undefined;
  readonly signal: AbortSignal;
}

/**
 * What asks providers, and pays: the wallet that has let this browser's key, else the key's own account.
 *
 * @param before what was made last: the same where nothing has changed
 * @throws what the state and the store of keys throw
 */
export async function payingClient(parts: ClientParts, before: PagePayer | undefined): Promise<PagePayer> {
  const { node, host, sessions, attestor, checker, prepay, signal } = parts;
  const view = new ChainView(node.chain);
  const key = await accountKey();
  const { address, computeLane, session } = await publishingAccount(view, key, sessions, signal, [MESSAGE_KIND.computeDeposit]);
  const payer = { address: toHex(address), by: session === undefined ? 'browser' : 'session' } as const;
  // it remembers whose evidence it has verified
  if (before?.node === node && before.prepay === prepay && before.payer.address === payer.address) return before;
  const { appState } = await view.facts(signal);
  const client = createComputeClient({
    node,
    host,
    attestor,
    checker,
    random: cryptoRandomBytes,
    prepay,
    payer: {
      address,
      lane: computeLane,
      ...(session === undefined ? {} : { sessionKey: key.signer.publicKey }),
      sign: (draft, { genesisHash }) => signTx(draft, genesisHash, key.signer, address),
      order: (draft, genesisHash) => signOrder(draft, genesisHash, key.signer, address),
    },
    ...(appState.development
      ? {
          fund: async (account: Uint8Array, until: AbortSignal) => {
            await node.requestFunds(account, { signal: until });
          },
        }
      : {}),
  });
  return { node, prepay, client, payer };
}
