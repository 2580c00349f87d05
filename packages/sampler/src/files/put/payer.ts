import { type Ed25519Signer, signTx, type TxDraft } from '@perigee/light-core/tx';
import { ed25519Address } from '@perigee/wire';

/** Who pays for files. */
export interface FilePayer {
  /** The account, 20 bytes. */
  readonly address: Uint8Array;
  /** Lane of the account's nonces. */
  readonly lane: number;
  /** @returns the raw transaction */
  sign(draft: TxDraft, chain: { readonly chainId: string; readonly genesisHash: Uint8Array }): Promise<Uint8Array>;
}

/** @param account for which the key acts by a session; its own by default */
export function ed25519Payer(signer: Ed25519Signer, lane = 0, account = ed25519Address(signer.publicKey)): FilePayer {
  return { address: account, lane, sign: (draft, { genesisHash }) => signTx(draft, genesisHash, signer, account) };
}
