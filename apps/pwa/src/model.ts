import type { LightNodeState } from '@perigee/sampler';
import type { ErrorObject } from '@perigee/wire';
import { type Signal, signal } from '@preact/signals';

/** All that the view reads. */
export interface Model {
  /** Latest snapshot of the light node; `undefined` until it is loaded. */
  readonly state: Signal<LightNodeState | undefined>;
  /** What kept the light node from starting, before it could say so itself. */
  readonly failure: Signal<ErrorObject | undefined>;
  readonly paused: Signal<boolean>;
  /** Local clock, milliseconds since 1970, once a second. */
  readonly now: Signal<number>;
  /** When the light node was started last, milliseconds since 1970. */
  readonly startedAt: Signal<number>;
  /** Blob that the person chose, by id; `undefined` follows the newest. */
  readonly chosen: Signal<string | undefined>;
  readonly hasWebrtc: boolean;
}

/** What the view can ask for. */
export interface Actions {
  pause(): void;
  /** Starts anew: after a pause, and after a failure. */
  resume(): void;
}

export interface ViewProps {
  readonly model: Model;
  readonly actions: Actions;
}

export function createModel({ hasWebrtc, nowMs }: { readonly hasWebrtc: boolean; readonly nowMs: number }): Model {
  return {
    state: signal(undefined),
    failure: signal(undefined),
    paused: signal(false),
    now: signal(nowMs),
    startedAt: signal(nowMs),
    chosen: signal(undefined),
    hasWebrtc,
  };
}
