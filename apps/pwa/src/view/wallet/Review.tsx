import { useEffect, useRef } from 'preact/hooks';
import type { TypedRow, ViewProps, WalletReview } from '../../model/index.ts';
import { wallet as words } from '../../strings/wallet/index.ts';

export interface ReviewProps extends ViewProps {
  readonly review: WalletReview;
}

/** What the wallet is going to show, before it opens. The focus goes there, so that nobody signs what they have not met. */
export function Review({ model, actions, review }: ReviewProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [review]);
  const isBusy = model.wallet.value.doing !== undefined;
  return (
    <section class="review" aria-labelledby="review-title">
      <h3 id="review-title" tabIndex={-1} ref={heading}>
        {words.review.title[review.kind]}
      </h3>
      <p class="quiet">{words.review.explain}</p>
      <Rows rows={review.rows} />
      <details class="more">
        <summary>{words.review.domain}</summary>
        <Rows rows={review.domain} />
      </details>
      <p class="actions">
        <button type="button" class="control primary" disabled={isBusy} onClick={actions.sign}>
          {words.review.sign}
        </button>
        <button type="button" class="control" onClick={actions.cancelOrder}>
          {words.review.cancel}
        </button>
      </p>
    </section>
  );
}

function Rows({ rows }: { readonly rows: readonly TypedRow[] }) {
  return (
    <dl>
      {rows.map(({ name, value }) => (
        <div key={name} class="fact" data-field={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
