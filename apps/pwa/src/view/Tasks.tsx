import { count, namespace, percent, size } from '../format.ts';
import type { PublishTask, RetrieveTask, Task, ViewProps } from '../model/index.ts';
import { tasks as words } from '../strings/below/index.ts';
import { taskName } from '../strings/index.ts';
import { CopyButton } from './CopyButton.tsx';
import { goTo } from './go-to.ts';
import { Obstacle } from './Obstacle.tsx';

/** What was asked for by hand, with its progress, and what came of it. */
export function Tasks({ model, actions }: ViewProps) {
  const tasks = model.tasks.value;
  return (
    <section class="card tasks" aria-labelledby="tasks-title">
      <h2 id="tasks-title" class="label">
        {words.title}
      </h2>
      {tasks.length === 0 ? <p class="quiet empty">{words.none}</p> : null}
      <ul>
        {tasks.map((task) => (
          <li key={task.id} class="task" data-task={task.kind} data-status={task.status} data-stage={task.stage}>
            <TaskHead task={task} onCancel={() => actions.cancel(task.id)} />
            {task.status === 'running' ? <Progress task={task} /> : null}
            {task.status === 'interrupted' ? <p class="quiet">{words.interrupted}</p> : null}
            {task.error === undefined || task.status !== 'failed' ? null : (
              <Failure error={task.error} name={task.name} onRetry={() => actions.retry(task.id)} />
            )}
            {task.kind === 'publish' ? (
              <Published task={task} actions={actions} />
            ) : (
              <Retrieved task={task} onSave={() => actions.save(task.id)} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function TaskHead({ task, onCancel }: { readonly task: Task; readonly onCancel: () => void }) {
  const button = task.status === 'running' ? words.cancel : words.remove;
  return (
    <div class="task-head">
      <p>
        {taskName[task.kind][task.status]}{' '}
        <strong>
          <bdi>{task.name}</bdi>
        </strong>
        {task.bytes === undefined ? null : `, ${size(task.bytes)}`}
      </p>
      <button type="button" class="control" aria-label={`${button}: ${task.name}`} onClick={onCancel}>
        {button}
      </button>
    </div>
  );
}

function Progress({ task }: { readonly task: Task }) {
  const stage = task.kind === 'publish' ? words.stage.publish[task.stage] : words.stage.retrieve[task.stage];
  return (
    <>
      <progress value={task.done} aria-label={`${taskName[task.kind][task.status]} ${task.name}`} />
      <p class="quiet stage">
        {percent(task.done)}, {stage}
        {details(task)
          .map((detail) => `, ${detail}`)
          .join('')}
      </p>
    </>
  );
}

function details(task: Task): readonly string[] {
  if (task.kind === 'retrieve') {
    return [
      ...(task.needed === 0
        ? []
        : [words[task.stage === 'segments' ? 'segments' : 'rows'](count(task.rows), count(task.needed))]),
      ...(task.bytesIn === 0 ? [] : [words.received(size(task.bytesIn))]),
    ];
  }
  return [
    ...(task.totalBytes === 0 ? [] : [words.sent(size(task.uploadedBytes), size(task.totalBytes))]),
    ...(task.members === 0 ? [] : [words.signed(count(task.signed), count(task.members))]),
    ...(task.refused === 0 ? [] : [words.refused(count(task.refused))]),
  ];
}

interface FailureProps {
  readonly error: NonNullable<Task['error']>;
  readonly name: string;
  readonly onRetry: () => void;
}

function Failure({ error, name, onRetry }: FailureProps) {
  return (
    <>
      <Obstacle problem={error} isAlert />
      <p class="actions">
        <button type="button" class="control" aria-label={`${words.retry}: ${name}`} onClick={onRetry}>
          {words.retry}
        </button>
      </p>
    </>
  );
}

function Published({ task: { result }, actions }: { readonly task: PublishTask } & Pick<ViewProps, 'actions'>) {
  if (result === undefined) return null;
  return (
    <div class="result">
      <p>{result.wasThere ? words.wasThere : words.recorded(count(result.height), count(result.expiryHeight))}</p>
      {result.otherNamespace === undefined ? null : <p>{words.otherNamespace(namespace(result.otherNamespace))}</p>}
      <p>
        {words.link} <a href={result.link}>{result.link}</a>
      </p>
      <p class="actions">
        <CopyButton label={words.copyLink} text={() => result.link} copy={actions.copy} />
        <button
          type="button"
          class="control"
          onClick={() => {
            actions.open(result.blobId);
            goTo('blob-title');
          }}
        >
          {words.openBlob}
        </button>
      </p>
    </div>
  );
}

function Retrieved({ task: { result }, onSave }: { readonly task: RetrieveTask; readonly onSave: () => void }) {
  if (result === undefined) return null;
  return (
    <div class="result">
      <p>
        {result.segments > 0
          ? words.fetchedStored(count(result.segments))
          : words.fetched(count(result.rows), count(result.originals))}
      </p>
      <p>
        {words.sha256} <code data-sha256={result.sha256}>{result.sha256}</code>
      </p>
      <p class="actions">
        <button type="button" class="control" onClick={onSave}>
          {words.save}
        </button>
      </p>
    </div>
  );
}
