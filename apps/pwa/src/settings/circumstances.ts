import type { Circumstances } from './thrift.ts';

/** A tab counts as hidden after, milliseconds: who looks something up elsewhere comes back sooner. */
const HIDDEN_AFTER_MS = 20_000;

/** What of these interfaces is used; the page's types do not describe them. */
interface Battery extends EventTarget {
  readonly charging: boolean;
}
interface Connection extends EventTarget {
  readonly saveData?: boolean;
  readonly type?: string;
}
interface Device {
  readonly getBattery?: () => Promise<Battery>;
  readonly connection?: Connection;
}

/** Tells what the device is short of, at once and with each change. */
export function watchCircumstances(tell: (circumstances: Circumstances) => void): void {
  let now: Circumstances = { onBattery: undefined, onMetered: undefined, onHidden: false };
  const change = (changed: Partial<Circumstances>): void => {
    now = { ...now, ...changed };
    tell(now);
  };
  const { getBattery, connection } = navigator as Device;
  if (connection !== undefined && ('saveData' in connection || 'type' in connection)) {
    const look = (): void => change({ onMetered: connection.saveData === true || connection.type === 'cellular' });
    connection.addEventListener('change', look);
    look();
  }
  getBattery?.call(navigator).then(
    (battery) => {
      const look = (): void => change({ onBattery: !battery.charging });
      battery.addEventListener('chargingchange', look);
      look();
    },
    () => {}, // not allowed here
  );
  let timer: ReturnType<typeof setTimeout> | undefined;
  const lookAtTab = (): void => {
    clearTimeout(timer);
    if (document.visibilityState === 'visible') change({ onHidden: false });
    else timer = setTimeout(() => change({ onHidden: true }), HIDDEN_AFTER_MS);
  };
  document.addEventListener('visibilitychange', lookAtTab);
  lookAtTab();
}
