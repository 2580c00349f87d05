import { shownText } from '../../files/names.ts';
import type { WalletName } from '../../model/index.ts';
import type { Provider } from './provider.ts';

/** Wallets that are listed: a page full of extensions, or a hostile one, must not fill it. */
const MAX_WALLETS = 16;
const MAX_NAME_CHARACTERS = 40;
/** An icon is to have 96 pixels a side; longer texts are left out. */
const MAX_ICON_CHARACTERS = 64 * 1024;
/** Images only, and only as data: an address would tell somebody that this page was opened. */
const ICON = /^data:image\/(png|svg\+xml|webp|gif|jpeg|x-icon)[;,]/;

const ANNOUNCE = 'eip6963:announceProvider';
const REQUEST = 'eip6963:requestProvider';

/** A wallet that announced itself. */
export interface AnnouncedWallet extends WalletName {
  readonly provider: Provider;
}

/**
 * Listens to wallets that announce themselves (EIP-6963), and asks them to. What stands at `window.ethereum` is never looked at: nobody knows whose it is.
 *
 * @param onChange gets all that were announced so far, in the order in which they came
 * @returns what stops listening
 */
export function listenToWallets(target: EventTarget, onChange: (wallets: readonly AnnouncedWallet[]) => void): () => void {
  let wallets: readonly AnnouncedWallet[] = [];
  const onAnnounce = (event: Event): void => {
    const wallet = readAnnouncement(event instanceof CustomEvent ? event.detail : undefined);
    // wallets answer every request anew, and nobody may take the place of another
    if (wallet === undefined || wallets.length >= MAX_WALLETS || wallets.some(({ id }) => id === wallet.id)) return;
    wallets = [...wallets, wallet];
    onChange(wallets);
  };
  target.addEventListener(ANNOUNCE, onAnnounce);
  target.dispatchEvent(new Event(REQUEST));
  return () => target.removeEventListener(ANNOUNCE, onAnnounce);
}

/** @returns `undefined` for what is no announcement */
function readAnnouncement(detail: unknown): AnnouncedWallet | undefined {
  try {
    const { info, provider } = detail as { info: Record<string, unknown>; provider: Provider };
    const { uuid, name, icon } = info;
    if (typeof uuid !== 'string' || uuid === '' || uuid.length > 64 || typeof name !== 'string') return undefined;
    if (typeof provider.request !== 'function') return undefined;
    const isIcon = typeof icon === 'string' && icon.length <= MAX_ICON_CHARACTERS && ICON.test(icon);
    return { id: uuid, name: shownText(name, MAX_NAME_CHARACTERS), icon: isIcon ? icon : undefined, provider };
  } catch {
    return undefined; // not an object, or one that throws when it is looked at
  }
}
