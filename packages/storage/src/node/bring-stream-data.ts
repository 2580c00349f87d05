import type { TxOutcome, TxSubmit, VerifiedState } from '@perigee/light-core/roles';
import { accountKey, STORE } from '@perigee/light-core/state';
import { type Ed25519Signer, gasOf, signTx } from '@perigee/light-core/tx';
import { Account, ed25519Address, KV_DATA_WITHIN_BLOCKS, type KvApply, PerigeeError } from '@perigee/wire';

export interface BringOptions {
  readonly state: VerifiedState;
  readonly submit: TxSubmit;
  readonly genesisHash: Uint8Array;
  /** Key of an account that exists: it pays nothing, and counts nonces. */
  readonly signer: Ed25519Signer;
}

/** Nonces of what a node brings are counted by themselves. */
const LANE = 2;
/** Bytes of a transaction besides its data, with room. */
const ENVELOPE_BYTES = 512;

/** @returns what brings data to the chain as this account, one transaction at a time; throws NOT_FOUND when the account does not exist, and what `submit` throws */
export function bringStreamData({ state, submit, genesisHash, signer }: BringOptions): (message: KvApply) => Promise<TxOutcome> {
  const address = ed25519Address(signer.publicKey);
  return async (kvApply) => {
    const head = state.head();
    const raw = head && (await state.get(STORE.account, accountKey(address)));
    if (head === undefined || raw === undefined) {
      throw new PerigeeError(
        'NOT_FOUND',
        'the account that brings stream data to the chain does not exist: pay it something once',
      );
    }
    const messages = [{ kvApply }];
    const draft = {
      lane: LANE,
      nonce: Account.decode(raw).nonces.find(({ lane }) => lane === LANE)?.next ?? 0,
      expiryHeight: head.height + KV_DATA_WITHIN_BLOCKS,
      gasLimit: gasOf({ messages }, kvApply.data.length + ENVELOPE_BYTES),
      maxFee: 0n,
      tip: 0n,
      messages,
    };
    return submit.submit(await signTx(draft, genesisHash, signer));
  };
}
