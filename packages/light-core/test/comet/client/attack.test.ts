import { type CometEvidence, CometEvidence as Evidence, type HeaderAnswer, PerigeeError, toHex } from '@perigee/wire';
import { describe, expect, test } from 'vitest';
import type { AttackReport, LightClient } from '../../../src/comet/client/index.ts';
import { codeOf } from '../asserts.ts';
import type { TestValidator } from '../chain.ts';
import {
  amnesia,
  COMMON,
  equivocation,
  forwardLunatic,
  HEIGHT,
  honestChain,
  lunatic,
  VALIDATORS,
  withWrongLastSignature,
} from './forks.ts';
import { clientOf, clockAfter, TestNode } from './test-node.ts';

const honest = honestChain();
const attackers = VALIDATORS.slice(0, 2);
const addresses = (who: readonly { address: Uint8Array }[]) => who.map(({ address }) => toHex(address));
const named = ({ lightClientAttack }: CometEvidence) => addresses(lightClientAttack?.byzantineValidators ?? []);

interface Outcome {
  readonly client: LightClient;
  readonly report: AttackReport;
  readonly primary: TestNode;
  readonly witness: TestNode;
}

/** Has a client go to `height`, and expects it to find an attack. */
async function attacked(
  primaryChain: readonly HeaderAnswer[],
  witnessChain: readonly HeaderAnswer[],
  height: number,
): Promise<Outcome> {
  const primary = new TestNode('primary', primaryChain);
  const witness = new TestNode('witness', witnessChain);
  let report: AttackReport | undefined;
  const clock = clockAfter(honest.at(-1) as HeaderAnswer);
  const client = await clientOf(primary, [witness], { clock, onAttack: (found) => (report = found) });
  expect(await codeOf(() => client.verifyToHeight(height))).toBe('CONFLICTING_HEADERS');
  if (report === undefined) throw new Error('no attack was told of');
  return { client, report, primary, witness };
}

describe('a lunatic attack', () => {
  const fake = lunatic(honest, attackers);

  test('of the primary: the witness gets evidence that names who signed, the primary gets its own', async () => {
    const { report, primary, witness } = await attacked(fake, honest, HEIGHT);
    expect(report).toMatchObject({ commonHeight: 1, height: HEIGHT, primary: 'primary', witness: 'witness' });
    expect(report.againstPrimary).toMatchObject({ kind: 'lunatic', refused: undefined });
    expect(addresses(report.againstPrimary.byzantine)).toEqual(addresses(attackers));
    const [evidence] = witness.evidence as [CometEvidence];
    expect(named(evidence)).toEqual(addresses(attackers));
    expect(evidence.lightClientAttack).toMatchObject({ commonHeight: 1, totalVotingPower: 90n });
    expect(Evidence.decodeCanonical(Evidence.encode(evidence))).toEqual(evidence);
    // if the primary were right, all that signed the witness's block would be to blame; the primary decides as a full node
    expect(primary.evidence).toHaveLength(1);
    expect(report.againstWitness?.kind).toBe('lunatic');
  });

  test('of the witness: the same, the other way round', async () => {
    const { report, primary } = await attacked(honest, fake, HEIGHT);
    expect(named(primary.evidence[0] as CometEvidence)).toEqual(addresses(attackers));
    expect(report.againstWitness?.kind).toBe('lunatic');
    expect(addresses(report.againstWitness?.byzantine ?? [])).toEqual(addresses(attackers));
  });

  test('ends the client, and stays its only answer', async () => {
    const { client } = await attacked(fake, honest, HEIGHT);
    expect(client.latest.header.height).toBe(1);
    expect(client.attack?.height).toBe(HEIGHT);
    for (const again of [() => client.verifyToHeight(1), () => client.update(), () => client.verifyToHeight(3)]) {
      expect(await codeOf(again)).toBe('CONFLICTING_HEADERS');
    }
    await client.update().catch((error) => {
      expect(error).toBeInstanceOf(PerigeeError);
      expect(error.data).toEqual({ height: HEIGHT, kind: 'lunatic' });
    });
  });

  test('after blocks that both have: the common height is the last of them that was looked at', async () => {
    const primary = new TestNode('primary', fake);
    const witness = new TestNode('witness', honest);
    const client = await clientOf(primary, [witness], { clock: clockAfter(honest.at(-1) as HeaderAnswer) });
    await client.verifyToHeight(COMMON);
    expect(await codeOf(() => client.verifyToHeight(HEIGHT))).toBe('CONFLICTING_HEADERS');
    expect(witness.evidence[0]?.lightClientAttack?.commonHeight).toBe(COMMON);
  });

  test('is not believed while the one honest witness is kept from showing its side, whoever says the same', async () => {
    const [primary, accomplice, witness] = [fake, fake, honest].map((blocks, i) => new TestNode(`node ${i}`, blocks)) as [
      TestNode,
      TestNode,
      TestNode,
    ];
    const client = await clientOf(primary, [accomplice, witness], { clock: clockAfter(honest.at(-1) as HeaderAnswer) });
    let answers = 1;
    witness.fails = async () => {
      if (answers-- <= 0) throw new PerigeeError('UNREACHABLE', 'the connection broke');
      return undefined as never;
    };
    expect(await codeOf(() => client.verifyToHeight(HEIGHT))).toBe('UNREACHABLE');
    expect(client.latest.header.height).toBe(1);
    expect(client.providers.witnesses).toContain(witness.name);
    witness.fails = undefined;
    expect(await codeOf(() => client.verifyToHeight(HEIGHT))).toBe('CONFLICTING_HEADERS');
  });

  test('with exactly a third of the power deceives nobody', async () => {
    const third: readonly TestValidator[] = VALIDATORS.slice(0, 1); // 30 of 90
    const primary = new TestNode('primary', lunatic(honest, third));
    const client = await clientOf(primary, [new TestNode('witness', honest), new TestNode('third', honest)], {
      clock: clockAfter(honest.at(-1) as HeaderAnswer),
    });
    expect((await client.verifyToHeight(HEIGHT)).headerHash).toEqual((await client.update()).headerHash);
    expect(client.attack).toBeUndefined();
    expect(client.providers).toEqual({ primary: 'witness', witnesses: ['third'] });
  });

  test('ahead of the chain: found by time, against a witness that can never have such a block', async () => {
    const { report, witness } = await attacked(forwardLunatic(honest, attackers), honest, 1_000);
    expect(report.height).toBe(1_000);
    expect(report.againstPrimary.kind).toBe('lunatic');
    expect(named(witness.evidence[0] as CometEvidence)).toEqual(addresses(attackers));
  });

  test('with a wrong signature added, which would have the evidence refused: it is left out', async () => {
    const set = VALIDATORS.slice(0, 4);
    const { report } = await attacked(
      [...honest.slice(0, COMMON), withWrongLastSignature(lunatic(honest, set).at(-1) as HeaderAnswer)],
      honest,
      HEIGHT,
    );
    expect(addresses(report.againstPrimary.byzantine)).toEqual(addresses(set.slice(0, 3)));
    const signatures = report.againstPrimary.evidence.lightClientAttack?.conflictingBlock?.signedHeader?.commit?.signatures;
    expect(signatures?.map(({ blockIdFlag }) => blockIdFlag)).toEqual([2, 2, 2, 1]);
  });
});

describe('equivocation', () => {
  test('names those who signed both blocks, and nobody else', async () => {
    const { report, primary, witness } = await attacked(equivocation(honest), honest, HEIGHT);
    const both = addresses(VALIDATORS.slice(0, 4)); // places 4 and 5 signed one each
    for (const [node, attack] of [
      [witness, report.againstPrimary],
      [primary, report.againstWitness],
    ] as const) {
      expect(attack?.kind).toBe('equivocation');
      expect(addresses(attack?.byzantine ?? [])).toEqual(both);
      expect(named(node.evidence[0] as CometEvidence)).toEqual(both);
      expect(node.evidence[0]?.lightClientAttack?.commonHeight).toBe(HEIGHT);
    }
  });

  test('whose signature on one of the blocks is wrong did not sign both', async () => {
    const { report } = await attacked(
      equivocation(honest),
      [...honest.slice(0, -1), withWrongLastSignature(honest.at(-1) as HeaderAnswer)],
      HEIGHT,
    );
    expect(addresses(report.againstPrimary.byzantine)).toEqual(addresses(VALIDATORS.slice(0, 4)));
    const forged = withWrongLastSignature(equivocation(honest).at(-1) as HeaderAnswer);
    const { report: second } = await attacked([...honest.slice(0, -1), forged], honest, HEIGHT);
    expect(addresses(second.againstPrimary.byzantine)).toEqual(addresses(VALIDATORS.slice(0, 4)));
  });
});

describe('amnesia', () => {
  test('is told of, ends the client, and accuses nobody', async () => {
    const { client, report, primary, witness } = await attacked(amnesia(honest), honest, HEIGHT);
    expect(report.againstPrimary).toMatchObject({ kind: 'amnesia', byzantine: [] });
    expect(report.againstWitness).toMatchObject({ kind: 'amnesia', byzantine: [] });
    expect(named(report.againstPrimary.evidence)).toEqual([]);
    // a node that takes it can make no block any more
    expect(report.againstPrimary.refused?.code).toBe('UNSUPPORTED');
    expect([...primary.evidence, ...witness.evidence]).toEqual([]);
    expect(await codeOf(() => client.update())).toBe('CONFLICTING_HEADERS');
  });
});

describe('evidence', () => {
  test('that cannot be judged yet is handed in again; one that is never taken is told of', async () => {
    const primary = new TestNode('primary', equivocation(honest));
    const witness = new TestNode('witness', honest);
    witness.refusals = 2;
    primary.refusals = 100;
    const client = await clientOf(primary, [witness], { clock: clockAfter(honest.at(-1) as HeaderAnswer) });
    expect(await codeOf(() => client.verifyToHeight(HEIGHT))).toBe('CONFLICTING_HEADERS');
    expect(witness.evidence).toHaveLength(1);
    expect(client.attack?.againstPrimary.refused).toBeUndefined();
    expect(client.attack?.againstWitness?.refused?.code).toBe('REFUSED');
    expect(primary.evidence).toEqual([]);
  });

  test('the client does not wait for a primary that is silent now, and has halted all the same', async () => {
    const primary = new TestNode('primary', equivocation(honest));
    const witness = new TestNode('witness', honest);
    const client = await clientOf(primary, [witness], { clock: clockAfter(honest.at(-1) as HeaderAnswer) });
    primary.reportEvidence = () => new Promise(() => {});
    expect(await codeOf(() => client.verifyToHeight(HEIGHT))).toBe('CONFLICTING_HEADERS');
    expect(client.attack?.againstWitness?.refused?.code).toBe('TIMEOUT');
  });
});
