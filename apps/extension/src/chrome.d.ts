/** What the extension uses of Chromium's interface for extensions, and no more. */
declare namespace chrome {
  interface Event<Listener> {
    addListener(listener: Listener): void;
  }

  namespace runtime {
    /** Who sent a message, in the browser's own words. */
    interface MessageSender {
      readonly id?: string;
      readonly origin?: string;
      readonly url?: string;
      readonly documentId?: string;
      readonly tab?: { readonly id?: number };
    }
    interface Port {
      readonly name: string;
      readonly sender?: MessageSender;
      readonly onMessage: Event<(message: unknown) => void>;
      readonly onDisconnect: Event<() => void>;
      postMessage(message: unknown): void;
      disconnect(): void;
    }
    /** `undefined` in a page whose extension was updated or removed meanwhile. */
    const id: string | undefined;
    const lastError: unknown;
    const onInstalled: Event<() => void>;
    const onStartup: Event<() => void>;
    const onConnect: Event<(port: Port) => void>;
    const onMessage: Event<(message: unknown, sender: MessageSender, reply: (answer: unknown) => void) => boolean | undefined>;
    function sendMessage(message: unknown): Promise<unknown>;
    function connect(info: { readonly name: string }): Port;
    function getURL(path: string): string;
    function getContexts(filter: { readonly contextTypes: readonly 'OFFSCREEN_DOCUMENT'[] }): Promise<readonly unknown[]>;
    function openOptionsPage(): Promise<void>;
  }

  namespace offscreen {
    function createDocument(options: {
      readonly url: string;
      readonly reasons: readonly ('WORKERS' | 'WEB_RTC')[];
      readonly justification: string;
    }): Promise<void>;
  }

  namespace action {
    function setBadgeText(details: { readonly text: string }): Promise<void>;
    function setBadgeBackgroundColor(details: { readonly color: string }): Promise<void>;
    function setTitle(details: { readonly title: string }): Promise<void>;
  }

  namespace windows {
    function create(options: {
      readonly url: string;
      readonly type: 'popup';
      readonly width: number;
      readonly height: number;
      readonly focused: boolean;
    }): Promise<unknown>;
  }

  namespace tabs {
    function sendMessage(tabId: number, message: unknown, options: { readonly documentId: string }): Promise<unknown>;
  }
}
