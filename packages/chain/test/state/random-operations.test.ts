import { iavlSpec, ics23, tendermintSpec, verifyExistence, verifyNonExistence } from '@confio/ics23';
import { verifyStateProof } from '@perigee/light-core/state';
import { Account, CommitmentProof, compare, equal, fromHex, fromUtf8, StateProof, toHex, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { AuthenticatedState, messageOf, StateView } from '../../src/state/index.ts';
import { newSeed, type Random, randomFrom } from './random.ts';

const STORES = ['account', 'chain', 'da'];

/** Ascending keys, so that neighbours of a missing key can be told without the tree. */
type Naive = Map<string, Map<string, Uint8Array>>;

function randomKey(random: Random): Uint8Array {
  const length = 1 + random(3);
  return Uint8Array.from({ length }, () => random(12) + (length === 1 ? 1 : 0));
}

/** Judges what we accept by the verifier that the Cosmos world uses in JavaScript. */
function peerAccepts(proof: StateProof, appHash: Uint8Array, key: Uint8Array, value: Uint8Array | undefined): void {
  const inner = ics23.CommitmentProof.decode(CommitmentProof.encode(proof.inner));
  if (value !== undefined) {
    verifyExistence(ics23.ExistenceProof.fromObject(inner.exist ?? {}), iavlSpec, proof.storeRoot, key, value);
  } else verifyNonExistence(ics23.NonExistenceProof.fromObject(inner.nonexist ?? {}), iavlSpec, proof.storeRoot, key);
  const outer = ics23.CommitmentProof.decode(CommitmentProof.encode({ exist: proof.outer })).exist ?? {};
  verifyExistence(ics23.ExistenceProof.fromObject(outer), tendermintSpec, appHash, utf8(proof.store), proof.storeRoot);
}

describe('the authenticated state', () => {
  it('agrees with a map over 20,000 random operations, and proves every answer', async () => {
    const seed = newSeed();
    const random = randomFrom(seed);
    const operations = 20_000;
    const state = await AuthenticatedState.open(temporaryFolder('state'), STORES, { window: 20 });
    const naive: Naive = new Map(STORES.map((name) => [name, new Map([['00', utf8('perigee')]])]));
    /** The naive state of each height that can still be proved. */
    const history: { height: number; appHash: Uint8Array; naive: Naive }[] = [];
    let done = 0;
    try {
      for (let height = 1; done < operations; height++) {
        const view = new StateView(state);
        for (let i = 1 + random(80); i > 0 && done < operations; i--, done++) {
          const store = STORES[random(STORES.length)] ?? '';
          const key = randomKey(random);
          const map = naive.get(store);
          const kind = random(10);
          if (kind < 3) {
            view.delete(store, key);
            map?.delete(toHex(key));
          } else {
            // few different values, so that equal ones are written too
            const value = utf8(`value ${random(4)}`);
            view.set(store, key, value);
            map?.set(toHex(key), value);
          }
          const probe = randomKey(random);
          expect(view.get(store, probe)).toEqual(map?.get(toHex(probe)));
        }
        const prepared = state.prepare(height, view);
        await state.commit(prepared);
        history.push({
          height,
          appHash: prepared.appHash,
          naive: new Map([...naive].map(([name, map]) => [name, new Map(map)])),
        });
        if (history.length > 20) history.shift();
        for (let i = 0; i < 4; i++) {
          const then = history[random(history.length)];
          const store = STORES[random(STORES.length)] ?? '';
          if (then === undefined) continue;
          const key = randomKey(random);
          const proof = StateProof.decodeCanonical(StateProof.encode(state.prove(store, key, then.height)));
          const value = verifyStateProof(proof, { appHash: then.appHash, store, key });
          const expected = then.naive.get(store)?.get(toHex(key));
          expect(value === undefined ? undefined : toHex(value)).toBe(expected === undefined ? undefined : toHex(expected));
          peerAccepts(proof, then.appHash, key, value);
        }
      }
      for (const [store, map] of naive) {
        for (const [key, value] of map) expect(equal(state.get(store, fromHex(key)) ?? new Uint8Array(0), value)).toBe(true);
      }
    } catch (error) {
      throw new Error(`seed ${seed}, operation ${done}`, { cause: error });
    }
    await state.close();
  });

  it('gives the same root whatever the order in which a block wrote', async () => {
    const seed = newSeed();
    const random = randomFrom(seed);
    const writes = Array.from({ length: 300 }, (_, i) => ({ key: utf8(`key ${random(200)}`), value: utf8(`value ${i}`) }));
    const last = new Map(writes.map(({ key, value }) => [toHex(key), { key, value }]));
    const shuffled = [...last.values()].sort(() => random(3) - 1);
    const roots = [];
    for (const order of [writes, shuffled, [...last.values()].sort((a, b) => compare(b.key, a.key))]) {
      const state = await AuthenticatedState.open(temporaryFolder('order'), STORES);
      const view = new StateView(state);
      for (const { key, value } of order) view.set('da', key, value);
      roots.push(toHex(state.prepare(1, view).appHash));
      await state.close();
    }
    expect(new Set(roots).size, `seed ${seed}`).toBe(1);
  });

  it('has the same root after a write of what is there, and after writing and deleting', async () => {
    const state = await AuthenticatedState.open(temporaryFolder('same'), STORES);
    const first = new StateView(state);
    first.set('da', utf8('a'), utf8('1'));
    await state.commit(state.prepare(1, first));
    const appHash = state.latest?.appHash;
    const second = new StateView(state);
    second.set('da', utf8('a'), utf8('2'));
    second.set('da', utf8('a'), utf8('1'));
    second.set('da', utf8('b'), utf8('1'));
    second.delete('da', utf8('b'));
    second.delete('da', utf8('never there'));
    const prepared = state.prepare(2, second);
    expect(prepared.appHash).toEqual(appHash);
    await state.commit(prepared);
    const proof = state.prove('da', utf8('a'), 2);
    expect(verifyStateProof(proof, { appHash: prepared.appHash, store: 'da', key: utf8('a') })).toEqual(utf8('1'));
    await state.close();
  });

  it('takes an empty value for a deletion', async () => {
    const state = await AuthenticatedState.open(temporaryFolder('empty'), STORES);
    const view = new StateView(state);
    view.set('da', utf8('a'), utf8('1'));
    await state.commit(state.prepare(1, view));
    const next = new StateView(state);
    next.set('da', utf8('a'), new Uint8Array(0));
    expect(next.get('da', utf8('a'))).toBeUndefined();
    await state.commit(state.prepare(2, next));
    expect(state.get('da', utf8('a'))).toBeUndefined();
    await state.close();
  });
});

describe('an attempt', () => {
  const [a, b] = [utf8('a'), utf8('b')];
  const text = (view: StateView, key: Uint8Array) => fromUtf8(view.get('da', key) ?? utf8('none'));
  const failing = (change: () => void) => () => {
    change();
    throw new Error('no');
  };

  it('leaves all of its writes or none, also inside another', async () => {
    const state = await AuthenticatedState.open(temporaryFolder('view'), STORES);
    const view = new StateView(state);
    view.set('da', a, utf8('1'));
    expect(() => view.attempt(failing(() => view.delete('da', a)))).toThrow('no');
    expect(text(view, a)).toBe('1');
    view.attempt(() => {
      view.set('da', a, utf8('2'));
      expect(() =>
        view.attempt(
          failing(() => {
            view.set('da', a, utf8('3'));
            view.set('da', b, utf8('3'));
            view.set('da', a, utf8('4'));
          }),
        ),
      ).toThrow('no');
      expect([text(view, a), text(view, b)]).toEqual(['2', 'none']);
    });
    expect(text(view, a)).toBe('2');
    const dropped = view.attempt(
      () => {
        view.attempt(() => view.set('da', a, utf8('5')));
        view.delete('da', b);
        return text(view, a);
      },
      () => false,
    );
    expect([dropped, text(view, a)]).toEqual(['5', '2']);
    expect(view.writes('da')).toEqual([{ key: a, value: utf8('2') }]);
    expect(state.get('da', a)).toBeUndefined();
    await state.close();
  });

  it('tells every view of the last state, whatever others have read before', async () => {
    const state = await AuthenticatedState.open(temporaryFolder('state'), STORES);
    const commit = async (height: number, write: (view: StateView) => void) => {
      const view = new StateView(state);
      write(view);
      await state.commit(state.prepare(height, view));
    };
    await commit(1, (view) => view.write('account', a, Account, { balance: 1n, nonces: [] }));
    const early = new StateView(state);
    expect(early.read('account', a, Account)?.balance).toBe(1n);
    expect(early.get('account', b)).toBeUndefined();
    // what is prepared and not committed is no state
    const later = new StateView(state);
    later.write('account', a, Account, { balance: 2n, nonces: [] });
    later.write('account', b, Account, { balance: 3n, nonces: [] });
    const prepared = state.prepare(2, later);
    expect(new StateView(state).read('account', a, Account)?.balance).toBe(1n);
    await state.commit(prepared);
    const second = new StateView(state);
    expect(second.read('account', a, Account)?.balance).toBe(2n);
    expect(second.read('account', b, Account)?.balance).toBe(3n);
    expect(early.read('account', a, Account)?.balance).toBe(1n);
    await commit(3, (view) => view.delete('account', a));
    expect(state.get('account', a)).toBeUndefined();
    expect(new StateView(state).read('account', a, Account)).toBeUndefined();
    await state.close();
  });

  it('gives messages as they were written, and bytes of them', () => {
    const held = new Map([['a', Account.encode({ balance: 7n, nonces: [] })]]);
    const view = new StateView({ get: (_, key) => held.get(fromUtf8(key)) });
    expect(view.read('account', a, Account)).toEqual({ balance: 7n, nonces: [] });
    view.write('account', a, Account, { balance: 8n, nonces: [] });
    expect(() => view.attempt(failing(() => view.write('account', a, Account, { balance: 9n, nonces: [] })))).toThrow('no');
    expect(view.read('account', a, Account)?.balance).toBe(8n);
    const changes = view
      .changes('account')
      .map(({ key, before, after }) => [key, messageOf(before, Account), messageOf(after, Account)]);
    expect(changes).toEqual([[a, { balance: 7n, nonces: [] }, { balance: 8n, nonces: [] }]]);
    expect(view.get('account', a)).toEqual(Account.encode({ balance: 8n, nonces: [] }));
    view.set('account', a, Account.encode({ balance: 6n, nonces: [] }));
    expect(view.read('account', a, Account)?.balance).toBe(6n);
    view.delete('account', a);
    expect(view.read('account', a, Account)).toBeUndefined();
    expect(view.writes('account')).toEqual([{ key: a, value: undefined }]);
  });
});
