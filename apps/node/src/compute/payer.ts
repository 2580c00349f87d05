import { type OrderDraft, signOrder, signTypedOrder } from '@perigee/light-core/receipt';
import { ed25519Signer, secp256k1Signer, signTx, signTypedTx, type TxDraft } from '@perigee/light-core/tx';
import type { ComputeClientOptions } from '@perigee/sampler/compute';
import { ed25519Address, PerigeeError } from '@perigee/wire';
import { namedKeyPath } from '../keyring.ts';
import { ensureSecret, readSecretKey, type SecretKey } from '../keys.ts';

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

/** The key that was named, or else `account.key` of a home, made at the first use. @throws NOT_FOUND, PARSE */
export async function accountKeyOf(home: string, named: string | undefined): Promise<SecretKey> {
  if (named !== undefined) return readSecretKey(namedKeyPath(home, named));
  const path = namedKeyPath(home, 'account');
  const made = await readSecretKey(path).catch((error: unknown) => {
    if (PerigeeError.from(error).code === 'NOT_FOUND') return undefined;
    throw error;
  });
  return made ?? { scheme: 'ed25519', secret: await ensureSecret(path) };
}
