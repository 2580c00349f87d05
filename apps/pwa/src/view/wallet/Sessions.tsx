import { tokensInWords } from '@perigee/light-core/tx';
import { count, shortKey } from '../../format.ts';
import type { SessionView, ViewProps } from '../../model/index.ts';
import { wallet as words } from '../../strings/wallet/index.ts';

/** Keys that may act for the wallet, each with its bounds and its end. */
export function Sessions({ model, actions }: ViewProps) {
  const sessions = model.wallet.value.account?.sessions ?? [];
  const height = model.state.value?.head?.height ?? 0;
  const isBusy = model.wallet.value.doing !== undefined;
  return (
    <div class="sessions">
      <h3 class="label">{words.session.held}</h3>
      {sessions.length === 0 ? <p class="quiet empty">{words.session.none}</p> : null}
      <ul>
        {sessions.map((session) => (
          <li key={session.key} data-session={session.key} data-ours={session.isOurs}>
            <p>
              {nameOf(session)}
              <small>{boundsOf(session, height)}</small>
            </p>
            <button
              type="button"
              class="control"
              aria-label={`${words.session.revoke}: ${nameOf(session)}`}
              disabled={isBusy}
              onClick={() => actions.prepare({ kind: 'revoke', key: session.key })}
            >
              {words.session.revoke}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function nameOf({ isOurs, key }: SessionView): string {
  return isOurs ? words.session.ours : words.session.other(shortKey(key));
}

function boundsOf({ kinds, left, expiryHeight }: SessionView, height: number): string {
  const isOver = expiryHeight <= height;
  return [
    words.session.may(kinds.map((kind) => words.kind[kind] ?? kind).join(', ')),
    words.session.left(tokensInWords(left)),
    isOver ? words.session.ended(count(expiryHeight)) : words.session.until(count(expiryHeight)),
  ].join('; ');
}
