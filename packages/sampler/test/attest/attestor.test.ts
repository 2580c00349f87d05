import { encodeBundle } from '@perigee/light-core/attest/bundle';
import { type CollateralRequest, concat, toHex, utf8 } from '@perigee/wire';
import { afterAll, describe, expect, it } from 'vitest';
import { simulatedEvidence } from '../../../../tests/kit/simulated-evidence.ts';
import { certificateTable } from '../../../compute/src/evidence/simulated/amd/certificate-table.ts';
import { amdBundle } from '../../../compute/src/evidence/simulated/bundles.ts';
import { developmentSimulation, Simulation } from '../../../compute/src/evidence/simulated/index.ts';
import { Attestor } from '../../src/attest/index.ts';

const NOW = Date.UTC(2026, 10, 29);
const clock = { now: () => NOW };

/** A light node whose peers have these files of collateral. */
function nodeWith(files: readonly Uint8Array[]) {
  const kept = new Map<string, Uint8Array>();
  const asked: CollateralRequest[] = [];
  return {
    asked,
    kept,
    node: {
      async askCollateral(request: CollateralRequest) {
        asked.push(request);
        return request.simulated ? files : [];
      },
      shelf: {
        value: async (name: string) => kept.get(name),
        async keepValue(name: string, bytes: Uint8Array) {
          kept.set(name, bytes);
          return true;
        },
        async changeValue(name: string, change: (value: Uint8Array | undefined) => Uint8Array) {
          kept.set(name, change(kept.get(name)));
          return true;
        },
      },
    },
  };
}

const open: Attestor[] = [];
afterAll(() => Promise.all(open.map((attestor) => attestor.close())));

function attestorOf(node: ReturnType<typeof nodeWith>['node']): Attestor {
  const attestor = new Attestor({ node, clock });
  open.push(attestor);
  return attestor;
}

const good = simulatedEvidence(developmentSimulation(clock));

describe('evidence of a registration', () => {
  it('of an AMD processor passes only with firmware that the chain has named as new enough', async () => {
    const simulation = developmentSimulation(clock);
    const pki = simulation.amd('Milan');
    const reportData = new Uint8Array(64).fill(9);
    const input = {
      evidence: concat(simulation.snpReport(pki, reportData), certificateTable(pki)),
      collateral: encodeBundle(amdBundle(pki)),
      subject: 'amd/Milan/vcek',
      reportData: toHex(reportData),
      timeMs: NOW,
      simulated: true,
      development: true,
    };
    const overall = async (chainFloors: Record<string, number>): Promise<string> => {
      const attestor = new Attestor({ node: nodeWith([]).node, clock, chainFloors: () => chainFloors });
      open.push(attestor);
      return (await attestor.verifyBound(input)).overall;
    };
    expect(await overall({ 'simulated/amd/Milan/tcb/snp': 0 })).toBe('pass');
    expect(await overall({ 'simulated/amd/Milan/tcb/snp': 255 })).toBe('fail');
    // a line that the chain does not name
    expect(await overall({})).toBe('fail');
    expect(await overall({ 'simulated/amd/Genoa/tcb/snp': 0 })).toBe('fail');
  });
});

describe('evidence that a person hands over', () => {
  it('is simulated on a development chain, and fails on any other', async () => {
    const attestor = attestorOf(nodeWith([]).node);
    const request = { file: good.bundle, timeMs: NOW };
    expect((await attestor.verify({ ...request, development: true })).report).toMatchObject({
      status: 'simulated',
      overall: 'pass',
    });
    expect((await attestor.verify({ ...request, development: false })).report).toMatchObject({
      status: 'real-fail',
      label: 'none',
    });
  });

  it('gets the collateral that it lacks from peers, after what is known was told', async () => {
    const { node, asked, kept } = nodeWith([good.collateral]);
    const attestor = attestorOf(node);
    const told: string[] = [];
    const { report } = await attestor.verify(
      { file: good.quote, timeMs: NOW, development: true },
      { onFinding: (finding) => told.push(finding.report.status) },
    );
    expect(report).toMatchObject({ status: 'simulated', overall: 'pass' });
    expect(told).toEqual(['real-fail']);
    expect(asked.map(({ subject }) => subject)).toEqual(Array(2).fill('intel/tdx/ff7065726900/platform'));
    expect([...kept.keys()].some((name) => name.startsWith('simulated-collateral'))).toBe(true);
  });

  it('fails below a floor that the chain has as a parameter', async () => {
    const request = { file: good.bundle, timeMs: NOW, development: true };
    const { report } = await attestorOf(nodeWith([]).node).verify(request);
    const above = Object.fromEntries(Object.entries(report.seen).map(([name, number]) => [name, number + 1]));
    expect(Object.keys(above).length).toBeGreaterThan(1);
    const floored = new Attestor({ node: nodeWith([]).node, clock, chainFloors: () => above });
    open.push(floored);
    const finding = await floored.verify(request);
    expect(finding.report).toMatchObject({ status: 'simulated', overall: 'fail' });
    expect(finding.report.checks.find(({ name }) => name === 'rollback')).toMatchObject({ verdict: 'fail', code: 'ROLLBACK' });
  });

  it('stays without verdict when no peer has its collateral, or what they have is not its own', async () => {
    const other = simulatedEvidence(new Simulation({ seed: utf8('another'), clock }));
    for (const files of [[], [other.collateral], [utf8('junk')]]) {
      const { report } = await attestorOf(nodeWith(files).node).verify({ file: good.quote, timeMs: NOW, development: true });
      expect(report.overall).toBe('fail');
      expect(report.checks.find(({ name }) => name === 'tcbInfo')).toMatchObject({ verdict: 'notChecked' });
    }
  });

  it('is refused by code when it cannot be read at all, and given up when its caller does', async () => {
    const attestor = attestorOf(nodeWith([]).node);
    await expect(attestor.verify({ file: utf8('{"a":1}'), timeMs: NOW, development: true })).rejects.toMatchObject({
      code: 'PARSE',
    });
    const signal = AbortSignal.abort();
    await expect(attestor.verify({ file: good.quote, timeMs: NOW, development: true }, { signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});
