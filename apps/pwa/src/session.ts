import type { LightNode, LightNodeState } from '@perigee/sampler';
import { PerigeeError } from '@perigee/wire';
import { fetchChainFile } from './chain-file.ts';
import { requireEnvironment } from './environment.ts';
import type { Actions, Model } from './model.ts';

/** While no peer answers, the chain file is read again this often: it may name new addresses, milliseconds. */
const READDRESS_MS = 4_000;

/** Runs the light node of this page and carries its snapshots into the model. */
export function createSession(model: Model): Actions {
  let node: LightNode | undefined;
  let attempt = new AbortController();
  let stopping: Promise<void> = Promise.resolve();

  function stop(): void {
    attempt.abort();
    if (node !== undefined) stopping = node.stop();
  }

  /**
   * A paused node goes on with what it has; one that failed is made anew, from the chain file that is served now. What has to be fetched
   * is asked for before this first yields, so that the first paint does not hold it up.
   */
  async function start(signal: AbortSignal): Promise<void> {
    requireEnvironment(globalThis);
    if (node === undefined || node.state.error !== undefined) node = await open(model, signal);
    await stopping;
    signal.throwIfAborted();
    await node.start();
    keepAddresses(node, model, signal);
  }

  return {
    ...requestsOf(model),

    pause() {
      stop();
      model.paused.value = true;
    },

    resume() {
      stop();
      attempt = new AbortController();
      const { signal } = attempt;
      model.failure.value = undefined;
      model.paused.value = false;
      model.startedAt.value = Date.now();
      start(signal).catch((thrown) => {
        if (!signal.aborted) model.failure.value = PerigeeError.from(thrown).toObject();
      });
    },
  };
}

/** What the page can ask for beyond sampling. */
function requestsOf(model: Model): Omit<Actions, 'pause' | 'resume'> {
  const refuse = (): void => {
    model.refusal.value = new PerigeeError('UNSUPPORTED', 'this is not there yet').toObject();
  };
  return {
    publish: refuse,
    retrieve: refuse,
    save: refuse,
    cancel: refuse,
    open: refuse,
    acceptTrust: refuse,
    refuseTrust: refuse,
    leaveTrust: refuse,
    saveEvidence: refuse,
    copy: async () => false,
  };
}

/** Fetches the root of trust and the light node side by side. */
async function open(model: Model, signal: AbortSignal): Promise<LightNode> {
  const [trustRoot, { createLightNode }] = await Promise.all([fetchChainFile(signal), loadEngine()]);
  signal.throwIfAborted();
  const node = createLightNode({ trustRoot });
  const show = oncePerFrame((state) => {
    model.state.value = state;
  });
  node.subscribe((state) => {
    markFirstRow(state);
    show(state);
  });
  return node;
}

/** Nodes that come back elsewhere are found by the chain file that is served then, without a reload. */
function keepAddresses(node: LightNode, model: Model, signal: AbortSignal): void {
  const timer = setInterval(async () => {
    if (node.state.peers.some((peer) => peer.connected)) return;
    try {
      node.readdress(await fetchChainFile(signal));
    } catch (thrown) {
      const error = PerigeeError.from(thrown);
      if (error.code === 'WRONG_CHAIN' && !signal.aborted) model.failure.value = error.toObject();
    }
  }, READDRESS_MS);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

async function loadEngine(): Promise<typeof import('./engine.ts')> {
  try {
    return await import('./engine.ts');
  } catch (cause) {
    throw new PerigeeError('UNREACHABLE', 'the light node could not be loaded: the server of this page does not answer', {
      cause,
    });
  }
}

/** A burst of snapshots is drawn once. */
function oncePerFrame(draw: (state: LightNodeState) => void): (state: LightNodeState) => void {
  let latest: LightNodeState | undefined;
  return (state) => {
    if (latest === undefined) {
      requestAnimationFrame(() => {
        const last = latest;
        latest = undefined;
        if (last !== undefined) draw(last);
      });
    }
    latest = state;
  };
}

const FIRST_ROW = 'perigee:first-verified-row';

/** What `bench/page` reads: when, since the navigation began, the first row was verified. */
function markFirstRow(state: LightNodeState): void {
  if (state.rowsVerified > 0 && performance.getEntriesByName(FIRST_ROW).length === 0) performance.mark(FIRST_ROW);
}
