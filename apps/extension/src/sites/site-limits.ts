import type { Clock } from '@perigee/light-core/roles';
import { TokenBucket } from '@perigee/net';
import {
  MAX_REQUESTS_AT_ONCE,
  MAX_SITE_CHARACTERS_AT_ONCE,
  MAX_SITE_REQUESTS_AT_ONCE,
  MAX_SITES,
  SITE_REQUESTS_BURST,
  SITE_REQUESTS_PER_SECOND,
} from '@perigee/wire';
import { CODE, ProviderFailure } from '../failure.ts';

interface Use {
  readonly bucket: TokenBucket;
  atOnce: number;
  characters: number;
}

/** How much each site may ask, so that one leaves room for the others. */
export class SiteLimits {
  readonly #clock: Clock;
  readonly #uses = new Map<string, Use>();
  #atOnce = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a request of a site and its text, from when it comes until it is answered. @returns ends it @throws -32005 */
  enter(origin: string, characters: number): () => void {
    const use = this.#useOf(origin);
    if (!use.bucket.take()) throw limit(`${origin} asks too often: ${SITE_REQUESTS_PER_SECOND} requests a second are answered`);
    if (use.atOnce >= MAX_SITE_REQUESTS_AT_ONCE)
      throw limit(`${use.atOnce} requests of ${origin} are being answered; wait for one of them`);
    if (use.characters + characters > MAX_SITE_CHARACTERS_AT_ONCE)
      throw limit(`requests of ${origin} that are being answered are too long together; wait for one of them`);
    use.atOnce++;
    use.characters += characters;
    return () => {
      use.atOnce--;
      use.characters -= characters;
    };
  }

  /** Counts work of the node, which a request begins only when it may. @returns ends it @throws -32005 */
  begin(): () => void {
    if (this.#atOnce >= MAX_REQUESTS_AT_ONCE)
      throw limit('the light node answers as many requests as it can; try again in a moment');
    this.#atOnce++;
    return () => {
      this.#atOnce--;
    };
  }

  #useOf(origin: string): Use {
    const known = this.#uses.get(origin);
    const use = known ?? {
      bucket: new TokenBucket(this.#clock, SITE_REQUESTS_PER_SECOND, SITE_REQUESTS_BURST),
      atOnce: 0,
      characters: 0,
    };
    this.#uses.delete(origin);
    this.#uses.set(origin, use); // who asked last stands last
    for (const [other, { atOnce }] of this.#uses) {
      if (this.#uses.size <= MAX_SITES) break;
      if (atOnce === 0 && other !== origin) this.#uses.delete(other);
    }
    return use;
  }
}

function limit(message: string): ProviderFailure {
  return new ProviderFailure(CODE.limitExceeded, message);
}
