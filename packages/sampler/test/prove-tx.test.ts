import { randomBytes } from 'node:crypto';
import { serveTxProof } from '@perigee/chain/serve';
import { parseTrustRoot } from '@perigee/light-core/comet';
import { signTx } from '@perigee/light-core/tx';
import { type Host, serve, txProofProtocol } from '@perigee/net';
import { equal, PerigeeError, type TxProofAnswer, txIdOf } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { type Lies, startChainLiar } from '../../../tests/kit/adversaries/liar.ts';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { networkOfFile, ready, testLight, until, withLiar } from './light.ts';

const file = networkOfFile({ members: 1 });
let nonce = 0;

/** A transfer in a lane of its own, so that it need not know what else the account sends. */
function transfer(): Promise<Uint8Array> {
  const messages = [{ transfer: { to: new Uint8Array(20).fill(7), amount: 5n } }];
  const { account, genesisHash, chain } = file.network;
  const draft = { lane: 9, nonce: nonce++, gasLimit: 100_000, maxFee: 10n ** 15n, tip: 0n, messages };
  return signTx({ ...draft, expiryHeight: chain.latest().height + 100 }, genesisHash, account);
}

/** A host that serves the chain as it is, and proofs as `change` leaves them. */
async function lyingHost(change: (proof: TxProofAnswer) => TxProofAnswer): Promise<Host> {
  const { network } = file;
  const { host } = await withLiar(startChainLiar(network, {}));
  await serve(host, txProofProtocol, async function* ({ txId }) {
    yield change(network.chain.proveTx(txId));
  });
  return host;
}

describe('a transaction', () => {
  it('is proved with its result once the header after its block is verified', async () => {
    const node = await ready(await testLight(file.network), 1);
    const raw = await transfer();
    const { height, code } = await node.transactions.submit(raw);
    expect(code).toBe(0);
    await until(node, ({ head }) => (head?.height ?? 0) > height);
    const proven = await node.proveTx(txIdOf(raw));
    expect(proven).toMatchObject({ height, result: { code: 0 } });
    expect(equal(proven.tx, raw)).toBe(true);
  });

  it('is proved by the headers before the head, though nobody has the trust root any more', async () => {
    const { network } = file;
    const { height: rootHeight } = parseTrustRoot(network.trustRoot());
    let isPruned = false;
    const headers: Lies['headers'] = (honest) => (request, context) => {
      if (isPruned && request.height === rootHeight) throw new PerigeeError('PRUNED', 'the trust root is kept no more');
      return honest(request, context);
    };
    const { host } = await withLiar(startChainLiar(network, { headers }));
    await serve(host, txProofProtocol, serveTxProof(network.chain));
    const node = await ready(await testLight(network, [host]), 1);
    isPruned = true;
    const raw = await transfer();
    const { height } = await network.chain.submit(raw);
    await until(node, ({ head }) => (head?.height ?? 0) > height + 3);
    expect(await node.proveTx(txIdOf(raw))).toMatchObject({ height, result: { code: 0 } });
  });

  it('that no block holds is proved by nobody', async () => {
    const node = await ready(await testLight(file.network), 1);
    expect(await codeOfPromise(node.proveTx(randomBytes(32)))).toBe('NOT_FOUND');
    expect(await codeOfPromise(node.proveTx(randomBytes(32), { signal: AbortSignal.abort() }))).toBe('ABORTED');
  });

  const lies: Record<string, (proof: TxProofAnswer) => TxProofAnswer> = {
    'another result': (proof) => ({ ...proof, result: { ...proof.result, code: 20 } }),
    'more gas': (proof) => ({ ...proof, result: { ...proof.result, gasUsed: proof.result.gasUsed + 1 } }),
    'another transaction': (proof) => ({ ...proof, tx: Uint8Array.from([...proof.tx, 0]) }),
    'another place': (proof) => ({ ...proof, index: proof.index + 1, total: proof.total + 1 }),
    'another block': (proof) => ({ ...proof, height: proof.height - 1 }),
    'a path that is too long': (proof) => ({ ...proof, txPath: [...proof.txPath, new Uint8Array(32)] }),
  };
  it.each(Object.entries(lies))('is not believed with %s', async (_, lie) => {
    const { network } = file;
    const host = await lyingHost(lie);
    const node = await ready(await testLight(network, [host, network.member(0).host]), 1);
    const raw = await transfer();
    const { height } = await network.chain.submit(raw);
    await until(node, ({ head }) => (head?.height ?? 0) > height);
    expect(await codeOfPromise(node.proveTx(txIdOf(raw)))).toBe('PROOF');
    expect(node.state.peers.find(({ peerId }) => peerId === host.peerId)?.banned).toBeDefined();
  });
});
