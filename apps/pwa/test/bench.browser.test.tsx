/** The bench of the page on small rows, and its view in both themes. */
import { measureDevice } from '@perigee/da/measure';
import axe from 'axe-core';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import '../src/style.css';
import { type BenchState, benchOf, createBench } from '../src/bench/device-bench.ts';
import { createModel, type Model } from '../src/model/index.ts';
import { App } from '../src/view/App.tsx';
import { IDLE } from './idle.ts';
import { NOW, SNAPSHOTS } from './snapshots.ts';

const SMALL = { one: { k: 64, n: 192, rowSize: 1_024 }, all: { k: 256, n: 768, rowSize: 2_048 } };

const small = () => createBench((options) => measureDevice({ ...options, ...SMALL }));

describe('the bench of this device', () => {
  it('measures every subject, tells how far it is, and ends', async () => {
    const bench = small();
    const told: number[] = [];
    bench.state.subscribe((state) => {
      if (state.phase === 'running') told.push(state.done);
    });
    await bench.start();
    const state = bench.state.value;
    if (state.phase !== 'done') throw new Error(`it ended as ${JSON.stringify(state)}`);
    expect(state.figures.map(({ name }) => name)).toEqual([
      ...['copy', 'encode', 'commit', 'hash', 'prime', 'verify', 'verifyBatch'],
      ...['reconstruct5', 'reconstruct50', 'reconstructParity', 'blob', 'commit4x', 'commit2x'],
    ]);
    for (const { median, min, max, n } of state.figures) {
      expect(n).toBe(5);
      expect(min).toBeGreaterThanOrEqual(0);
      expect(median).toBeGreaterThanOrEqual(min);
      expect(max).toBeGreaterThanOrEqual(median);
    }
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.length).toBeGreaterThan(10);
  });

  it('stops when asked, and measures again', async () => {
    const bench = small();
    const running = bench.start();
    bench.stop();
    await running;
    expect(bench.state.value).toEqual({ phase: 'stopped' });
    await bench.start();
    expect(bench.state.value.phase).toBe('done');
  });
});

describe.each([
  [390, 844, 'light'],
  [390, 844, 'dark'],
  [1440, 900, 'light'],
  [1440, 900, 'dark'],
] as const)('its view at %i × %i, %s', (width, height, theme) => {
  let root: HTMLElement;
  let model: Model;
  beforeEach(async () => {
    await page.viewport(width, height);
    document.documentElement.dataset.theme = theme;
    document.documentElement.lang = 'en';
    document.title = 'Perigee';
    root = document.createElement('div');
    root.id = 'app';
    document.body.append(root);
    model = createModel({ hasWebrtc: true, nowMs: NOW, belowAfterMs: 0 });
    model.state.value = SNAPSHOTS.mixed;
    model.view.value = 'bench';
    render(<App model={model} actions={IDLE} />, root);
    await expect.poll(() => document.querySelector('.bench')).not.toBeNull();
  });
  afterEach(() => {
    render(null, root);
    root.remove();
    delete document.documentElement.dataset.theme;
  });

  const figures = [
    { name: 'copy', unit: 'MB/s', median: 12_345, min: 9_000, max: 14_000, n: 5 },
    { name: 'encode', unit: 'MB/s', median: 512, min: 500, max: 530, n: 5 },
    { name: 'verify', unit: 'µs', median: 27.31, min: 25, max: 31, n: 5 },
    { name: 'reconstructParity', unit: 'ms', median: 999.6, min: 20, max: 1_030.7, n: 5 },
    { name: 'commit4x', unit: 'Gbit/s', median: 2.345, min: 2.1, max: 2.6, n: 5 },
  ] as const;
  const states: readonly BenchState[] = [
    { phase: 'idle' },
    { phase: 'running', done: 0.375 },
    { phase: 'stopped' },
    { phase: 'failed', message: 'the engine has no memory' },
    { phase: 'done', figures, threads: 2 },
  ];

  it.each(states)('shows "$phase" without an accessibility violation or sideways scrolling', async (state) => {
    benchOf(model).state.value = state;
    await expect.poll(() => document.querySelector('.bench')?.getAttribute('data-phase')).toBe(state.phase);
    const { violations } = await axe.run('#app');
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
    if (state.phase !== 'done') return;
    expect(document.querySelector('[data-figure=verify] .value')?.textContent).toBe('27.3 µs25.0 to 31.0');
    expect(document.querySelector('[data-figure=reconstructParity] .value')?.textContent).toBe('1,000 ms20.0 to 1,031');
    expect(document.querySelector('[data-figure=copy]')?.textContent).toContain('100 %');
    expect(document.querySelector('[data-figure=encode]')?.textContent).toContain('4.15 %');
  });

  it('saves what was measured, of which machine, as it is shown', async () => {
    const bench = small();
    await bench.start();
    benchOf(model).state.value = bench.state.value;
    await expect.poll(() => document.querySelectorAll('tr[data-figure]').length).toBeGreaterThan(10);
    const handed = vi.spyOn(URL, 'createObjectURL');
    await page.getByRole('button', { name: 'Save as JSON' }).click();
    const [file] = handed.mock.calls[0] ?? [];
    handed.mockRestore();
    const saved = JSON.parse(await (file as Blob).text());
    const { hardwareConcurrency: cores, userAgent: browser } = navigator;
    if (bench.state.value.phase !== 'done') throw new Error('it has not measured');
    const { figures, threads } = bench.state.value;
    // a copy of small rows takes no time that the clock can tell, and JSON has no number for its rate
    expect(saved).toEqual(JSON.parse(JSON.stringify({ version: 1, machine: { cores, threads, browser }, figures })));
    const shown = [...document.querySelectorAll<HTMLElement>('tr[data-figure]')].map(({ dataset }) => dataset);
    expect(shown.map(({ figure, median }) => [figure, Number(median)])).toEqual(
      figures.map(({ name, median }) => [name, median]),
    );
    for (const { unit } of figures) expect(unit).toMatch(/^(ms|µs|MB\/s|Gbit\/s)$/);
  });
});
