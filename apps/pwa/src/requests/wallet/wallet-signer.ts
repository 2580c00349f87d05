import { nobleRecover } from '@perigee/light-core/signature';
import { hashTypedData, type TypedDataSigner, walletSigner } from '@perigee/light-core/tx';
import { equal, PerigeeError } from '@perigee/wire';
import { accountsOf, guarded, type Provider, walletError } from './provider.ts';

/**
 * A wallet that is believed in nothing: that it still has the account is asked before it opens, and who signed is recovered before anything is sent.
 *
 * @param address as it is connected, 0x and 40 digits
 */
export function checkedSigner(provider: Provider, address: string, signal: AbortSignal): TypedDataSigner {
  const wallet = walletSigner(guarded(provider, signal), address);
  return {
    address: wallet.address,
    async signTypedData(data) {
      const accounts = await accountsOf(provider, 'eth_accounts', signal);
      if (!accounts.some((account) => account.toLowerCase() === address.toLowerCase())) {
        throw walletError('account', `the wallet shows this page ${accounts.join(', ')} now, and no longer ${address}`);
      }
      const signature = await wallet.signTypedData(data).catch(refuseNonsense);
      const v = signature[64] ?? -1;
      const parts = { r: signature.slice(0, 32), s: signature.slice(32, 64), parity: v < 27 ? v : v - 27 };
      const author = await nobleRecover(hashTypedData(data), parts);
      if (author === undefined) throw walletError('other', 'the wallet answered with what is no signature of what it was shown');
      if (!equal(author, wallet.address)) throw walletError('account', `the wallet signed as another account than ${address}`);
      return signature;
    },
  };
}

/** @throws what it is given, and in place of PARSE that the wallet is to blame */
function refuseNonsense(thrown: unknown): never {
  const error = PerigeeError.from(thrown);
  throw error.code === 'PARSE' ? walletError('other', 'the wallet answered with something else than a signature', error) : error;
}
