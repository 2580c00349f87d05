import { PerigeeError } from '@perigee/wire';
import { watchPage } from './lifecycle.ts';
import type { Actions, Model } from './model/index.ts';
import { Navigation } from './navigation/navigation.ts';
import { createNodeKeeper } from './node-keeper.ts';
import type { Requests } from './requests/index.ts';
import { pauseTogether } from './tabs/pause-together.ts';

/** When uploads of an earlier visit are looked for: after the first rows, milliseconds. */
const LOOK_BACK_MS = 2_000;

/** When settings are read where no light node brings them, milliseconds. */
const READ_SETTINGS_MS = 500;

/** When the page is laid by for a start without its server: what it fetches for that must not be in the way of the first rows, milliseconds. */
const KEEP_MS = 5_000;

export interface Session extends Actions {
  /** Begins the visit with what the address of the page asks for. */
  begin(): void;
}

/** What a visit of this page does. */
export function createSession(model: Model): Session {
  const keeper = createNodeKeeper(model);
  const tellPaused = pauseTogether((paused) => {
    if (paused === model.paused.value) return;
    if (paused) pause();
    else start();
  });
  const navigation = new Navigation({ model, onAsk: (text) => session.open(text) });
  let loading: Promise<Requests> | undefined;
  let loaded: Requests | undefined;
  /** What a visit that does not start by itself begins with. */
  let entry: (() => void) | undefined;

  function requests(): Promise<Requests> {
    loading ??= load().catch((thrown) => {
      loading = undefined; // the next request tries again
      throw thrown;
    });
    return loading;
  }

  async function load(): Promise<Requests> {
    const { Requests } = await import('./requests/index.ts').catch((cause) => {
      throw new PerigeeError('UNREACHABLE', 'a part of the page could not be loaded: its server does not answer', { cause });
    });
    loaded = new Requests({ model, keeper });
    return loaded;
  }

  /** What a person asks for takes back what was refused before. */
  function ask(work: (requests: Requests) => void | Promise<void>): void {
    model.refusal.value = undefined;
    doAlso(work);
  }

  /** What comes of something else leaves that to be read. */
  function doAlso(work: (requests: Requests) => void | Promise<void>): void {
    requests()
      .then(work)
      .catch((thrown) => {
        model.refusal.value = PerigeeError.from(thrown).toObject();
      });
  }

  function start(): void {
    model.paused.value = false;
    model.resting.value = undefined;
    const enter = entry ?? keeper.start;
    entry = undefined;
    enter();
  }

  /** What is asked for by hand goes on, whatever the page rests for. */
  function wake(): void {
    if (model.paused.value || model.resting.value !== undefined) start();
  }

  function pause(): void {
    stop();
    model.paused.value = true;
  }

  function stop(isLeaving = false): void {
    loaded?.tasks.interrupt();
    void keeper.stop(isLeaving);
  }

  const session: Session = {
    go: (view) => navigation.go(view),

    begin() {
      const asked = navigation.begin();
      const address = location.href;
      const enter = (): void => {
        // a link to another chain that this tab was told to believe must not start the page's own first
        if (/(^|&)trust=/.test(asked)) {
          requests().then(() => ask((made) => made.arrive(address)), start);
        } else {
          start();
          if (asked !== '') session.open(asked);
        }
      };
      if (isByHand()) {
        entry = enter;
        model.paused.value = true;
        setTimeout(() => keeper.settings().catch(() => {}), READ_SETTINGS_MS); // the view of settings shows them
      } else enter();
      if (location.search !== '' || 'launchQueue' in globalThis) {
        doAlso(async () => (await import('./install/arrivals.ts')).takeArrivals(model, session));
      }
      const comeBack = (): void => {
        if (!model.paused.value && model.resting.value === undefined) start();
      };
      watchPage({ model, keeper, onLeave: () => stop(true), onReturn: comeBack });
      const lookBack = async (): Promise<void> => (await requests()).listUploads();
      setTimeout(() => lookBack().catch(() => {}), LOOK_BACK_MS); // without them the page does all else
      const keep = async (): Promise<void> => (await import('./install/register.ts')).keepPage(model);
      setTimeout(() => keep().catch(() => {}), KEEP_MS); // without it the page needs its server
    },

    pause() {
      tellPaused(true);
      pause();
    },

    resume() {
      start();
      tellPaused(false);
    },

    publish(file, policy) {
      wake();
      model.handed.value = undefined;
      ask((made) => made.publish(file, policy));
    },

    retrieve(blobId) {
      wake();
      ask((made) => made.retrieve(blobId));
    },

    save: (taskId) => ask((made) => made.save(taskId)),
    retry(taskId) {
      wake();
      ask((made) => made.retry(taskId));
    },

    cancel: (taskId) => ask((made) => made.cancel(taskId)),

    open(text) {
      wake();
      ask((made) => made.open(text));
    },

    choose(blobId) {
      model.chosen.value = blobId;
      model.opening.value = undefined;
      ask((made) => made.choose(blobId));
    },

    acceptTrust: () => ask((made) => made.acceptTrust()),
    refuseTrust: () => ask((made) => made.refuseTrust()),
    leaveTrust: () => ask((made) => made.leaveTrust()),
    findWallets: () => doAlso((made) => made.findWallets()),
    connectWallet: (id) => ask((made) => made.wallet((desk) => desk.connect(id))),
    leaveWallet: () => ask((made) => made.wallet((desk) => desk.leave())),
    fundWallet: () => ask((made) => made.wallet((desk) => desk.fund())),
    prepare: (order) => ask((made) => made.wallet((desk) => desk.prepare(order))),
    sign: () => ask((made) => made.wallet((desk) => desk.sign())),
    cancelOrder: () => ask((made) => made.wallet((desk) => desk.cancel())),
    attest: (order) => ask((made) => made.attestation((desk) => desk.attest(order))),
    saveReport: () => ask((made) => made.attestation((desk) => desk.save())),
    putFile(file, replicas) {
      wake();
      ask((made) => made.storage((desk) => desk.put(file, replicas)));
    },
    lookUp(text) {
      wake();
      ask((made) => made.storage((desk) => desk.lookUp(text)));
    },
    fetchFound(part) {
      wake();
      ask((made) => made.storage((desk) => desk.fetch(part)));
    },
    cancelTransfer: (id) => ask((made) => made.storage((desk) => desk.cancel(id))),
    saveTransfer: (id) => ask((made) => made.storage((desk) => desk.save(id))),
    openStream(text) {
      wake();
      ask((made) => made.streams((desk) => (text === undefined ? desk.openNew() : desk.open(text))));
    },
    moreEntries: () => ask((made) => made.streams((desk) => desk.more())),
    readEntry: (key, isLatest) => ask((made) => made.streams((desk) => desk.read(key, isLatest))),
    writeEntry(key, value) {
      wake();
      ask((made) => made.streams((desk) => desk.write(key, value)));
    },
    compute(order) {
      wake();
      ask((made) => made.compute(order));
    },
    async entryText(key) {
      let text: string | undefined;
      await (await requests()).streams(async (desk) => {
        text = await desk.textOf(key).catch(() => undefined);
      });
      return text;
    },
    openEarlierChain: () => ask((made) => made.openEarlierChain()),
    leaveEarlierChain: () => ask((made) => made.leaveEarlierChain()),
    takeUpdate: () => doAlso(async () => (await import('./install/register.ts')).takeUpdate(model)),
    saveEvidence: (id) => ask((made) => made.saveEvidence(id)),

    changeSettings: (changes) => doAlso(async () => (await keeper.settings()).change(changes)),
    allowNotifications() {
      const asked = Notification.requestPermission(); // while the click still counts
      doAlso(async () => (await keeper.settings()).change({ notify: (await asked) === 'granted' }));
    },
    keepForGood: async () => (await navigator.storage?.persist?.()) ?? false,
    wipe(what) {
      model.settings.value = { ...model.settings.value, wiping: 'asked' };
      session.pause();
      doAlso(async () => (await import('./settings/wipe.ts')).wipeAndReload(what, model, keeper));
    },

    async copy(text) {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch {
        return false; // not allowed, or the page is not in front
      }
    },
  };
  return session;
}

/** Whether a person decided that a visit does not start by itself; settings-desk.ts keeps it. */
function isByHand(): boolean {
  try {
    return localStorage.getItem('perigee/by-hand') !== null;
  } catch {
    return false; // blocked: nothing was decided
  }
}
