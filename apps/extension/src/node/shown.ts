import { type LightNodeState, SHOWN_STATE_VERSION } from '@perigee/sampler';
import { MAX_NODE_STATE_CHARACTERS } from '@perigee/wire';
import { CODE, ProviderFailure } from '../failure.ts';
import type { Connection } from '../messages.ts';

/** What a page that may see the node is answered; `state` is `null` where nothing has changed since what it has. */
export interface ShownNode {
  readonly version: typeof SHOWN_STATE_VERSION;
  /** Names this state among all that were ever shown. */
  readonly tag: string;
  readonly state: LightNodeState | null;
}

/** Shows the whole state of the node to pages that ask for it again and again. */
export class ShownState {
  /** Of this start: what another one showed is not known. */
  readonly #start: string;
  #changes = 0;
  #state: LightNodeState | undefined;

  constructor(start: string) {
    this.#start = start;
  }

  show(state: LightNodeState | undefined): void {
    this.#state = state;
    this.#changes++;
  }

  /** @throws 4900 while there is no node, with what `connection` says of it; -32005 for a state that is too long */
  since(after: string | undefined, connection: Connection): ShownNode {
    const state = this.#state;
    if (state === undefined || state.error !== undefined) {
      const { message, data } =
        'error' in connection ? connection.error : { message: 'the light node does not run', data: undefined };
      throw new ProviderFailure(CODE.disconnected, message, data?.reason);
    }
    const tag = `${this.#start}/${this.#changes}`;
    if (tag === after) return { version: SHOWN_STATE_VERSION, tag, state: null };
    const { length } = JSON.stringify(state);
    if (length > MAX_NODE_STATE_CHARACTERS) {
      throw new ProviderFailure(
        CODE.limitExceeded,
        `the state of the node has ${length} characters, and ${MAX_NODE_STATE_CHARACTERS} are shown at most`,
      );
    }
    return { version: SHOWN_STATE_VERSION, tag, state };
  }
}
