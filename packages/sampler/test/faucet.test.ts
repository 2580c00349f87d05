import { randomBytes } from 'node:crypto';
import { faucetProtocol, type Handler, type Host, serve } from '@perigee/net';
import { type FaucetAnswer, type FaucetRequest, PerigeeError } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { eachAnswer, type StatusLie, startChainLiar } from '../../../tests/kit/adversaries/liar.ts';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { fastClock, networkOfFile, ready, testLight, withLiar } from './light.ts';

const file = networkOfFile({ members: 1, faucet: true });
const withoutFaucet: StatusLie = eachAnswer((status) => ({ ...status, roles: ['chain'] }));

/** A host that serves the chain as it is, and a faucet of its own. */
async function faucetHost(answer: Handler<FaucetRequest, FaucetAnswer>): Promise<Host> {
  const { host } = await withLiar(startChainLiar(file.network, {}));
  await serve(host, faucetProtocol, answer);
  return host;
}

describe('asking for tokens', () => {
  it('waits until the account has them in proved state', async () => {
    const node = await ready(await testLight(file.network), 1);
    const { amount, height } = await node.requestFunds(randomBytes(20));
    expect(amount).toBeGreaterThan(0n);
    expect(height).toBeLessThanOrEqual(node.state.head?.height ?? 0);
  });

  it('a second time within the hour is refused, with the words of the faucet', async () => {
    const node = await ready(await testLight(file.network), 1);
    const address = randomBytes(20);
    await node.requestFunds(address);
    await expect(node.requestFunds(address)).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringMatching(/\w/) });
  });

  it('goes to another faucet when one refuses', async () => {
    const { network } = file;
    const refusing = await faucetHost(() => Promise.reject(new PerigeeError('REFUSED', 'not today')));
    const node = await ready(await testLight(network, [refusing, network.chainHost, network.member(0).host]), 1);
    expect((await node.requestFunds(randomBytes(20))).amount).toBeGreaterThan(0n);
  });

  it('does not believe a faucet that says that it gave', async () => {
    const { network } = file;
    const lying = await faucetHost(async () => ({ amount: 5n, height: 1 }));
    const node = await ready(await testLight(network, [lying, network.member(0).host], { clock: fastClock(20) }), 1);
    expect(await codeOfPromise(node.requestFunds(randomBytes(20)))).toBe('TIMEOUT');
  });

  it('ends when nobody has a faucet, when it is given up, and when the node is stopped', async () => {
    const { network } = file;
    const { host } = await withLiar(startChainLiar(network, { status: withoutFaucet }));
    const node = await ready(await testLight(network, [host, network.member(0).host], { clock: fastClock(20) }), 1);
    expect(await codeOfPromise(node.requestFunds(randomBytes(20)))).toBe('UNREACHABLE');
    expect(await codeOfPromise(node.requestFunds(randomBytes(20), { signal: AbortSignal.abort() }))).toBe('ABORTED');
    await node.stop();
    expect(await codeOfPromise(node.requestFunds(randomBytes(20)))).toBe('ABORTED');
  });
});
