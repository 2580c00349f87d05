import type { LightNode, LightNodeState } from '@perigee/sampler';
import { PerigeeError } from '@perigee/wire';
import { fetchChainFile } from './chain-file.ts';
import type { Believed, OpenedNode } from './engine.ts';
import { requireEnvironment } from './environment.ts';
import { markProgress } from './marks.ts';
import type { Model } from './model/index.ts';
import type { SettingsDesk } from './settings/settings-desk.ts';
import { isAtWork } from './tabs/at-work.ts';
import type { NodeLead } from './tabs/node-lead.ts';
import type { TabLeadParts } from './tabs/tab-lead.ts';

/** While no peer answers, the chain file is read again this often: it may name new addresses, milliseconds. */
const READDRESS_MS = 4_000;
/** Who asks for a node that has no head by now is told so, milliseconds. */
const READY_TIMEOUT_MS = 30_000;
/** Snapshots are drawn no more often than this, milliseconds. */
const DRAW_EVERY_MS = 100;

/** A chain that a person agreed to believe, and who may have it. */
export interface AcceptedTrust {
  readonly trustLink: string;
  readonly peers: readonly string[];
}

/** Runs the light node of this page and carries its snapshots into the model. */
export interface NodeKeeper {
  /** Starts, or goes on after `stop`. What goes wrong is put into the model. */
  start(): void;
  /** @param isLeaving the page may be frozen at any moment: other tabs do not wait until its node rests */
  stop(isLeaving?: boolean): Promise<void>;
  /** What a person decided, and who sees to it. @throws UNREACHABLE */
  settings(): Promise<SettingsDesk>;
  /**
   * What to believe from the next `start` on: a link that a person accepted, a chain file that is kept from an earlier visit, or, without
   * any, the page's own chain. Ends what runs.
   */
  follow(trust: Believed | undefined): void;
  /** Dials also these, from now on. They add peers, never trust. */
  addPeers(addresses: readonly string[]): void;
  /** Looks at once for nodes that may be elsewhere by now. */
  redial(): void;
  /** Has this tab run the node, if another does. @throws ABORTED */
  lead(signal: AbortSignal): Promise<void>;
  /** The node, whether it runs or not. @throws ABORTED before there is one in this tab */
  node(): LightNode;
  /**
   * The running node, once it follows the chain: a head of an earlier visit is none, and nobody proves anything under it. Takes the lead
   * from another tab.
   *
   * @throws what keeps it from running; TIMEOUT, ABORTED
   */
  ready(signal: AbortSignal): Promise<OpenedNode>;
}

export function createNodeKeeper(model: Model): NodeKeeper {
  let opened: OpenedNode | undefined;
  /** What is believed and what runs it, once they are fetched. */
  let ground: Ground | undefined;
  /** Done when it is known whether this tab leads; `undefined` while it is paused. */
  let begun: Promise<void> | undefined;
  /** While this tab leads. */
  let opening: Promise<OpenedNode> | undefined;
  let attempt = new AbortController();
  let stopping: Promise<void> = Promise.resolve();
  let followed: Believed | undefined;
  let peers: readonly string[] = [];
  /** These come with the light node. */
  let tabs: NodeLead | undefined;
  let desk: SettingsDesk | undefined;
  const tabParts: TabLeadParts = {
    isBusy: () => isAtWork(model),
    onLead() {
      model.isLeading.value = true;
      const own = run();
      opening = own;
      own.catch((thrown) => {
        if (opening === own) fail(thrown);
      });
    },
    onLose() {
      model.isLeading.value = false;
      opening = undefined;
      return rest();
    },
    onState(state) {
      if (begun !== undefined) model.state.value = state;
    },
  };
  // what a person looks at must not give way to what is newer
  model.chosen.subscribe((blobId) => opened?.node.hold(blobId));

  function fail(thrown: unknown): void {
    model.failure.value = PerigeeError.from(thrown).toObject();
  }

  function stop(isLeaving = false): Promise<void> {
    attempt.abort(new PerigeeError('ABORTED', 'the light node is paused; resume it first'));
    begun = undefined;
    opening = undefined;
    const rested = rest();
    tabs?.leave(isLeaving ? undefined : rested);
    return rested;
  }

  function rest(): Promise<void> {
    if (opened !== undefined) stopping = opened.rest().catch(() => {}); // what cannot be closed is gone already
    return stopping;
  }

  /**
   * A paused node goes on with what it has; one that failed is made anew, from the chain file that is served now. What has to be fetched
   * is asked for before this first yields, so that the first paint does not hold it up. A tab that follows another has it at hand.
   */
  async function start(signal: AbortSignal): Promise<void> {
    requireEnvironment(globalThis);
    if (opened?.node.state.error !== undefined) {
      stopping = opened.close().catch(() => {});
      opened = undefined;
      ground = undefined;
    }
    ground ??= await load(signal);
    signal.throwIfAborted();
    await tabs?.join(ground.chain);
    if (!signal.aborted) keepAddresses(signal);
  }

  /** Fetches what is believed and the light node side by side. */
  async function load(signal: AbortSignal): Promise<Ground> {
    const [believed, engine] = await Promise.all([followed ?? ownChain(signal), loadEngine()]);
    const { chainOf, openNode, NodeLead } = engine;
    const given = settingsOf(engine);
    signal.throwIfAborted();
    if (followed === undefined && 'trustRoot' in believed) model.chainFile.value = believed.trustRoot;
    tabs ??= new NodeLead(tabParts, { model });
    return {
      chain: chainOf(believed),
      open: () =>
        openNode(believed, {
          storageBytes: model.settings.peek().chosen.storageBytes,
          budgets: given.budgets(),
          sharing: given.sharing(),
        }),
    };
  }

  function settingsOf({ SettingsDesk }: typeof import('./engine.ts')): SettingsDesk {
    desk ??= new SettingsDesk({
      model,
      storage: () => localStorage,
      setBudgets: (budgets) => opened?.node.setBudgets(budgets),
      setSharing: (sharing) => opened?.node.setSharing(sharing).catch(() => {}), // where its chunk cannot be had, nothing is shared
      onStorageBytes: renew,
      rest: () => void stop(),
      wake: begin,
    });
    return desk;
  }

  /** Makes the node anew, and starts it if it ran. */
  function renew(): void {
    const isBegun = begun !== undefined;
    drop();
    if (isBegun) begin();
  }

  function drop(): void {
    stop();
    const before = opened;
    if (before !== undefined) stopping = stopping.then(() => before.close()).catch(() => {});
    opened = undefined;
    ground = undefined;
  }

  function begin(): void {
    stop();
    attempt = new AbortController();
    const { signal } = attempt;
    model.failure.value = undefined;
    model.startedAt.value = Date.now();
    begun = start(signal);
    begun.catch((thrown) => {
      if (!signal.aborted) fail(thrown);
    });
  }

  async function run(): Promise<OpenedNode> {
    const { signal } = attempt;
    if (ground === undefined) throw new PerigeeError('INTERNAL', 'a tab leads before it knows what to believe');
    opened ??= open(ground);
    const { node } = opened;
    await stopping;
    signal.throwIfAborted();
    await node.start();
    node.addPeers(peers);
    return opened;
  }

  function open(given: Ground): OpenedNode {
    const made = given.open();
    made.node.hold(model.chosen.peek());
    const show = nowAndThen((state) => {
      if (made === opened && opening !== undefined) model.state.value = state; // the last words of one that was closed come late
    });
    made.node.subscribe((state) => {
      markProgress(state);
      show(state);
      tabs?.show(state);
    });
    return made;
  }

  /** Nodes that come back elsewhere are found by the chain file that is served then, without a reload. */
  function keepAddresses(signal: AbortSignal): void {
    const timer = setInterval(() => void readdress(signal), READDRESS_MS);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  }

  async function readdress(signal: AbortSignal): Promise<void> {
    const node = opening === undefined ? undefined : opened?.node;
    if (node === undefined || node.state.peers.some((peer) => peer.connected)) return;
    try {
      if (followed === undefined) node.readdress(await fetchChainFile(signal));
      else node.addPeers(peers);
    } catch (thrown) {
      const error = PerigeeError.from(thrown);
      if (error.code === 'WRONG_CHAIN' && !signal.aborted) model.failure.value = error.toObject();
    }
  }

  async function lead(signal: AbortSignal): Promise<void> {
    if (begun === undefined) throw new PerigeeError('ABORTED', 'the light node is paused; resume it first');
    await begun;
    await tabs?.take(signal);
  }

  return {
    start: begin,

    stop,
    settings: async () => settingsOf(await loadEngine()),

    follow(trust) {
      drop();
      followed = trust;
      peers = trust !== undefined && 'peers' in trust ? trust.peers : [];
    },

    addPeers(addresses) {
      peers = [...new Set([...peers, ...addresses])];
      opening?.then(({ node }) => node.addPeers(peers)).catch(() => {}); // one that does not run gets them when it starts
    },

    redial() {
      void readdress(attempt.signal);
    },

    node() {
      if (opened === undefined) throw new PerigeeError('ABORTED', 'the light node has not started yet; try again in a moment');
      return opened.node;
    },

    lead,

    async ready(signal) {
      await lead(signal);
      if (opening === undefined) throw new PerigeeError('ABORTED', 'another tab of this page has taken over; try again');
      const running = await opening;
      const { untilLive } = await loadEngine();
      await untilLive(running.node, signal, READY_TIMEOUT_MS);
      return running;
    },
  };
}

/** What a light node stands on. */
interface Ground {
  /** Tabs that show the same share one node. */
  readonly chain: string;
  readonly open: () => OpenedNode;
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
