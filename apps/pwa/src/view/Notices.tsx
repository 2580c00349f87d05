import '../style/notices.css';
import type { ViewProps } from '../model/index.ts';
import { notices as words } from '../strings/below/index.ts';

/** What the page has to say about itself. It lies over the lower edge of the window, so that nothing moves. */
export function Notices({ model, actions }: ViewProps) {
  const update = model.update.value;
  const earlier = model.earlierChain.value;
  return (
    <div class="notices" role="status">
      {update === undefined ? null : (
        <p data-notice="update">
          {words.update[update]}{' '}
          {update === 'asked' ? null : (
            <button type="button" class="control" onClick={actions.takeUpdate}>
              {update === 'ready' ? words.update.button : words.update.reload}
            </button>
          )}
        </p>
      )}
      {earlier === undefined ? null : (
        <p data-notice="earlier-chain">
          <bdi>{(earlier.isOpen ? words.earlierOpen : words.earlier)(earlier.chainId)}</bdi>{' '}
          {earlier.isOpen ? null : (
            <button type="button" class="control" onClick={actions.openEarlierChain}>
              {words.openEarlier}
            </button>
          )}
          <button type="button" class="control" onClick={actions.leaveEarlierChain}>
            {earlier.isOpen ? words.leaveEarlier : words.forgetEarlier}
          </button>
        </p>
      )}
    </div>
  );
}
