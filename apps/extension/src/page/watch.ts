import { type Connection, FOR_ROUTER, SITE_PORT } from '../messages.ts';

const DISCONNECTED = 4900;
/** Who was just woken may need a moment more. */
const ATTEMPTS = 3;
const AGAIN_MS = 250;
/** Where nobody listens, or as many watch as may, the next wish of the page is heeded after this time: a page can wish without end. */
const QUIET_MS = 5_000;

/** Hears whether the node follows its chain, by a port: it ends with either side, so neither has to look for the other. */
export class Watch {
  readonly #tell: (connection: Connection) => void;
  #port: chrome.runtime.Port | undefined;
  #isConnected = false;
  #failed = 0;
  /** Until it is tried again. */
  #isWaiting = false;

  constructor(tell: (connection: Connection) => void) {
    this.#tell = tell;
    // the browser closes the ports of a page that it keeps for the way back
    window.addEventListener('pageshow', ({ persisted }) => {
      if (persisted && this.#port !== undefined) this.#reopen();
    });
  }

  /** Begins, or tries again where it was given up. */
  begin(): void {
    if (this.#port !== undefined || this.#isWaiting) return;
    this.#failed = 0;
    this.#open();
  }

  #reopen(): void {
    this.#port?.disconnect();
    this.#lose();
    this.begin();
  }

  #open(): void {
    if (chrome.runtime?.id === undefined) return;
    const port = chrome.runtime.connect({ name: SITE_PORT });
    this.#port = port;
    port.onMessage.addListener((message) => {
      if (this.#port !== port) return;
      const connection = message as Connection;
      this.#failed = 0;
      this.#isConnected = 'chainId' in connection;
      this.#tell(connection);
    });
    port.onDisconnect.addListener(() => {
      void chrome.runtime.lastError; // nobody listened yet: read, so that the page's console does not name it
      if (this.#port !== port) return;
      this.#lose();
      void this.#again();
    });
  }

  async #again(): Promise<void> {
    if (chrome.runtime?.id === undefined) return;
    const isGivenUp = ++this.#failed >= ATTEMPTS;
    this.#isWaiting = true;
    if (!isGivenUp) await chrome.runtime.sendMessage({ to: FOR_ROUTER, wake: true }).catch(() => {});
    setTimeout(
      () => {
        this.#isWaiting = false;
        if (!isGivenUp && this.#port === undefined) this.#open();
      },
      isGivenUp ? QUIET_MS : AGAIN_MS,
    );
  }

  #lose(): void {
    this.#port = undefined;
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#tell({ error: { code: DISCONNECTED, message: 'the light node of the extension has ended' } });
  }
}
