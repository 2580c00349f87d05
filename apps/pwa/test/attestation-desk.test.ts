/** What a page judges evidence of hardware by. */
import type { LightNodeState } from '@perigee/sampler';
import { PerigeeError } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { developmentSimulation } from '../../../packages/compute/src/evidence/simulated/index.ts';
import { simulatedEvidence } from '../../../tests/kit/simulated-evidence.ts';
import { type AttestationView, createModel } from '../src/model/index.ts';
import type { NodeKeeper } from '../src/node-keeper.ts';
import { AttestationDesk } from '../src/requests/attestation/attestation-desk.ts';
import { SNAPSHOTS } from './snapshots.ts';

const NOW = Date.now();
const DAY_MS = 24 * 3_600_000;

/** A quote of simulated hardware with all that its vendor says of it. */
function evidence(): File {
  const { bundle } = simulatedEvidence(developmentSimulation({ now: () => NOW }));
  return new File([Uint8Array.from(bundle)], 'evidence.json');
}

const file = evidence();
const { chain, head } = SNAPSHOTS.sampled;
if (chain === undefined || head === undefined) throw new Error('the snapshot has a chain and a head');

/** A state of a chain with this head time, which is for development or not, and has these floors. */
function state(
  development: boolean,
  { floors, timeMs = NOW }: { readonly floors?: Readonly<Record<string, number>>; readonly timeMs?: number } = {},
): LightNodeState {
  return {
    ...SNAPSHOTS.sampled,
    chain: { ...(chain as object), development, collateralFloors: floors } as LightNodeState['chain'],
    head: { ...(head as object), timeMs } as LightNodeState['head'],
  };
}

/** What is found where the page shows one state, and the node of this tab, if there is one, has verified another. */
async function judged(shown: LightNodeState | undefined, own: LightNodeState | undefined): Promise<AttestationView> {
  const model = createModel({ hasWebrtc: true, nowMs: NOW });
  model.state.value = shown;
  const keeper = {
    node() {
      if (own === undefined) throw new PerigeeError('ABORTED', 'it has not started yet');
      return {
        state: own,
        askCollateral: async () => [],
        shelf: { value: async () => undefined, keepValue: async () => true, changeValue: async () => true },
      };
    },
    async ready() {
      throw new PerigeeError('TIMEOUT', 'no peer answers');
    },
  } as unknown as NodeKeeper;
  await new AttestationDesk(model, keeper).attest({ evidence: file, collateral: undefined, timeMs: undefined });
  return model.attestation.value;
}

describe('evidence of hardware', () => {
  it('of development is nothing where only somebody else says that the chain is for it', async () => {
    const { finding, problem } = await judged(state(true), state(false));
    expect([finding?.report.overall, finding?.report.status, problem]).toEqual(['fail', 'real-fail', undefined]);
    // nor where this tab has verified nothing; what is kept of vendors lies with its node
    const without = await judged(state(true), undefined);
    expect(without.finding?.report.status).not.toBe('simulated');
    expect(without.problem?.code).toBe('ABORTED');
  });

  it('of development is judged by what the node of this tab verified, whatever is shown', async () => {
    for (const shown of [undefined, state(false)]) {
      const { finding } = await judged(shown, state(true));
      expect(finding?.report).toMatchObject({ status: 'simulated', overall: 'pass' });
    }
  });

  it('is held to the floors of the verified chain, and to no others', async () => {
    const { finding } = await judged(undefined, state(true));
    const above = Object.fromEntries(Object.entries(finding?.report.seen ?? {}).map(([name, number]) => [name, number + 1]));
    expect(Object.keys(above).length).toBeGreaterThan(1);
    const low = await judged(state(true), state(true, { floors: above }));
    expect(low.finding?.report.checks.find(({ name }) => name === 'rollback')).toMatchObject({ code: 'ROLLBACK' });
    expect((await judged(state(true, { floors: above }), state(true))).finding?.report.overall).toBe('pass');
  });

  it('is judged for no earlier a time than that of the newest header that was verified here', async () => {
    const far = NOW + 400 * DAY_MS;
    expect((await judged(state(true, { timeMs: far }), state(true))).judgedAtMs).toBeLessThan(far);
    const ahead = await judged(state(true), state(true, { timeMs: far }));
    expect([ahead.judgedAtMs, ahead.finding?.report.overall]).toEqual([far, 'fail']);
  });
});
