import { parseTrustLink } from '@perigee/light-core/comet';
import { PerigeeError, toHex } from '@perigee/wire';
import { KeptChains } from '../install/kept-chains.ts';
import type { Model, TrustRequest } from '../model/index.ts';
import { addressOf, type Link } from '../navigation/address.ts';
import type { NodeKeeper } from '../node-keeper.ts';

/** In the memory of this tab: a reload does not ask again, another visit does. */
const ACCEPTED = 'perigee/accepted-trust';

/** A link that asks for another chain. */
export type TrustLink = Link & { readonly trust: string };

const OWN_CHAIN: Link = { blobId: undefined, trust: undefined, peers: [] };

/** Lets a person decide whether a link's chain is believed in place of the page's own (PROTOCOL §5). */
export class TrustDesk {
  readonly #model: Model;
  readonly #keeper: NodeKeeper;
  readonly #chains = new KeptChains(() => localStorage);
  /** What waits for the person's word. */
  #asked: TrustLink | undefined;
  /** What is believed now, without a blob. */
  #followed = OWN_CHAIN;

  constructor(model: Model, keeper: NodeKeeper) {
    this.#model = model;
    this.#keeper = keeper;
  }

  /**
   * Shows the person what a link asks to believe. The address of the page says so again only when they have agreed.
   *
   * @throws TRUST_ROOT for what is no trust link
   */
  ask(link: TrustLink): void {
    const request = requestOf(link);
    this.show(undefined);
    if (link.trust === this.#followed.trust) return;
    this.#asked = link;
    this.#model.trustRequest.value = request;
  }

  /** Has the address of the page name the chain that it shows, and a blob. */
  show(blobId: string | undefined): void {
    history.replaceState(null, '', addressOf({ ...this.#followed, blobId, view: this.#model.view.value }, location.href));
  }

  /** Whether this tab was told so before. */
  wasAccepted(trust: string): boolean {
    try {
      return sessionStorage.getItem(ACCEPTED) === trust;
    } catch {
      return false; // blocked: the person is asked again
    }
  }

  /** Believes what was asked, or what was accepted before. The node is to be started anew. @returns the link, if there is one */
  accept(link = this.#asked): TrustLink | undefined {
    if (link === undefined) return undefined;
    this.#model.trusted.value = requestOf(link);
    this.#follow({ ...link, blobId: undefined });
    this.#keeper.follow({ trustLink: link.trust, peers: link.peers });
    return link;
  }

  refuse(): void {
    this.#asked = undefined;
    this.#model.trustRequest.value = undefined;
  }

  /** Goes back to the page's own chain. The node is to be started anew. */
  leave(): void {
    this.#model.trusted.value = undefined;
    this.#follow(OWN_CHAIN);
    this.#keeper.follow(undefined);
  }

  /** Looks at the chain that this address served before, by its own chain file. The node is to be started anew. @throws NOT_FOUND */
  openEarlier(): void {
    const earlier = this.#chains.earlier();
    if (earlier === undefined) throw new PerigeeError('NOT_FOUND', 'nothing is kept here of an earlier chain of this address');
    this.#model.trusted.value = undefined;
    this.#follow(OWN_CHAIN);
    this.#keeper.follow({ trustRoot: earlier.trustRoot });
    this.#model.earlierChain.value = { chainId: earlier.chainId, isOpen: true };
  }

  /** Goes back to what this address serves, or forgets the earlier chain where it is not open. @returns whether the node is to be started anew */
  leaveEarlier(): boolean {
    const earlier = this.#model.earlierChain.value;
    if (earlier?.isOpen !== true) {
      this.#chains.forgetEarlier();
      this.#model.earlierChain.value = undefined;
      return false;
    }
    this.#keeper.follow(undefined);
    this.#model.earlierChain.value = { ...earlier, isOpen: false };
    return true;
  }

  #follow(link: Link): void {
    this.refuse();
    this.#followed = link;
    this.show(undefined);
    try {
      if (link.trust === undefined) sessionStorage.removeItem(ACCEPTED);
      else sessionStorage.setItem(ACCEPTED, link.trust);
    } catch {
      // blocked: a reload asks again
    }
  }
}

function requestOf({ trust, peers }: TrustLink): TrustRequest {
  const { chainId, height, headerHash } = parseTrustLink(trust);
  return { chainId, height, headerHash: toHex(headerHash), peers };
}
