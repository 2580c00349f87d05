/** Attacks on light clients by whoever holds the keys of more than two thirds of the power, on CometBFT with our application. */

import { headerHash, unverified, validatorAddress, validatorSetHash } from '@perigee/light-core/comet';
import { bestEd25519 } from '@perigee/light-core/signature';
import { ed25519Signer } from '@perigee/light-core/tx';
import { createLightClient, type LightProvider, RpcNode, systemClock } from '@perigee/sampler/comet';
import { ed25519Address, type Header, PerigeeError, type SignedHeader, toHex, type ValidatorSet } from '@perigee/wire';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeCommit, type TestValidator, validatorSet } from '../../packages/light-core/test/comet/chain.ts';
import { cometbftProgram } from '../kit/cometbft.ts';
import { temporaryFolder } from '../kit/folder.ts';
import { freePort } from '../kit/port.ts';
import { genesisOf, openChain, secretOf } from './local-chain.ts';
import { recording } from './recorder.ts';

const TOKEN = 10n ** 18n;
const ATTACK_HEIGHT = 6;
const PATIENCE = { timeout: 90_000, interval: 100 };

/** `v0` runs, and attacks; the others have keys and do neither. */
const validators: readonly TestValidator[] = [
  ['v0', 70n],
  ['v1', 15n],
  ['v2', 15n],
].map(([name, votingPower]) => {
  const secretKey = secretOf(name as string);
  const { publicKey } = ed25519Signer(secretKey);
  return { secretKey, publicKey, address: validatorAddress(publicKey), votingPower: votingPower as bigint };
});
const [attacker] = validators as [TestValidator];

async function startChain() {
  const stakes = validators.map(({ publicKey, votingPower }) => ({
    address: ed25519Address(publicKey),
    validatorKey: publicKey,
    amount: votingPower * TOKEN,
  }));
  const record = recording();
  const rpc = { host: '127.0.0.1', port: await freePort() };
  const p2p = { host: '127.0.0.1', port: await freePort() };
  const { chain } = await openChain(temporaryFolder('attack'), genesisOf({ validators: [], stakes }), {
    wrap: record.wrap,
    settings: { p2p, rpc, peers: [], blockIntervalMs: 200 },
  });
  onTestFinished(() => chain.close());
  return { chain, record, node: new RpcNode({ url: `http://${rpc.host}:${rpc.port}` }) };
}

type Started = Awaited<ReturnType<typeof startChain>>;

/** The chain's node, but for one height, of which it has what the attacker made. */
function liar(node: RpcNode, block: SignedHeader, set: ValidatorSet): LightProvider {
  return {
    name: 'liar',
    signedHeader: async (height, options) => (height === ATTACK_HEIGHT ? unverified(block) : node.signedHeader(height, options)),
    validators: async (height, options) => (height === ATTACK_HEIGHT ? unverified(set) : node.validators(height, options)),
  };
}

/** Has a client go to the attacked height from header 2. */
async function attacked(
  { chain, node }: Started,
  {
    change,
    signers = validators,
    round = 0,
  }: { change: (header: Header) => Header; signers?: readonly TestValidator[]; round?: number },
) {
  await vi.waitFor(() => expect(chain.latest().height).toBeGreaterThan(ATTACK_HEIGHT + 1), PATIENCE);
  const headerAt = async (height: number): Promise<Header> => {
    const { header } = (await chain.lightBlock(height)).block.signedHeader ?? {};
    return header ?? expect.unreachable();
  };
  const header = change(await headerAt(ATTACK_HEIGHT));
  const flag = (i: number) => (signers[i] === attacker ? 'commit' : 'absent');
  const commit = makeCommit(header, signers, { flag, round });
  const client = await createLightClient({
    chainId: chain.chainId,
    checkpoints: [{ height: 2, headerHash: headerHash(await headerAt(2)) }],
    primary: liar(node, { header, commit }, validatorSet(signers)),
    witnesses: [node],
    clock: systemClock,
    verifyEd25519: bestEd25519(crypto.subtle),
  });
  const error = await client.verifyToHeight(ATTACK_HEIGHT).catch((thrown: unknown) => thrown);
  expect(PerigeeError.from(error).code).toBe('CONFLICTING_HEADERS');
  return client.attack?.againstPrimary ?? expect.unreachable();
}

/** Waits until the chain has punished, and tells for which height. */
async function expectSlash({ record, node }: Started): Promise<void> {
  const faults = () => record.blocks.filter(({ misbehavior }) => misbehavior.length > 0);
  await vi.waitFor(() => expect(faults()).toHaveLength(1), PATIENCE);
  const [{ height, misbehavior }] = faults() as [ReturnType<typeof faults>[number]];
  expect(misbehavior.map(({ type, validator }) => [type, toHex(validator.address)])).toEqual([
    ['lightClientAttack', toHex(attacker.address)],
  ]);
  await vi.waitFor(async () => {
    const response = await fetch(`${node.name}/block_results?height=${height}`);
    const { result } = (await response.json()) as { result: { finalize_block_events: { type: string }[] } };
    expect(result.finalize_block_events.map(({ type }) => type)).toContain('slash');
  }, PATIENCE);
}

describe.skipIf(cometbftProgram() === undefined)('an attack on a light client', () => {
  it('amnesia: nobody is punished, and the chain goes on; then a lunatic attack: its signer is punished', async () => {
    const started = await startChain();
    const amnesia = await attacked(started, { change: (header) => ({ ...header, dataHash: new Uint8Array(32) }), round: 1 });
    expect(amnesia).toMatchObject({ kind: 'amnesia', byzantine: [], refused: { code: 'UNSUPPORTED' } });
    const { height } = started.chain.latest();
    await vi.waitFor(() => expect(started.chain.latest().height).toBeGreaterThan(height + 2), PATIENCE);
    expect(started.record.blocks.flatMap(({ misbehavior }) => misbehavior)).toEqual([]);

    const own = [attacker];
    const hash = validatorSetHash(validatorSet(own).validators);
    const lunatic = await attacked(started, {
      signers: own,
      change: (header) => ({ ...header, appHash: new Uint8Array(32), validatorsHash: hash, nextValidatorsHash: hash }),
    });
    expect(lunatic).toMatchObject({ kind: 'lunatic', refused: undefined });
    expect(lunatic.byzantine.map(({ address }) => toHex(address))).toEqual([toHex(attacker.address)]);
    await expectSlash(started);
  });

  it('equivocation: who signed both blocks is punished', async () => {
    const started = await startChain();
    const attack = await attacked(started, { change: (header) => ({ ...header, dataHash: new Uint8Array(32) }) });
    expect(attack).toMatchObject({ kind: 'equivocation', refused: undefined });
    expect(attack.byzantine.map(({ address }) => toHex(address))).toEqual([toHex(attacker.address)]);
    await expectSlash(started);
  });
});
