import { type OrderDraft, signOrder, signTypedOrder } from '@perigee/light-core/receipt';
import { ed25519Signer, secp256k1Signer, signTx, signTypedTx, type TxDraft } from '@perigee/light-core/tx';
import type { ComputeClientOptions } from '@perigee/sampler/compute';
import { ed25519Address } from '@perigee/wire';
import type { SecretKey } from '../keys.ts';

/** Who pays for answers with a key of either scheme, as the account of that key. */
export function computePayer({ scheme, secret }: SecretKey, chainId: string): ComputeClientOptions['payer'] {
  if (scheme === 'ed25519') {
    const signer = ed25519Signer(secret);
    return {
      address: ed25519Address(signer.publicKey),
      sign: (draft: TxDraft, { genesisHash }) => signTx(draft, genesisHash, signer),
      order: (draft: OrderDraft, genesisHash) => signOrder(draft, genesisHash, signer),
    };
  }
  const signer = secp256k1Signer(secret);
  return {
    address: signer.address,
    sign: (draft: TxDraft, chain) => signTypedTx(draft, chain, signer),
    order: (draft: OrderDraft, genesisHash) => signTypedOrder(draft, { chainId, genesisHash }, signer),
  };
}
