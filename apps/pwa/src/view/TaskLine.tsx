import { percent } from '../format.ts';
import type { Task } from '../model/index.ts';
import { adviceFor, taskName } from '../strings/index.ts';

/** What is being done of a task, or what became of it, in a few words beside what it was asked with. The list of tasks tells the rest. */
export function TaskLine({ task }: { readonly task: Task }) {
  return (
    <output class="task-line" data-status={task.status}>
      {taskName[task.kind][task.status]} <bdi>{task.name}</bdi>
      {standOf(task)}
    </output>
  );
}

function standOf({ status, done, error }: Task): string {
  if (status === 'running') return `, ${percent(done)}`;
  return status === 'failed' && error !== undefined ? ` ${adviceFor(error.code).title}.` : '';
}
