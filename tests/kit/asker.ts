import { createHash } from 'node:crypto';
import { signOrder } from '@perigee/light-core/receipt';
import { signTx } from '@perigee/light-core/tx';
import { createHost, createStopController, cryptoRandomBytes, systemClock } from '@perigee/net';
import { createLightNode, type LightNode } from '@perigee/sampler';
import { Attestor } from '@perigee/sampler/attest';
import {
  AnswerChecker,
  type ComputeAnswer,
  type ComputeClient,
  createComputeClient,
  type Question,
} from '@perigee/sampler/compute';
import { compare, ed25519Address, type TxMessage } from '@perigee/wire';
import { roleSender } from '../../apps/node/src/roles/role-sender.ts';
import type { LocalNetwork } from './local-network.ts';
import { nativeSigner } from './native-signer.ts';

/** Who asks providers of a local network, with a light node of its own: all that it takes for true was proved to it. */
export interface Asker {
  readonly node: LightNode;
  readonly client: ComputeClient;
  ask(question: Question): Promise<ComputeAnswer>;
  /** Prepays for all of these providers at once. */
  prepay(providers: readonly Uint8Array[]): Promise<void>;
  /** Sends a message of the asker's account; resolves when the state shows it. @throws REFUSED */
  send(message: TxMessage, signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/** For each provider, smallest units. */
const PREPAID = 10n ** 9n;
const KEY = nativeSigner(Uint8Array.from(createHash('sha256').update('asker of a local network').digest()));

/** An account that the network must have in its genesis (`rich`). */
export const ASKER = ed25519Address(KEY.publicKey);

export async function startAsker(network: LocalNetwork): Promise<Asker> {
  const host = await createHost({ allowPrivate: true });
  const node = createLightNode({ trustRoot: network.trustRoot(), follow: false, workers: 1 });
  await node.start();
  await new Promise<void>((resolve) => {
    const unsubscribe = node.subscribe(({ head, chain }) => {
      if (head !== undefined && chain?.development !== undefined) resolve(unsubscribe());
    });
  });
  const attestor = new Attestor({ node, clock: systemClock });
  const checker = new AnswerChecker();
  const { chain } = node.state;
  if (chain === undefined) throw new Error('the light node has no chain');
  const send = roleSender(
    { chainId: chain.chainId, genesisHash: network.genesisHash, state: node.chain, transactions: node.transactions },
    { address: ASKER, sign: (draft, { genesisHash }) => signTx(draft, genesisHash, KEY) },
    () => {},
  );
  const client = createComputeClient({
    node,
    host,
    attestor,
    payer: {
      address: ASKER,
      sign: (draft, { genesisHash }) => signTx(draft, genesisHash, KEY),
      order: (draft, genesisHash) => signOrder(draft, genesisHash, KEY),
    },
    random: cryptoRandomBytes,
    checker,
  });
  return {
    node,
    client,
    send,
    async prepay(providers) {
      const caps = providers.toSorted(compare).map((provider) => ({ provider, left: PREPAID }));
      await send({ computeDeposit: { amount: PREPAID * BigInt(providers.length), caps } }, createStopController().signal);
    },
    async ask(question) {
      const reply = client.ask(question, { signal: createStopController().signal });
      for (;;) {
        const next = await reply.next();
        if (next.done === true) return next.value;
      }
    },
    async stop() {
      await Promise.all([attestor.close(), checker.close()]);
      await node.stop();
      await host.stop();
    },
  };
}
