import { PerigeeError } from '@perigee/wire';
import { watchPage } from './lifecycle.ts';
import { linkOf } from './link.ts';
import type { Actions, Model } from './model.ts';
import { createNodeKeeper } from './node-keeper.ts';
import type { Requests } from './requests/index.ts';

/** When uploads of an earlier visit are looked for: after the first rows, milliseconds. */
const LOOK_BACK_MS = 2_000;

export interface Session extends Actions {
  /** Begins the visit with what the address of the page asks for. */
  begin(): void;
}

/** What a visit of this page does. */
export function createSession(model: Model): Session {
  const keeper = createNodeKeeper(model);
  let loading: Promise<Requests> | undefined;
  let loaded: Requests | undefined;

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
    keeper.start();
  }

  function stop(): void {
    loaded?.tasks.interrupt();
    void keeper.stop();
  }

  const session: Session = {
    begin() {
      const openAddress = (): void => {
        if (location.hash.length > 1) session.open(location.hash);
      };
      // a link to another chain that this tab was told to believe must not start the page's own first
      if (linkOf(location.href).trust !== undefined) {
        requests().then(() => ask((made) => made.arrive(location.href)), start);
      } else {
        start();
        openAddress();
      }
      addEventListener('hashchange', openAddress);
      watchPage({ model, keeper, onLeave: stop, onReturn: start });
      const lookBack = async (): Promise<void> => (await requests()).listUploads();
      setTimeout(() => lookBack().catch(() => {}), LOOK_BACK_MS); // without them the page does all else
    },

    pause() {
      stop();
      model.paused.value = true;
    },

    resume: start,

    publish(file, policy) {
      if (model.paused.value) start();
      ask((made) => made.publish(file, policy));
    },

    retrieve(blobId) {
      if (model.paused.value) start();
      ask((made) => made.retrieve(blobId));
    },

    save: (taskId) => ask((made) => made.save(taskId)),
    retry(taskId) {
      if (model.paused.value) start();
      ask((made) => made.retry(taskId));
    },

    cancel: (taskId) => ask((made) => made.cancel(taskId)),

    open(text) {
      if (model.paused.value) start();
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
    saveEvidence: (id) => ask((made) => made.saveEvidence(id)),

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
