import { PerigeeError } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Check, CheckList, capLabel, LABELS, type Level, labelOf, overallOf, type Verdict } from '../../src/attest/check.ts';
import { depends, refuse, unchecked } from '../../src/attest/code.ts';
import { developmentRoots, type Roots, raiseFloors, verifyEvidence } from '../../src/attest/index.ts';
import { nobleAttest } from '../../src/attest/noble/index.ts';
import { type PlatformResult, realReport, simulatedReport } from '../../src/attest/report.ts';

const VERDICTS: readonly Verdict[] = ['pass', 'fail', 'notChecked'];
const LEVELS = LABELS.slice(1) as readonly Level[];

const someChecks = fc
  .array(fc.record({ level: fc.constantFrom(...LEVELS), required: fc.boolean(), verdict: fc.constantFrom(...VERDICTS) }), {
    maxLength: 12,
  })
  .map((all) => all.map((one, i): Check => ({ ...one, name: `check${i}`, reason: 'A reason.' })));

describe('what checks come to together', () => {
  test('the whole passes only if something was required and all of it passed', () => {
    fc.assert(
      fc.property(someChecks, (checks) => {
        const required = checks.filter((check) => check.required);
        const isRight = required.length > 0 && !required.some(({ verdict }) => verdict !== 'pass');
        expect(overallOf(checks)).toBe(isRight ? 'pass' : 'fail');
      }),
    );
    expect(overallOf([])).toBe('fail');
  });

  test('one that failed or was not made caps the label, required or not', () => {
    fc.assert(
      fc.property(someChecks, (checks) => {
        const label = labelOf(checks);
        if (overallOf(checks) === 'fail') expect(label).toBe('none');
        if (overallOf(checks) === 'fail') return;
        for (const level of LEVELS.slice(0, LABELS.indexOf(label))) {
          const ofLevel = checks.filter((check) => check.level === level);
          expect(ofLevel.length).toBeGreaterThan(0);
          expect(ofLevel.every(({ verdict }) => verdict === 'pass')).toBe(true);
        }
        const next = checks.filter(({ level }) => level === LABELS[LABELS.indexOf(label) + 1]);
        if (next.length > 0) expect(next.some(({ verdict }) => verdict !== 'pass')).toBe(true);
      }),
    );
  });

  test('checks beside a report raise nothing, and one that did not pass caps it below its level', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LABELS), someChecks, (label, beside) => {
        const capped = LABELS.indexOf(capLabel(label, beside));
        expect(capped).toBeLessThanOrEqual(LABELS.indexOf(label));
        const open = beside.filter(({ verdict }) => verdict !== 'pass').map(({ level }) => LABELS.indexOf(level));
        for (const level of open) expect(capped).toBeLessThan(level);
        if (open.every((level) => level > LABELS.indexOf(label))) expect(LABELS[capped]).toBe(label);
      }),
    );
  });

  test('a worse verdict never gives a better label', () => {
    fc.assert(
      fc.property(someChecks, fc.nat(), fc.constantFrom<Verdict>('fail', 'notChecked'), (checks, at, verdict) => {
        const worse = checks.map((check, i) => (i === at % checks.length ? { ...check, verdict } : check));
        expect(LABELS.indexOf(labelOf(worse))).toBeLessThanOrEqual(LABELS.indexOf(labelOf(checks)));
      }),
    );
  });
});

describe('a list of checks', () => {
  const names = { first: 'hardware', second: 'hardware', third: 'code' } as const;

  test('has all names in their order, and what nobody made is not checked', async () => {
    const list = new CheckList<keyof typeof names>(names, ['third']);
    expect(await list.run('second', () => ({ value: 7, reason: 'seven' }))).toBe(7);
    expect(list.all()).toEqual([
      {
        name: 'first',
        level: 'hardware',
        required: true,
        verdict: 'notChecked',
        code: 'DEPENDS',
        reason: 'An earlier check failed, so there was nothing to look at.',
      },
      { name: 'second', level: 'hardware', required: true, verdict: 'pass', reason: 'Seven.' },
      {
        name: 'third',
        level: 'code',
        required: false,
        verdict: 'notChecked',
        code: 'DEPENDS',
        reason: 'An earlier check failed, so there was nothing to look at.',
      },
    ]);
  });

  test.each([
    ['a refusal', () => refuse('EXPIRED', 'it is late'), 'fail', 'EXPIRED', 'It is late.'],
    [
      'nothing to look at',
      () => unchecked('COLLATERAL_MISSING', 'it is missing'),
      'notChecked',
      'COLLATERAL_MISSING',
      'It is missing.',
    ],
    [
      'what it builds on',
      () => depends('first', 'second'),
      'notChecked',
      'DEPENDS',
      'It builds on first and second, which did not pass.',
    ],
    [
      'a fault of ours',
      () => new TypeError('x is undefined'),
      'fail',
      'INTERNAL',
      'The check could not be finished: x is undefined.',
    ],
    [
      'an error of another kind',
      () => new PerigeeError('UNSUPPORTED', 'no P-256'),
      'fail',
      'INTERNAL',
      'The check could not be finished: no P-256.',
    ],
  ] as const)('%s', async (_, make, verdict, code, reason) => {
    const list = new CheckList({ only: 'hardware' });
    const run = async () => {
      throw make();
    };
    expect(await list.run('only', run)).toBeUndefined();
    expect(list.all()).toEqual([{ name: 'only', level: 'hardware', required: true, verdict, code, reason }]);
  });

  test('makes no check twice, and none that is not of the platform', async () => {
    const list = new CheckList<'only' | 'other'>({ only: 'hardware' });
    await list.run('only', () => 'right');
    await expect(list.run('only', () => 'again')).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(list.run('other', () => 'right')).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(list.all()).toMatchObject([{ verdict: 'pass', reason: 'Right.' }]);
  });
});

describe('simulated and real', () => {
  const check: Check = { name: 'parse', level: 'hardware', required: true, verdict: 'pass', reason: 'Read.' };
  const result: PlatformResult<string> = {
    platform: 'intel-tdx',
    hardware: 'tested',
    checks: [check],
    fields: [],
    claims: 'claims',
    seen: {},
  };

  test('are two kinds of report: one has a label, the other says what it imitates', () => {
    expect(realReport(result)).toMatchObject({ status: 'real-pass', overall: 'pass', label: 'hardware', claims: 'claims' });
    const simulated = simulatedReport(result);
    expect(simulated).toMatchObject({ status: 'simulated', overall: 'pass', imitates: 'hardware', claims: 'claims' });
    expect(simulated).not.toHaveProperty('label');
  });

  test('hold claims only where all required checks passed', () => {
    for (const verdict of ['fail', 'notChecked'] as const) {
      const failed = { ...result, checks: [check, { ...check, name: 'other', verdict }] };
      expect(realReport(failed)).toMatchObject({ status: 'real-fail', overall: 'fail', label: 'none' });
      expect(simulatedReport(failed)).toMatchObject({ status: 'simulated', overall: 'fail', imitates: 'none' });
      expect(realReport(failed)).not.toHaveProperty('claims');
      expect(simulatedReport(failed)).not.toHaveProperty('claims');
    }
    expect(realReport({ ...result, claims: undefined })).toMatchObject({ status: 'real-fail', label: 'none' });
  });

  test('roots of simulated evidence come from a development genesis and from nowhere else', async () => {
    for (const genesis of [
      { development: false },
      {} as { development: boolean },
      { development: 1 } as unknown as { development: boolean },
    ]) {
      expect(() => developmentRoots(genesis, {})).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
    const roots = developmentRoots({ development: true }, { intel: [new Uint8Array(3)] });
    const given = { collateral: {}, time: 0, policy: {}, crypto: nobleAttest };
    expect((await verifyEvidence(new Uint8Array(3), { ...given, roots })).status).toBe('simulated');
    expect((await verifyEvidence(new Uint8Array(3), { ...given, roots: 'vendor' })).status).toBe('real-fail');
    const forged = [
      { intel: [] },
      structuredClone(roots),
      { ...roots },
      JSON.parse(JSON.stringify(roots)),
      'development',
      null,
      undefined,
    ];
    for (const other of forged as Roots[]) {
      await expect(verifyEvidence(new Uint8Array(3), { ...given, roots: other })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
  });
});

test('arguments that a program gets wrong throw; bytes that are no evidence do not', async () => {
  const given = { collateral: {}, time: 0, policy: {}, crypto: nobleAttest, roots: 'vendor' } as const;
  for (const time of [Number.NaN, -1, Number.POSITIVE_INFINITY, 8.64e15 + 1]) {
    await expect(verifyEvidence(new Uint8Array(0), { ...given, time })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  }
  await expect(verifyEvidence('quote' as unknown as Uint8Array, given)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  for (const [bytes, code] of [
    [new Uint8Array(0), 'PLATFORM'],
    [new Uint8Array(1 << 20), 'TOO_LARGE'],
  ] as const) {
    const report = await verifyEvidence(bytes, given);
    expect(report).toMatchObject({
      platform: 'unknown',
      status: 'real-fail',
      overall: 'fail',
      label: 'none',
      seen: {},
      fields: [],
    });
    expect(report.checks).toMatchObject([{ name: 'parse', verdict: 'fail', code }]);
  }
});

test('floors only rise', () => {
  const numbers = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat());
  fc.assert(
    fc.property(numbers, numbers, (floors, seen) => {
      const raised = raiseFloors(floors, seen);
      for (const name of new Set([...Object.keys(floors), ...Object.keys(seen)])) {
        expect(raised[name]).toBe(Math.max(floors[name] ?? 0, seen[name] ?? 0));
      }
    }),
  );
});
