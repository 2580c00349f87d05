import { effect, type Signal, signal } from '@preact/signals';
import type { Model } from '../model/index.ts';
import { History, type Point } from './history.ts';

const recorded = new WeakMap<Model, Signal<readonly Point[]>>();

/** Points of a page, from the first call on: each looks at the snapshot of its second. */
export function recordOf(model: Model): Signal<readonly Point[]> {
  const known = recorded.get(model);
  if (known !== undefined) return known;
  const history = new History();
  const points = signal<readonly Point[]>([]);
  recorded.set(model, points);
  effect(() => {
    const now = model.now.value;
    const state = model.state.peek();
    if (state === undefined) return;
    history.look(now, state);
    points.value = history.points;
  });
  return points;
}
