import { useSignal } from '@preact/signals';
import { parseTokens } from '../../amount.ts';
import type { ViewProps } from '../../model/index.ts';
import { wallet as words } from '../../strings/wallet/index.ts';
import { TokensField } from './TokensField.tsx';

/** An amount for a recipient. What it comes to is looked at before the wallet opens. */
export function TransferForm({ model, actions }: ViewProps) {
  const to = useSignal('');
  const text = useSignal('');
  const recipient = to.value.trim();
  const isAddress = /^0x[0-9a-fA-F]{40}$/.test(recipient);
  const amount = parseTokens(text.value);
  const obstacle =
    recipient !== '' && !isAddress
      ? words.problem.address
      : text.value.trim() !== '' && typeof amount === 'string'
        ? words.problem.amount[amount]
        : undefined;
  const isReady = isAddress && typeof amount === 'bigint' && model.wallet.value.doing === undefined;
  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (isReady) actions.prepare({ kind: 'transfer', to: recipient, amount });
  };
  return (
    <form class="transfer" onSubmit={onSubmit} aria-labelledby="transfer-title">
      <h3 id="transfer-title" class="label">
        {words.transfer.title}
      </h3>
      <label>
        {words.transfer.to}
        <input
          type="text"
          class="mono"
          placeholder={words.transfer.toHint}
          value={to.value}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          onInput={(event) => {
            to.value = event.currentTarget.value;
          }}
        />
      </label>
      <TokensField label={words.transfer.amount} text={text} />
      <p class="obstacle" role="status">
        {obstacle}
      </p>
      <p class="actions">
        <button type="submit" class="control" disabled={!isReady}>
          {words.transfer.button}
        </button>
      </p>
    </form>
  );
}
