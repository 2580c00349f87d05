/** Light nodes for tests, on a network of this process. */
import type { Clock } from '@perigee/light-core/roles';
import { type Host, systemClock } from '@perigee/net';
import type { WorkerLike } from '@perigee/workers';
import { afterAll, afterEach, beforeAll, onTestFinished } from 'vitest';
import type { Liar } from '../../../tests/kit/adversaries/liar.ts';
import { type LocalNetwork, type LocalNetworkOptions, startLocalNetwork } from '../../../tests/kit/local-network.ts';
import { createLightNode, type LightNode, type LightNodeOptions, type LightNodeState, type PeerView } from '../src/index.ts';
import { spawnVerifyWorker } from '../src/verify/worker.ts';

/** A network for all tests of a file, with one blob in it. */
export function networkOfFile(options?: LocalNetworkOptions): { readonly network: LocalNetwork; readonly key: string } {
  let made: { network: LocalNetwork; key: string } | undefined;
  beforeAll(async () => {
    const network = await startLocalNetwork(options);
    made = { network, key: (await network.publish()).key };
  });
  afterEach(() => made?.network.moveBack());
  afterAll(() => made?.network.stop());
  const get = () => {
    if (made === undefined) throw new Error('the network is not started yet');
    return made;
  };
  return {
    get network() {
      return get().network;
    },
    get key() {
      return get().key;
    },
  };
}

/** A liar that ends with the test. */
export async function withLiar(liar: Promise<Liar>): Promise<Liar> {
  const started = await liar;
  onTestFinished(() => started.stop());
  return started;
}

/** A light node that ends with the test and does only what it is asked to. @param hosts that it is told of */
export async function testLight(
  network: LocalNetwork,
  hosts?: readonly Host[],
  options: Partial<LightNodeOptions> = {},
): Promise<LightNode> {
  const node = createLightNode({ trustRoot: network.trustRoot(hosts), follow: false, workers: 1, ...options });
  onTestFinished(() => node.stop());
  await node.start();
  return node;
}

/** The first state for which `holds` is true. */
export function until(node: LightNode, holds: (state: LightNodeState) => boolean): Promise<LightNodeState> {
  return new Promise((resolve) => {
    const stop = node.subscribe(look);
    function look(state: LightNodeState): void {
      if (!holds(state)) return;
      stop();
      resolve(state);
    }
    look(node.state);
  });
}

/** A light node with a head and connections to all members. */
export async function ready(node: LightNode, members = 4): Promise<LightNode> {
  await until(
    node,
    ({ head, peers }) =>
      head !== undefined && peers.filter((peer) => peer.connected && peer.member !== undefined).length >= members,
  );
  return node;
}

export function peerOf(node: LightNode, host: Host): PeerView | undefined {
  return node.state.peers.find((peer) => peer.peerId === host.peerId);
}

/** How often each verdict was given. */
export function verdicts(rows: readonly { readonly verdict: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { verdict } of rows) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

const TICK_MS = 5;

/**
 * A clock on which waits are over sooner: what takes 10 s takes 10 s / `factor`, of the time that this process has. A machine that is busy with something
 * else makes nobody late who answers in this process, as the network does. It ends with the test.
 */
export function fastClock(factor = 20): Clock {
  const start = Date.now();
  let passed = 0;
  let lookedAt = performance.now();
  const timer = setInterval(() => {
    const at = performance.now();
    passed += Math.min(at - lookedAt, 2 * TICK_MS);
    lookedAt = at;
  }, TICK_MS);
  let isOver = false;
  onTestFinished(() => {
    clearInterval(timer);
    isOver = true;
  });
  // never behind the chain, whose blocks have the time of day
  const now = (): number => Math.max(Date.now(), start + passed * factor);
  return {
    now,
    async sleep(ms, signal) {
      const end = passed + ms / factor;
      do await systemClock.sleep(Math.max(TICK_MS, end - passed), signal);
      while (passed < end && !isOver);
    },
  };
}

/** On this clock nobody is ever slow, however busy this machine is. */
export function patientClock(): Clock {
  const began = Date.now();
  return { now: () => began + (Date.now() - began) / 1_000, sleep: systemClock.sleep };
}

/** Verify workers that a test can kill. */
export function mortalWorkers(): { readonly spawnWorker: () => WorkerLike; kill(): Promise<void>; readonly started: number } {
  const workers: WorkerLike[] = [];
  return {
    spawnWorker() {
      const worker = spawnVerifyWorker();
      workers.push(worker);
      return worker;
    },
    kill: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
    get started() {
      return workers.length;
    },
  };
}
