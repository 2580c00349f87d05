import { useSignal } from '@preact/signals';
import { parseTokens } from '../../amount.ts';
import type { ViewProps } from '../../model/index.ts';
import { wallet as words } from '../../strings/wallet/index.ts';
import { TokensField } from './TokensField.tsx';

/** Enough for many files on a development chain, and next to nothing where tokens are worth something. */
const DEFAULT_CAP = '0.0000005';
/** About an hour. */
const DEFAULT_BLOCKS = 3_600;

/** Bounds within which this browser's key may publish in the wallet's name. */
export function GrantForm({ model, actions }: ViewProps) {
  const text = useSignal(DEFAULT_CAP);
  const blocks = useSignal(DEFAULT_BLOCKS);
  const cap = parseTokens(text.value);
  const obstacle =
    typeof cap === 'string'
      ? words.problem.amount[cap]
      : Number.isSafeInteger(blocks.value) && blocks.value >= 1
        ? undefined
        : words.problem.blocks;
  const isReady = typeof cap === 'bigint' && obstacle === undefined && model.wallet.value.doing === undefined;
  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (isReady) actions.prepare({ kind: 'grant', cap, blocks: blocks.value });
  };
  return (
    <form class="grant" onSubmit={onSubmit} aria-labelledby="grant-title">
      <h3 id="grant-title" class="label">
        {words.session.title}
      </h3>
      <p class="quiet">{words.session.explain}</p>
      <div class="fields">
        <TokensField label={words.session.cap} text={text} />
        <label>
          {words.session.blocks}
          <input
            type="number"
            min={1}
            step={1}
            value={blocks.value}
            onInput={(event) => {
              blocks.value = event.currentTarget.valueAsNumber;
            }}
          />
        </label>
      </div>
      <p class="obstacle" role="status">
        {obstacle}
      </p>
      <p class="actions">
        <button type="submit" class="control" disabled={!isReady}>
          {words.session.button}
        </button>
      </p>
    </form>
  );
}
