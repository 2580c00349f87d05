import type { LightNode, LightNodeState } from '@perigee/sampler';
import { PerigeeError } from '@perigee/wire';
import { fetchChainFile } from './chain-file.ts';
import type { OpenedNode } from './engine.ts';
import { requireEnvironment } from './environment.ts';
import { markProgress } from './marks.ts';
import type { Model } from './model.ts';

/** While no peer answers, the chain file is read again this often: it may name new addresses, milliseconds. */
const READDRESS_MS = 4_000;
/** Who asks for a node that has no head by now is told so, milliseconds. */
const READY_TIMEOUT_MS = 30_000;
/** Snapshots are drawn no more often than this, milliseconds. */
const DRAW_EVERY_MS = 100;
/** What the light node may keep on this device, bytes. */
const STORE_BUDGET_BYTES = 48 * 1024 * 1024;

/** A chain that a person agreed to believe, and who may have it. */
export interface AcceptedTrust {
  readonly trustLink: string;
  readonly peers: readonly string[];
}

/** Runs the light node of this page and carries its snapshots into the model. */
export interface NodeKeeper {
  /** Starts, or goes on after `stop`. What goes wrong is put into the model. */
  start(): void;
  stop(): Promise<void>;
  /** What to believe from the next `start` on: a link that a person accepted, or, without one, the page's own chain. Ends what runs. */
  follow(trust: AcceptedTrust | undefined): void;
  /** Dials also these, from now on. They add peers, never trust. */
  addPeers(addresses: readonly string[]): void;
  /** Looks at once for nodes that may be elsewhere by now. */
  redial(): void;
  /** The node, whether it runs or not. @throws ABORTED before there is one */
  node(): LightNode;
  /**
   * The running node, once it follows the chain: a head of an earlier visit is none, and nobody proves anything under it.
   *
   * @throws what keeps it from running; TIMEOUT, ABORTED
   */
  ready(signal: AbortSignal): Promise<OpenedNode>;
}

export function createNodeKeeper(model: Model): NodeKeeper {
  let opened: OpenedNode | undefined;
  let opening: Promise<OpenedNode> | undefined;
  let attempt = new AbortController();
  let stopping: Promise<void> = Promise.resolve();
  let followed: AcceptedTrust | undefined;
  let peers: readonly string[] = [];
  // what a person looks at must not give way to what is newer
  model.chosen.subscribe((blobId) => opened?.node.hold(blobId));

  function stop(): Promise<void> {
    attempt.abort(new PerigeeError('ABORTED', 'the light node is paused; resume it first'));
    if (opened !== undefined) stopping = opened.rest().catch(() => {}); // what cannot be closed is gone already
    opening = undefined;
    return stopping;
  }

  /**
   * A paused node goes on with what it has; one that failed is made anew, from the chain file that is served now. What has to be fetched
   * is asked for before this first yields, so that the first paint does not hold it up.
   */
  async function start(signal: AbortSignal): Promise<OpenedNode> {
    requireEnvironment(globalThis);
    if (opened?.node.state.error !== undefined) {
      stopping = opened.close().catch(() => {});
      opened = undefined;
    }
    opened ??= await open(signal);
    await stopping;
    signal.throwIfAborted();
    await opened.node.start();
    opened.node.addPeers(peers);
    keepAddresses(opened.node, signal);
    return opened;
  }

  /** Fetches what is believed and the light node side by side. */
  async function open(signal: AbortSignal): Promise<OpenedNode> {
    const [believed, { openNode }] = await Promise.all([followed ?? ownChain(signal), loadEngine()]);
    signal.throwIfAborted();
    const made = openNode(believed, STORE_BUDGET_BYTES);
    made.node.hold(model.chosen.peek());
    const show = nowAndThen((state) => {
      if (made === opened) model.state.value = state; // the last words of one that was closed come late
    });
    made.node.subscribe((state) => {
      markProgress(state);
      show(state);
    });
    return made;
  }

  /** Nodes that come back elsewhere are found by the chain file that is served then, without a reload. */
  function keepAddresses(node: LightNode, signal: AbortSignal): void {
    const timer = setInterval(() => void readdress(node, signal), READDRESS_MS);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  }

  async function readdress(node: LightNode, signal: AbortSignal): Promise<void> {
    if (node.state.peers.some((peer) => peer.connected)) return;
    try {
      if (followed === undefined) node.readdress(await fetchChainFile(signal));
      else node.addPeers(peers);
    } catch (thrown) {
      const error = PerigeeError.from(thrown);
      if (error.code === 'WRONG_CHAIN' && !signal.aborted) model.failure.value = error.toObject();
    }
  }

  return {
    start() {
      stop();
      attempt = new AbortController();
      const { signal } = attempt;
      model.failure.value = undefined;
      model.startedAt.value = Date.now();
      opening = start(signal);
      opening.catch((thrown) => {
        if (!signal.aborted) model.failure.value = PerigeeError.from(thrown).toObject();
      });
    },

    stop,

    follow(trust) {
      stop();
      const before = opened;
      if (before !== undefined) stopping = stopping.then(() => before.close()).catch(() => {});
      opened = undefined;
      followed = trust;
      peers = trust?.peers ?? [];
    },

    addPeers(addresses) {
      peers = [...new Set([...peers, ...addresses])];
      opening?.then(({ node }) => node.addPeers(peers)).catch(() => {}); // one that does not run gets them when it starts
    },

    redial() {
      if (opened !== undefined) void readdress(opened.node, attempt.signal);
    },

    node() {
      if (opened === undefined) throw new PerigeeError('ABORTED', 'the light node has not started yet; try again in a moment');
      return opened.node;
    },

    async ready(signal) {
      if (opening === undefined) throw new PerigeeError('ABORTED', 'the light node is paused; resume it first');
      const running = await opening;
      await untilHead(running.node, signal);
      return running;
    },
  };
}

async function ownChain(signal: AbortSignal): Promise<{ readonly trustRoot: string }> {
  return { trustRoot: await fetchChainFile(signal) };
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

function untilHead(node: LightNode, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: PerigeeError): void => {
      unsubscribe();
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onAbort = (): void => settle(PerigeeError.from(signal.reason));
    const look = ({ phase, error }: LightNodeState): void => {
      if (error !== undefined) settle(PerigeeError.fromObject(error));
      else if (phase === 'live') settle();
    };
    const timer = setTimeout(
      () => settle(new PerigeeError('TIMEOUT', `no peer answered in ${READY_TIMEOUT_MS / 1_000} s; try again when one does`)),
      READY_TIMEOUT_MS,
    );
    const unsubscribe = node.subscribe(look);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    else look(node.state);
  });
}

/** A burst of snapshots is drawn once: what draws shares its thread with what carries the rows. */
function nowAndThen(draw: (state: LightNodeState) => void): (state: LightNodeState) => void {
  let latest: LightNodeState | undefined;
  let drawnAt = Number.NEGATIVE_INFINITY;
  const drawLatest = (): void => {
    const last = latest;
    latest = undefined;
    drawnAt = performance.now();
    if (last !== undefined) draw(last);
  };
  return (state) => {
    if (latest === undefined) {
      const wait = drawnAt + DRAW_EVERY_MS - performance.now();
      setTimeout(() => requestAnimationFrame(drawLatest), Math.max(0, wait));
    }
    latest = state;
  };
}
