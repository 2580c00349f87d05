import { type OrderDraft, signOrder, signTypedOrder } from '@perigee/light-core/receipt';
import { secp256k1Signer, signTx, signTypedTx, type TxDraft } from '@perigee/light-core/tx';
import type { ComputeClientOptions } from '@perigee/sampler/compute';
import { ed25519Address, equal, PerigeeError } from '@perigee/wire';
import type { SecretKey } from '../keys.ts';
import { nativeSigner } from '../native-signer.ts';

/** Lanes that session keys share: the first one is the account's own. */
const SESSION_LANES = 63;

/**
 * Who pays for answers with a key of either scheme: the account of that key, or one that has granted it a session.
 *
 * @param account 20 bytes; the key's own unless given
 * @throws INVALID_ARGUMENT when a key for Ethereum addresses is to pay for another account
 */
export function computePayer(
  { scheme, secret }: SecretKey,
  chainId: string,
  account?: Uint8Array,
): ComputeClientOptions['payer'] {
  if (scheme === 'ed25519') {
    const signer = nativeSigner(secret);
    const { publicKey } = signer;
    const address = account ?? ed25519Address(publicKey);
    return {
      address,
      ...(equal(address, ed25519Address(publicKey))
        ? {}
        : { sessionKey: publicKey, lane: 1 + ((publicKey[0] ?? 0) % SESSION_LANES) }),
      sign: (draft: TxDraft, { genesisHash }) => signTx(draft, genesisHash, signer, address),
      order: (draft: OrderDraft, genesisHash) => signOrder(draft, genesisHash, signer, address),
    };
  }
  if (account !== undefined) {
    throw new PerigeeError('INVALID_ARGUMENT', 'a session is of an ed25519 key: name one with --key, or leave out --account');
  }
  const signer = secp256k1Signer(secret);
  return {
    address: signer.address,
    sign: (draft: TxDraft, chain) => signTypedTx(draft, chain, signer),
    order: (draft: OrderDraft, genesisHash) => signTypedOrder(draft, { chainId, genesisHash }, signer),
  };
}
