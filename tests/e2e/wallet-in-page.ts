/** A wallet for tests, as an extension puts one into a page: a strange library signs, and it announces itself by EIP-6963. */
import { addr, ethHex, signTyped } from 'micro-eth-signer';

interface Field {
  readonly name: string;
  readonly type: string;
}
/** Typed data as JSON carries it. */
export interface ShownData {
  readonly types: Record<string, readonly Field[]>;
  readonly primaryType: string;
  readonly domain: Record<string, unknown>;
  readonly message: Record<string, unknown>;
}

/** What a test says to the wallet, and reads of it; under `globalThis.testWallet`. */
export interface TestWallet {
  /** What its user does next: signs, declines, signs with another account, or leaves the window open. */
  mood: 'sign' | 'decline' | 'otherAccount' | 'silent';
  readonly address: string;
  /** What its user was shown. */
  readonly shown: ShownData[];
  /** Methods that it was asked for. */
  readonly asked: string[];
  /** Its user takes the account away. */
  lock(): void;
}

const ICON =
  'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"%3E%3Cpath fill="%23c60" d="M0 0h8v8H0z"/%3E%3C/svg%3E';

/** The same account after a reload. */
const KEY = 'test wallet';

const kept = sessionStorage.getItem(KEY);
const own = kept === null ? addr.random() : { privateKey: kept, address: addr.fromPrivateKey(kept) };
sessionStorage.setItem(KEY, own.privateKey);
const other = addr.random();
const listeners = new Map<string, ((value: unknown) => void)[]>();
const wallet: TestWallet = {
  mood: 'sign',
  address: own.address,
  shown: [],
  asked: [],
  lock: () => {
    for (const listener of listeners.get('accountsChanged') ?? []) listener([]);
  },
};

const provider = {
  async request({ method, params }: { method: string; params: readonly unknown[] }): Promise<unknown> {
    wallet.asked.push(method);
    if (method === 'eth_requestAccounts' || method === 'eth_accounts') return [own.address];
    if (method !== 'eth_signTypedData_v4') throw { code: 4200, message: `no ${method} here` };
    const [address, json] = params as [string, string];
    if (address.toLowerCase() !== own.address.toLowerCase()) throw { code: 4100, message: 'this account is not connected' };
    const data = JSON.parse(json) as ShownData;
    wallet.shown.push(data);
    if (wallet.mood === 'silent') return new Promise(() => {});
    if (wallet.mood === 'decline') throw { code: 4001, message: 'User rejected the request.' };
    return signTyped(readTyped(data) as never, wallet.mood === 'sign' ? own.privateKey : other.privateKey);
  },
  on(event: string, listener: (value: unknown) => void): void {
    listeners.set(event, [...(listeners.get(event) ?? []), listener]);
  },
  removeListener(event: string, listener: (value: unknown) => void): void {
    listeners.set(
      event,
      (listeners.get(event) ?? []).filter((one) => one !== listener),
    );
  },
};

/** JSON has no bytes and no large numbers; the library takes both. */
function readTyped({ types, primaryType, domain, message }: ShownData): unknown {
  const read = (type: string, value: unknown): unknown => {
    const fields = types[type];
    if (fields !== undefined) {
      const struct = value as Record<string, unknown>;
      return Object.fromEntries(fields.map((field) => [field.name, read(field.type, struct[field.name])]));
    }
    if (type.startsWith('uint')) return BigInt(value as string);
    return type.startsWith('bytes') ? ethHex.decode(value as string) : value;
  };
  return { types, primaryType, domain: read('EIP712Domain', domain), message: read(primaryType, message) };
}

const info = { uuid: '350670db-19fa-4704-a166-e52e178b59d2', name: 'Test wallet', icon: ICON, rdns: 'example.test' };
const announce = (): void => {
  dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }));
};
addEventListener('eip6963:requestProvider', announce);
announce();
Object.defineProperty(globalThis, 'testWallet', { value: wallet });
