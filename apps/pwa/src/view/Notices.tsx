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
            <button
              type="button"
              class="control"
              onClick={update === 'changed' ? () => (model.update.value = undefined) : actions.takeUpdate}
            >
              {update === 'ready' ? words.update.button : update === 'changed' ? words.update.dismiss : words.update.reload}
            </button>
          )}
        </p>
      )}
      <Extension model={model} actions={actions} />
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

/** One light node for the page and the extension: offered once, and said when it cannot be. */
function Extension({ model, actions }: ViewProps) {
  const extension = model.extension.value;
  const { lightNode } = model.settings.value.chosen;
  if (extension === undefined || extension.isUsed || lightNode === 'own') return null;
  const use = (
    <button type="button" class="control" onClick={() => actions.changeSettings({ lightNode: 'extension' })}>
      {words.extension.use}
    </button>
  );
  const keepOwn = (
    <button type="button" class="control" onClick={() => actions.changeSettings({ lightNode: 'own' })}>
      {words.extension.keepOwn}
    </button>
  );
  if (lightNode === 'offer') {
    if (model.state.value?.phase !== 'live') return null; // who has just come looks for something else
    return (
      <p data-notice="extension">
        {words.extension.offered} {use}
        {keepOwn}
      </p>
    );
  }
  if (extension.isAsked) return <p data-notice="extension">{words.extension.asked}</p>;
  if (extension.problem === undefined) return null; // work needs connections of this page, and it goes back by itself
  return (
    <p data-notice="extension">
      {words.extension.away(extension.problem.message)} {keepOwn}
    </p>
  );
}
