import { type ComponentLogger, serviceCapabilities, type Transport, transportSymbol, type Upgrader } from '@libp2p/interface';
import type { webTransport } from '@libp2p/webtransport';
import { transportOf } from './transport.ts';

type Made = ReturnType<ReturnType<typeof webTransport>>;
type Components = Parameters<ReturnType<typeof webTransport>>[0] & {
  readonly logger: ComponentLogger;
  readonly upgrader: Upgrader;
};

/**
 * WebTransport, fetched when a peer that offers it is dialled first: few do, and a page that meets none is not to pay for it. It only dials:
 * a browser cannot listen.
 */
export function lateWebTransport(): (components: Components) => Transport {
  return (components) => {
    let made: Promise<Made> | undefined;
    const load = (): Promise<Made> => {
      made ??= import('./webtransport-dialer.ts').then(({ webTransport }) => webTransport()(components));
      made.catch(() => {
        made = undefined; // the server of the page was away; the next dial tries again
      });
      return made;
    };
    return {
      [transportSymbol]: true,
      [Symbol.toStringTag]: 'perigee/late-webtransport',
      ...{ [serviceCapabilities]: ['@libp2p/transport'] },
      dial: async (address, options) => (await load()).dial(address, options),
      createListener() {
        throw new Error('a browser does not listen');
      },
      listenFilter: () => [],
      dialFilter: (addresses) => addresses.filter((address) => transportOf(address) === 'webtransport'),
    };
  };
}
