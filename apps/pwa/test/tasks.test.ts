import { PerigeeError } from '@perigee/wire';
import { signal } from '@preact/signals';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PublishTask, RetrieveTask, Task } from '../src/model/index.ts';
import { Tasks } from '../src/requests/tasks.ts';

const base = { bytes: undefined, startedAtMs: 0, error: undefined, done: 0, status: 'interrupted' } as const;

function publishing(id: string): PublishTask {
  const counts = { uploadedBytes: 0, totalBytes: 0, signed: 0, refused: 0, members: 0 };
  return { ...base, ...counts, kind: 'publish', id, name: id, stage: 'read', result: undefined };
}

function retrieving(id: string): RetrieveTask {
  return {
    ...base,
    kind: 'retrieve',
    id,
    name: id,
    blobId: '00',
    stage: 'prove',
    rows: 0,
    needed: 0,
    bytesIn: 0,
    result: undefined,
  };
}

/** Runs until it is aborted. */
function endless({ signal: stop }: { readonly signal: AbortSignal }): Promise<never> {
  return new Promise((_, reject) => stop.addEventListener('abort', () => reject(new Error('stopped'))));
}

let list = signal<readonly Task[]>([]);
let tasks = new Tasks(list);
const at = (place: number): Task => list.value[place] ?? publishing('none');

beforeEach(() => {
  list = signal<readonly Task[]>([]);
  tasks = new Tasks(list);
});

describe('a task', () => {
  it('shows what it reports, and what comes of it', async () => {
    const seen: (readonly Task[])[] = [];
    list.subscribe((value) => seen.push(value));
    await tasks.run(publishing('a'), async ({ report }) => {
      report({ stage: 'upload', done: 0.5 });
      report({ done: 0.2, signed: 1 });
      return { stage: 'done' };
    });
    expect(seen.map(([task]) => task?.done)).toEqual([undefined, 0, 0.5, 0.5, 1, 1]);
    expect(at(0)).toMatchObject({ status: 'done', stage: 'done', signed: 1, error: undefined });
  });

  it('shows why it failed, and tries again under the same id', async () => {
    await tasks.run(publishing('a'), async () => {
      throw new PerigeeError('QUORUM', 'too few');
    });
    expect(at(0)).toMatchObject({ status: 'failed', error: { code: 'QUORUM', message: 'too few' } });
    await tasks.run(publishing('a'), async () => ({}));
    expect(list.value).toHaveLength(1);
    expect(at(0)).toMatchObject({ status: 'done', error: undefined });
  });

  it('that is stopped by hand has failed, and no word of it is heard any more', async () => {
    let late = (): void => {};
    const running = tasks.run(publishing('a'), (run) => {
      late = () => run.report({ stage: 'certify' });
      return endless(run);
    });
    tasks.cancel('a');
    await running;
    late();
    expect(at(0)).toMatchObject({ status: 'failed', stage: 'read', error: { code: 'ABORTED' } });
  });

  it('that ends well after it was stopped has failed all the same', async () => {
    const running = tasks.run(publishing('a'), async () => {
      tasks.cancel('a');
      return { stage: 'done' };
    });
    await running;
    expect(at(0).status).toBe('failed');
  });

  it('that has ended is taken off the list, and lets go of what it holds', async () => {
    let released = 0;
    await tasks.run(retrieving('a'), async ({ onRemoved }) => {
      onRemoved(() => released++);
      return {};
    });
    expect(released).toBe(0);
    tasks.cancel('a');
    tasks.cancel('a');
    expect(list.value).toEqual([]);
    expect(released).toBe(1);
  });
});

it('leaving the page interrupts what publishes, and ends what retrieves', async () => {
  const running = [tasks.run(publishing('a'), endless), tasks.run(retrieving('b'), endless)];
  tasks.interrupt();
  await Promise.all(running);
  expect(list.value.map(({ id, status }) => [id, status])).toEqual([
    ['b', 'failed'],
    ['a', 'interrupted'],
  ]);
});

it('the list is bounded, and what runs stays on it', async () => {
  const running = tasks.run(publishing('first'), endless);
  for (let i = 0; i < 100; i++) tasks.add(publishing(`${i}`));
  expect(list.value).toHaveLength(50);
  expect(tasks.find('first')?.status).toBe('running');
  expect(tasks.find('99')).toBeDefined();
  expect(tasks.find('0')).toBeUndefined();
  tasks.cancel('first');
  await running;
});
