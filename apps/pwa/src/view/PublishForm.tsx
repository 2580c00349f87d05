import { tokensInWords } from '@perigee/light-core/tx';
import { MAX_BLOB_BYTES } from '@perigee/wire';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { count, keyOf, shortKey, size } from '../format.ts';
import { type AccountView, DEFAULT_POLICY, type PublishPolicy, type ViewProps } from '../model/index.ts';
import { publish as words } from '../strings/below/index.ts';
import { NONE } from '../strings/index.ts';
import { DropField } from './DropField.tsx';
import { goTo } from './go-to.ts';
import { PolicyFields } from './PolicyFields.tsx';
import { publishProblem } from './publish-problem.ts';
import { TaskLine } from './TaskLine.tsx';

/** Choose or drop a file, look at it, publish it. What becomes of it is among the tasks. */
export function PublishForm({ model, actions }: ViewProps) {
  const file = useSignal<File | undefined>(undefined);
  const changes = useSignal<Partial<PublishPolicy>>({});
  const chosen = file.value;
  const handed = model.handed.value;
  useEffect(() => {
    if (handed === undefined) return;
    file.value = handed;
    goTo('publish-title');
  }, [handed]);
  useEffect(actions.findWallets, []); // says for whom this browser publishes
  const most = model.state.value?.chain?.maxRetentionBlocks;
  const policy = {
    ...DEFAULT_POLICY,
    retentionBlocks: Math.min(DEFAULT_POLICY.retentionBlocks, most ?? Infinity),
    ...changes.value,
  };
  const last = model.tasks.value.find(({ kind }) => kind === 'publish');
  const obstacle = chosen === undefined ? undefined : publishProblem(chosen.size, policy, most);
  const choose = (one: File | undefined) => {
    file.value = one;
  };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (chosen === undefined || obstacle !== undefined) return;
    actions.publish(chosen, policy);
    file.value = undefined;
  };
  return (
    <section class="card publish" aria-labelledby="publish-title">
      <h2 id="publish-title" class="label" tabIndex={-1}>
        {words.title}
      </h2>
      <form onSubmit={onSubmit}>
        <DropField words={words} chosen={chosen} onChoose={choose} describedBy="publish-limit" />
        <p class="quiet" id="publish-limit">
          {words.limit(size(MAX_BLOB_BYTES))}
        </p>
        <PolicyFields
          policy={policy}
          maxRetentionBlocks={most}
          onChange={(change) => {
            changes.value = { ...changes.value, ...change };
          }}
        />
        <p class={obstacle === undefined ? 'hint quiet' : 'hint obstacle'} role="status">
          {obstacle ?? (model.paused.value ? words.resumes : null)}
        </p>
        <p class="actions">
          <button type="submit" class="control primary" disabled={chosen === undefined || obstacle !== undefined}>
            {words.button}
          </button>
          {last === undefined ? null : <TaskLine task={last} />}
        </p>
      </form>
      <Account model={model} />
    </section>
  );
}

function sessionWords({ left, expiryHeight }: NonNullable<AccountView['session']>): string {
  return words.session(tokensInWords(left), count(expiryHeight));
}

function Account({ model }: Pick<ViewProps, 'model'>) {
  const account = model.account.value;
  return (
    <p class="quiet account">
      {words.account}{' '}
      {account === undefined ? (
        words.accountNone
      ) : (
        <>
          <span class="mono" title={keyOf(account.address)}>
            {shortKey(account.address)}
          </span>
          . {words.balance} {account.balance === undefined ? NONE : tokensInWords(account.balance)}
          {account.session === undefined ? null : `. ${sessionWords(account.session)}`}
          {account.key === 'stored' ? `. ${words.storedKey}` : null}
        </>
      )}
    </p>
  );
}
