import type { Budgets, SharingOptions } from '@perigee/sampler';
import { PerigeeError } from '@perigee/wire';
import { effect } from '@preact/signals';
import type { Model } from '../model/index.ts';
import { isAtWork } from '../tabs/at-work.ts';
import { watchCircumstances } from './circumstances.ts';
import { DEFAULT_SETTINGS, type Settings } from './defaults.ts';
import { decodeSettings, encodeSettings } from './settings.ts';
import { type Held, heldBy } from './thrift.ts';

const KEY = 'perigee/settings';
/** Read by itself before the first paint. */
const THEME_KEY = 'perigee/theme';
/** Is there, and read by itself, where a visit is not to start by itself. */
const BY_HAND_KEY = 'perigee/by-hand';
/** A tab that is to rest and is at work is looked at again this often, milliseconds. */
const LOOK_EVERY_MS = 5_000;
/** Lets headers through and what is asked for by hand, and no other sample. */
const HEADERS_ONLY: Budgets = { bytesPerSecond: 1 };

export interface SettingsDeskParts {
  readonly model: Model;
  readonly storage: () => Storage;
  /** The node of this tab has these caps from now on. */
  readonly setBudgets: (budgets: Budgets) => void;
  /** The node of this tab gives other pages this much from now on. */
  readonly setSharing: (sharing: SharingOptions) => void;
  /** The node is to keep no more than other bytes: it is to be made anew. */
  readonly onStorageBytes: () => void;
  readonly rest: () => void;
  readonly wake: () => void;
}

/** Keeps the settings on this device and has them obeyed in this tab, whichever tab they are changed in. */
export class SettingsDesk {
  readonly #parts: SettingsDeskParts;

  constructor(parts: SettingsDeskParts) {
    this.#parts = parts;
    this.#read();
    addEventListener('storage', ({ key }) => {
      if (key === KEY) this.#read();
    });
    const { model } = parts;
    watchCircumstances((circumstances) => {
      model.settings.value = { ...model.settings.value, circumstances };
      this.#obey();
    });
    setInterval(() => this.#obey(), LOOK_EVERY_MS);
    effect(() => {
      if (model.settings.value.chosen.notify) void import('./alerts.ts').then(({ watchAlerts }) => watchAlerts(model));
    });
  }

  /** The caps of the node as it is now. */
  budgets(): Budgets {
    const { chosen, held } = this.#parts.model.settings.value;
    const { cpuShare, bytesPerSecond, bytesPerDay } = chosen;
    return { cpuShare, bytesPerSecond, bytesPerDay, ...(held?.thrift === 'headers' ? HEADERS_ONLY : {}) };
  }

  /** What is given to other pages as it is now: nothing while the device is short of something, also where a person resumed by hand. */
  sharing(): SharingOptions {
    const { chosen, held } = this.#parts.model.settings.value;
    const { shares, sharedBytesPerSecond, sharedBytesPerDay } = chosen;
    return {
      enabled: shares && held === undefined,
      bytesPerSecond: sharedBytesPerSecond,
      bytesPerDay: sharedBytesPerDay,
    };
  }

  change(changes: Partial<Settings>): void {
    const { model } = this.#parts;
    const chosen = { ...model.settings.value.chosen, ...changes };
    try {
      const storage = this.#parts.storage();
      storage.setItem(KEY, encodeSettings(chosen));
      if (chosen.theme === 'system') storage.removeItem(THEME_KEY);
      else storage.setItem(THEME_KEY, chosen.theme);
      if (chosen.startsByItself) storage.removeItem(BY_HAND_KEY);
      else storage.setItem(BY_HAND_KEY, '1');
      this.#apply(chosen, undefined);
    } catch {
      const problem = new PerigeeError(
        'STORE_FULL',
        'the settings hold until this tab is closed: the browser keeps nothing here',
      );
      this.#apply(chosen, problem);
    }
  }

  /** What cannot be read is said, and replaced by the defaults. */
  #read(): void {
    try {
      const kept = this.#parts.storage().getItem(KEY);
      this.#apply(kept === null ? DEFAULT_SETTINGS : decodeSettings(kept), undefined);
    } catch (thrown) {
      this.#apply(DEFAULT_SETTINGS, PerigeeError.from(thrown));
    }
  }

  #apply(chosen: Settings, problem: PerigeeError | undefined): void {
    const { model, onStorageBytes } = this.#parts;
    const before = model.settings.value;
    model.settings.value = { ...before, chosen, problem: problem?.toObject(), isRead: true };
    const { dataset } = document.documentElement;
    if (chosen.theme === 'system') delete dataset.theme;
    else dataset.theme = chosen.theme;
    this.#obey();
    this.#tellNode();
    if (before.isRead && before.chosen.storageBytes !== chosen.storageBytes) onStorageBytes();
  }

  #tellNode(): void {
    this.#parts.setBudgets(this.budgets());
    this.#parts.setSharing(this.sharing());
  }

  /** Rests and wakes with the circumstances. What a person resumes by hand goes on until they change. */
  #obey(): void {
    const { model, rest, wake } = this.#parts;
    const { chosen, circumstances, held } = model.settings.value;
    const due = circumstances === undefined ? undefined : heldBy(chosen, circumstances);
    if (isSame(due, held)) return;
    if (due?.thrift === 'nothing' && isAtWork(model)) return;
    model.settings.value = { ...model.settings.value, held: due };
    this.#tellNode();
    if (model.paused.value) return;
    if (due?.thrift === 'nothing') {
      model.resting.value = due.because;
      rest();
    } else if (model.resting.value !== undefined) {
      model.resting.value = undefined;
      wake();
    }
  }
}

function isSame(one: Held | undefined, other: Held | undefined): boolean {
  return one?.thrift === other?.thrift && one?.because === other?.because;
}
