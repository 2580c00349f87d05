import type { Settings, Thrift } from './defaults.ts';

/** What the browser says of the device; `undefined` where it says nothing. */
export interface Circumstances {
  readonly onBattery: boolean | undefined;
  readonly onMetered: boolean | undefined;
  /** Nobody has seen the tab for a while. */
  readonly onHidden: boolean;
}

export type Circumstance = keyof Circumstances;

/** What is held up, and what for. */
export interface Held {
  readonly thrift: Exclude<Thrift, 'all'>;
  readonly because: Circumstance;
}

/** The strictest of what a person decided for the circumstances as they are. */
export function heldBy(settings: Settings, circumstances: Circumstances): Held | undefined {
  const names = (['onBattery', 'onMetered', 'onHidden'] as const).filter((name) => circumstances[name] === true);
  for (const thrift of ['nothing', 'headers'] as const) {
    const because = names.find((name) => settings[name] === thrift);
    if (because !== undefined) return { thrift, because };
  }
  return undefined;
}
