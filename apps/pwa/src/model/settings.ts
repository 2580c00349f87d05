import type { ErrorObject } from '@perigee/wire';
import { DEFAULT_SETTINGS, type Settings } from '../settings/defaults.ts';
import type { Circumstances, Held } from '../settings/thrift.ts';

export interface SettingsView {
  readonly chosen: Settings;
  /** What is kept on this device was looked at. */
  readonly isRead: boolean;
  /** Why what was kept is not used, or nothing is kept. */
  readonly problem: ErrorObject | undefined;
  /** `undefined` until the browser was asked. */
  readonly circumstances: Circumstances | undefined;
  readonly held: Held | undefined;
  /** What became of the last wish to delete what is kept. */
  readonly wiping: 'asked' | ErrorObject | undefined;
}

export const UNREAD_SETTINGS: SettingsView = {
  chosen: DEFAULT_SETTINGS,
  isRead: false,
  problem: undefined,
  circumstances: undefined,
  held: undefined,
  wiping: undefined,
};
