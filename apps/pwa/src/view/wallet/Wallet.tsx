import { useEffect } from 'preact/hooks';
import type { ViewProps } from '../../model/index.ts';
import { wallet as words } from '../../strings/wallet/index.ts';
import '../../style/wallet.css';
import { Connect } from './Connect.tsx';
import { GrantForm } from './GrantForm.tsx';
import { Progress } from './Progress.tsx';
import { Review } from './Review.tsx';
import { Sessions } from './Sessions.tsx';
import { TransferForm } from './TransferForm.tsx';

/** An account whose key this page never sees: connect it, look at what it is to sign, and what became of it. */
export function Wallet({ model, actions }: ViewProps) {
  useEffect(actions.findWallets, []);
  const { account, review } = model.wallet.value;
  return (
    <section class="card wallet" aria-labelledby="wallet-title">
      <h2 id="wallet-title" class="label">
        {words.title}
      </h2>
      <p class="quiet">{words.explain}</p>
      <Connect model={model} actions={actions} />
      <Progress model={model} actions={actions} />
      {review === undefined ? null : <Review model={model} actions={actions} review={review} />}
      {account === undefined || review !== undefined ? null : (
        <div class="pair">
          <TransferForm model={model} actions={actions} />
          <div>
            <GrantForm model={model} actions={actions} />
            <Sessions model={model} actions={actions} />
          </div>
        </div>
      )}
    </section>
  );
}
