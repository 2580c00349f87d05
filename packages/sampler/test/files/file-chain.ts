/** A chain in this process that stores files, with fast blocks, and an account that can pay. */
import { createHash } from 'node:crypto';
import { ChainNode, createGenesis, localState } from '@perigee/chain';
import { ChainView } from '@perigee/light-core/da';
import type { VerifiedState } from '@perigee/light-core/roles';
import { FLOW_KEY, STORE } from '@perigee/light-core/state';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import { systemClock } from '@perigee/net';
import { ed25519Address, FlowRecord } from '@perigee/wire';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { nativeSigner } from '../../../../tests/kit/native-signer.ts';

export const PRICE_PER_SECTOR = 24n;
const BLOCK_MS = 50;

export interface FileChain {
  readonly chain: ChainNode;
  readonly state: VerifiedState;
  readonly account: Ed25519Signer;
  /** Sectors that were paid for, files, and transactions of the account in a lane. */
  paid(lane?: number): Promise<{ readonly sectors: number; readonly files: number; readonly transactions: number }>;
  stop(): Promise<void>;
}

export async function startFileChain(): Promise<FileChain> {
  const [validator, account] = ['validator', 'account'].map((name) =>
    nativeSigner(createHash('sha256').update(`chain of files, ${name}`).digest()),
  );
  if (validator === undefined || account === undefined) throw new Error('no keys');
  const address = ed25519Address(account.publicKey);
  const genesis = createGenesis({
    name: 'files',
    time: Date.now(),
    validators: [{ publicKey: validator.publicKey, power: 10 }],
    committee: [{ address: ed25519Address(validator.publicKey), publicKey: validator.publicKey, stake: 1n }],
    accounts: [{ address, balance: 10n ** 15n }],
    development: true,
    gasPrice: 1n,
    storage: { pricePerSector: PRICE_PER_SECTOR },
  });
  const chain = await ChainNode.open({
    dir: temporaryFolder('file-chain'),
    genesis,
    signers: [validator],
    clock: systemClock,
    blockIntervalMs: BLOCK_MS,
  });
  const running = chain.run().catch((error) => console.error('the chain of a test has ended', error));
  const state = localState(chain);
  const view = new ChainView(state);
  await new Promise<void>((resolve) => {
    const stop = chain.onBlock(() => {
      if (chain.latest().height < 3) return;
      stop();
      resolve();
    });
  });
  return {
    chain,
    state,
    account,
    async paid(lane = 0) {
      const flow = await state.get(STORE.storage, FLOW_KEY);
      const { paidSectors, submissions } = FlowRecord.decode(flow ?? new Uint8Array(0));
      const nonces = (await view.account(address))?.nonces ?? [];
      return { sectors: paidSectors, files: submissions, transactions: nonces.find((one) => one.lane === lane)?.next ?? 0 };
    },
    async stop() {
      await chain.close();
      await running;
    },
  };
}
