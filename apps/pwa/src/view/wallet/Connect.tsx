import { tokensInWords } from '@perigee/light-core/tx';
import { isOnItsWay, type ViewProps, type WalletAccount, type WalletName, type WalletStep } from '../../model/index.ts';
import { NONE } from '../../strings/index.ts';
import { wallet as words } from '../../strings/wallet/index.ts';
import { Fact } from '../Fact.tsx';

/** Wallets to choose from, or the one that was chosen. */
export function Connect({ model, actions }: ViewProps) {
  const { announced, account, doing } = model.wallet.value;
  const isBusy = doing !== undefined;
  if (account !== undefined) return <Connected account={account} doing={doing} actions={actions} />;
  if (announced === undefined) return <p class="quiet wallet-place">{words.searching}</p>;
  if (announced.length === 0) {
    return (
      <p class="wallet-place">
        {words.none} <span class="quiet">{words.remedy}</span>
      </p>
    );
  }
  return (
    <div class="wallet-place">
      <h3 class="label">{words.choose}</h3>
      <ul class="wallets">
        {announced.map((wallet) => (
          <li key={wallet.id}>
            <button
              type="button"
              class="control"
              aria-label={words.connect(wallet.name)}
              disabled={isBusy}
              onClick={() => actions.connectWallet(wallet.id)}
            >
              <Icon wallet={wallet} />
              <bdi>{wallet.name}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Beside the name, which says all. */
function Icon({ wallet: { icon } }: { readonly wallet: WalletName }) {
  return icon === undefined ? <span class="wallet-icon" /> : <img class="wallet-icon" src={icon} alt="" width={24} height={24} />;
}

interface ConnectedProps extends Pick<ViewProps, 'actions'> {
  readonly account: WalletAccount;
  readonly doing: WalletStep | undefined;
}

function Connected({ account, doing, actions }: ConnectedProps) {
  const { walletName, address, balance, hasFaucet } = account;
  return (
    <div class="wallet-place" data-wallet-address={address}>
      <dl>
        <Fact name={words.connected}>
          <bdi>{walletName}</bdi>
        </Fact>
        <Fact name={words.address} mono>
          {address}
        </Fact>
        <Fact name={words.balance} note={hasFaucet ? words.faucet : undefined}>
          {balance === undefined ? NONE : tokensInWords(balance)}
        </Fact>
      </dl>
      <p class="quiet">{words.network}</p>
      <p class="actions">
        {hasFaucet ? (
          <button type="button" class="control" disabled={doing !== undefined} onClick={actions.fundWallet}>
            {words.fund}
          </button>
        ) : null}
        <button type="button" class="control" disabled={isOnItsWay(doing)} onClick={actions.leaveWallet}>
          {words.leave}
        </button>
      </p>
    </div>
  );
}
