import { createHost, type Host } from '@perigee/net';
import { abortable } from '@perigee/net/abort';
import { createLightNode, type LightNode, type LightNodeState, untilLive } from '@perigee/sampler';
import { MAX_TRUST_ROOT_CHARACTERS, PerigeeError, SITE_HEAD_MS, Turn } from '@perigee/wire';
import { type ChainChoice, type ChosenChain, describeChoice } from '../chain-choice.ts';
import { CODE, ProviderFailure } from '../failure.ts';

/** The root of trust that the build put beside the pages, if it put one. */
const CHAIN_FILE = 'perigee-chain.json';
/** What the light node may keep on this device, bytes. */
const STORE_BUDGET_BYTES = 48 * 1024 * 1024;
/** While no peer is connected, the addresses that came with the chain are dialled again this often, milliseconds: after a sleep all connections are gone. */
const REDIAL_MS = 4_000;

interface Opened {
  readonly node: LightNode;
  readonly host: Promise<Host>;
}

/** Runs one light node, the one of the chain that is chosen. */
export class NodeRunner {
  readonly #onState: (state: LightNodeState | undefined) => void;
  #chain: ChosenChain | undefined;
  #opened: Opened | undefined;
  #problem: PerigeeError | undefined;
  /** One start or stop after another. */
  readonly #turn = new Turn();
  #paused = true;

  /** @param onState told of every change; of `undefined` when there is no node any more */
  constructor(onState: (state: LightNodeState | undefined) => void) {
    this.#onState = onState;
    setInterval(() => this.#redial(), REDIAL_MS);
    addEventListener('online', () => this.#redial());
  }

  /** What is believed; `undefined` while nothing is. */
  get chain(): ChosenChain | undefined {
    return this.#chain;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** What keeps the node from running. */
  get problem(): PerigeeError | undefined {
    return this.#problem;
  }

  get state(): LightNodeState | undefined {
    return this.#opened?.node.state;
  }

  /** Believes what is chosen, or what came with the extension, from now on, and runs unless it is paused. */
  follow(choice: ChainChoice | undefined, paused: boolean): Promise<void> {
    return this.#next(async () => {
      await this.#close();
      this.#paused = paused;
      this.#problem = undefined; // what kept another chain from running says nothing of this one
      try {
        this.#chain = choice === undefined ? await bundledChain() : describeChoice(choice);
      } catch (thrown) {
        this.#chain = undefined;
        this.#problem = PerigeeError.from(thrown);
      }
      if (!paused) await this.#start();
    });
  }

  pause(paused: boolean): Promise<void> {
    return this.#next(async () => {
      this.#paused = paused;
      if (paused) await this.#close();
      else await this.#start();
    });
  }

  /** The node, whether it follows the chain yet or not. @throws 4900 */
  current(): LightNode {
    if (this.#opened === undefined) throw disconnected('the light node does not run', 'ABORTED');
    return this.#opened.node;
  }

  /** The node, once it follows the chain. @throws 4900 with what keeps it from that */
  async ready(signal: AbortSignal): Promise<LightNode> {
    await abortable(this.#turn.idle(), signal);
    const node = this.#opened?.node;
    if (this.#paused) throw disconnected('the light node is paused; resume it in the popup of the extension', 'ABORTED');
    if (this.#problem !== undefined) throw disconnected(this.#problem.message, this.#problem.code);
    if (this.#chain === undefined || node === undefined) {
      throw disconnected('the extension follows no chain yet; choose one in its options', 'TRUST_EXPIRED');
    }
    try {
      await untilLive(node, signal, SITE_HEAD_MS);
    } catch (thrown) {
      const { message, code } = PerigeeError.from(thrown);
      throw signal.aborted ? thrown : disconnected(message, code);
    }
    return node;
  }

  #next(step: () => Promise<void>): Promise<void> {
    return this.#turn.take(step).catch(() => {});
  }

  async #start(): Promise<void> {
    if (this.#chain === undefined || this.#opened !== undefined) {
      this.#onState(this.state);
      return;
    }
    this.#problem = undefined;
    const { choice, isLocal: allowPrivate } = this.#chain;
    const host = createHost({ allowPrivate });
    host.catch(() => {}); // the node tells when it starts
    const believed = choice.kind === 'file' ? { trustRoot: choice.text } : { trustLink: choice.trust, peers: choice.peers };
    const node = createLightNode({ ...believed, allowPrivate, host, store: { budgetBytes: STORE_BUDGET_BYTES } });
    const opened = { node, host };
    this.#opened = opened;
    node.subscribe((state) => {
      if (this.#opened === opened) this.#onState(state);
    });
    try {
      await node.start();
    } catch (thrown) {
      this.#problem = PerigeeError.from(thrown);
      await this.#close();
    }
  }

  #redial(): void {
    const node = this.#opened?.node;
    const choice = this.#chain?.choice;
    if (node?.state.phase !== 'live' && node?.state.phase !== 'connecting') return;
    if (choice === undefined || node.state.peers.some(({ connected }) => connected)) return;
    if (choice.kind === 'file') node.readdress(choice.text);
    else node.addPeers(choice.peers);
  }

  async #close(): Promise<void> {
    const closing = this.#opened;
    this.#opened = undefined;
    if (closing !== undefined) {
      await closing.node.stop();
      await (await closing.host).stop();
    }
    this.#onState(undefined);
  }
}

async function bundledChain(): Promise<ChosenChain | undefined> {
  let response: Response;
  try {
    response = await fetch(CHAIN_FILE);
  } catch {
    return undefined; // the build put none here
  }
  if (!response.ok) return undefined;
  const text = await response.text();
  if (text.length > MAX_TRUST_ROOT_CHARACTERS) throw new PerigeeError('TRUST_ROOT', `${CHAIN_FILE} is too long for a trust root`);
  return describeChoice({ kind: 'file', text });
}

function disconnected(message: string, reason: PerigeeError['code']): ProviderFailure {
  return new ProviderFailure(CODE.disconnected, message, reason);
}
