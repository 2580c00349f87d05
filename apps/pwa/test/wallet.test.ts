import { secp256k1Signer, signTypedTx, type TxDraft } from '@perigee/light-core/tx';
import { PerigeeError, toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { type AnnouncedWallet, listenToWallets } from '../src/requests/wallet/announced.ts';
import { KeptSessions } from '../src/requests/wallet/kept-session.ts';
import { accountsOf, onWalletChange, type Provider } from '../src/requests/wallet/provider.ts';
import { checkedSigner } from '../src/requests/wallet/wallet-signer.ts';

const provider: Provider = { request: async () => null };
const never = new AbortController().signal;

const outcome = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
    return 'done';
  } catch (error) {
    const { code, data } = PerigeeError.from(error);
    return data?.wallet ?? code;
  }
};

describe('wallets that announce themselves', () => {
  const announce = (target: EventTarget, detail: unknown) =>
    target.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }));
  const heard = (...details: unknown[]): readonly AnnouncedWallet[] => {
    const target = new EventTarget();
    let all: readonly AnnouncedWallet[] = [];
    listenToWallets(target, (wallets) => {
      all = wallets;
    });
    for (const detail of details) announce(target, detail);
    return all;
  };
  const info = { uuid: 'a', name: 'One', icon: 'data:image/png;base64,AAAA', rdns: 'one.test' };

  it('are asked to, and listed once each', () => {
    const target = new EventTarget();
    let asked = 0;
    target.addEventListener('eip6963:requestProvider', () => {
      asked++;
      announce(target, { info, provider });
      announce(target, { info: { ...info, name: 'Impostor' }, provider });
    });
    const lists: string[][] = [];
    const stop = listenToWallets(target, (wallets) => lists.push(wallets.map(({ name }) => name)));
    expect([asked, lists]).toEqual([1, [['One']]]);
    stop();
    announce(target, { info: { ...info, uuid: 'b' }, provider });
    expect(lists).toHaveLength(1);
  });

  it('have a name that is only text, and an icon that is only an image of their own', () => {
    const one = (change: object) => heard({ info: { ...info, ...change }, provider })[0];
    expect(one({})).toMatchObject({ id: 'a', name: 'One', icon: info.icon });
    expect(one({ name: '\u202eeno\n<b>' })?.name).toBe('eno<b>');
    expect(one({ name: 'x'.repeat(500) })?.name).toHaveLength(40);
    for (const icon of [
      'https://tracker.test/a.png',
      'data:text/html,<script>',
      'javascript:1',
      `data:image/png;base64,${'A'.repeat(70_000)}`,
      7,
    ]) {
      expect(one({ icon })?.icon).toBeUndefined();
    }
  });

  it('are left out when they are malformed, and bounded when they are many', () => {
    const hostile = {
      get info(): never {
        throw new Error('trap');
      },
    };
    expect(
      heard(
        undefined,
        null,
        7,
        {},
        hostile,
        { info, provider: {} },
        { info: { ...info, uuid: '' }, provider },
        { info: { uuid: 'a' }, provider },
      ),
    ).toEqual([]);
    const many = Array.from({ length: 100 }, (_, i) => ({ info: { ...info, uuid: `${i}` }, provider }));
    expect(heard(...many)).toHaveLength(16);
  });
});

describe('a wallet that is asked', () => {
  const answering = (request: () => unknown): Provider => ({ request: async () => request() });
  const failing = (error: unknown) =>
    outcome(
      accountsOf(
        answering(() => Promise.reject(error)),
        'eth_requestAccounts',
        never,
      ),
    );

  it('is told apart by why it does not do it', async () => {
    expect(await failing({ code: 4001, message: 'no' })).toBe('refused');
    expect(await failing({ code: 4100 })).toBe('locked');
    expect(await failing({ code: 4900 })).toBe('gone');
    expect(await failing({ code: -32_002 })).toBe('waiting');
    expect(await failing({ code: 4200 })).toBe('unsupported');
    for (const odd of [{ code: 'x' }, 'text', undefined, null, new Error('broken')]) expect(await failing(odd)).toBe('other');
    const throwing: Provider = {
      request: () => {
        throw new Error('at once');
      },
    };
    expect(await outcome(accountsOf(throwing, 'eth_accounts', never))).toBe('other');
  });

  it('gives addresses, or is locked', async () => {
    const of = (accounts: unknown) =>
      outcome(
        accountsOf(
          answering(() => accounts),
          'eth_accounts',
          never,
        ),
      );
    expect(await of([`0x${'ab'.repeat(20)}`])).toBe('done');
    for (const none of [[], 'x', null, [7], ['0x12'], { 0: `0x${'ab'.repeat(20)}` }]) expect(await of(none)).toBe('locked');
  });

  it('and never answers can be given up', async () => {
    const stop = new AbortController();
    const asked = outcome(
      accountsOf(
        answering(() => new Promise(() => {})),
        'eth_requestAccounts',
        stop.signal,
      ),
    );
    stop.abort(new PerigeeError('ABORTED', 'enough'));
    expect(await asked).toBe('ABORTED');
  });

  it('tells of other accounts and of its end, where it can', () => {
    const listeners = new Map<string, (value: unknown) => void>();
    const events: string[][] = [];
    const stop = onWalletChange(
      {
        ...provider,
        on: (event, listener) => listeners.set(event, listener),
        removeListener: (event) => listeners.delete(event),
      },
      (accounts) => events.push([...accounts]),
    );
    listeners.get('accountsChanged')?.([`0x${'ab'.repeat(20)}`, 7]);
    listeners.get('accountsChanged')?.('nonsense');
    listeners.get('disconnect')?.({});
    expect(events).toEqual([[`0x${'ab'.repeat(20)}`], [], []]);
    stop();
    expect(listeners.size).toBe(0);
    onWalletChange(provider, () => {})(); // one without events
  });
});

describe('a signature of a wallet', () => {
  const own = secp256k1Signer(new Uint8Array(32).fill(1));
  const other = secp256k1Signer(new Uint8Array(32).fill(2));
  const address = `0x${toHex(own.address)}`;
  const draft: TxDraft = {
    lane: 0,
    nonce: 0,
    expiryHeight: 100,
    gasLimit: 10_000,
    maxFee: 0n,
    tip: 0n,
    messages: [{ transfer: { to: other.address, amount: 1n } }],
  };
  const chain = { chainId: 'perigee-07070707', genesisHash: new Uint8Array(32).fill(7) };
  const signed = (signature: (json: string) => unknown, accounts: unknown = [address.toUpperCase().replace('X', 'x')]) =>
    outcome(
      signTypedTx(
        draft,
        chain,
        checkedSigner(
          { request: async ({ method, params }) => (method === 'eth_accounts' ? accounts : signature(String(params[1]))) },
          address,
          never,
        ),
      ),
    );
  const by =
    (signer: typeof own, change: (signature: Uint8Array) => void = () => {}) =>
    async (json: string) => {
      const signature = await signer.signTypedData(JSON.parse(json));
      change(signature);
      return `0x${toHex(signature)}`;
    };

  it('is taken when it is that of the account, with either form of v', async () => {
    expect(await signed(by(own))).toBe('done');
    expect(await signed(by(own, (signature) => signature.set([(signature[64] ?? 0) - 27], 64)))).toBe('done');
  });

  it('is refused when another account made it, or it is of something else, or none', async () => {
    expect(await signed(by(other))).toBe('account');
    expect(await signed(by(own), [`0x${toHex(other.address)}`])).toBe('account');
    expect(await signed(by(own), [])).toBe('locked');
    expect(await signed((json) => by(own)(json.replace('"1"', '"2"').replace('Send', 'Lend')))).toBe('account');
    expect(await signed(by(own, (signature) => signature.set([99], 64)))).toBe('other');
    expect(await signed(by(own, (signature) => signature.fill(255, 0, 32)))).toBe('other');
    for (const nonsense of [null, '0x', `0x${'00'.repeat(64)}`, 'zz']) expect(await signed(() => nonsense)).toBe('other');
  });
});

describe('the account that has granted a session', () => {
  const [one, two] = ['11'.repeat(32), '22'.repeat(32)];
  const memory = (text: string | null) => {
    const storage = {
      text,
      getItem: () => storage.text,
      setItem: (_key: string, value: string) => {
        storage.text = value;
      },
    };
    return storage;
  };

  it('is remembered for each chain', () => {
    const storage = memory(null);
    const sessions = new KeptSessions(() => storage);
    expect(sessions.isEmpty).toBe(true);
    sessions.remember(one, 'aa'.repeat(20));
    sessions.remember(two, 'bb'.repeat(20));
    expect(new KeptSessions(() => storage).account(one)).toBe('aa'.repeat(20));
    sessions.forget(one);
    expect([sessions.account(one), sessions.account(two), sessions.isEmpty]).toEqual([undefined, 'bb'.repeat(20), false]);
    expect(JSON.parse(storage.text ?? '')).toEqual({ version: 1, accounts: { [two]: 'bb'.repeat(20) } });
    for (let i = 0; i < 100; i++) sessions.remember(i.toString(16).padStart(64, '0'), 'cc'.repeat(20));
    expect(Object.keys(JSON.parse(storage.text ?? '').accounts)).toHaveLength(16);
  });

  it('is nobody where the storage is blocked, or holds something else', () => {
    const blocked = new KeptSessions(() => {
      throw new Error('blocked');
    });
    blocked.remember(one, 'aa'.repeat(20));
    expect(blocked.account(one)).toBeUndefined();
    for (const text of [
      '',
      '7',
      'null',
      '{"version":2,"accounts":{}}',
      `{"version":1,"accounts":{"${one}":"x"}}`,
      '{"version":1,"accounts":7}',
    ]) {
      expect(new KeptSessions(() => memory(text)).account(one)).toBeUndefined();
    }
  });
});
