/** The view in a real browser, on recorded snapshots: accessible, as wide as its window, and the same size while values come in. */
import axe from 'axe-core';
import { render } from 'preact';
import { afterEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { createModel, type Model } from '../src/model.ts';
import '../src/style.css';
import { App } from '../src/view/App.tsx';
import { IDLE } from './idle.ts';
import { NOW, SNAPSHOTS, type SnapshotName } from './snapshots.ts';

const names = Object.keys(SNAPSHOTS) as SnapshotName[];
let root: HTMLElement | undefined;

afterEach(() => {
  if (root === undefined) return;
  render(null, root);
  root.remove();
});

function show(name: SnapshotName): Model {
  root = document.createElement('div');
  root.id = 'app';
  document.body.append(root);
  document.documentElement.lang = 'en';
  document.title = 'Perigee';
  const model = createModel({ hasWebrtc: name !== 'mixed', nowMs: NOW });
  model.state.value = SNAPSHOTS[name];
  render(<App model={model} actions={IDLE} />, root);
  return model;
}

describe.each([
  [360, 740],
  [1280, 800],
])('at %i × %i', (width, height) => {
  it.each(names)('shows "%s" without an accessibility violation or sideways scrolling', async (name) => {
    await page.viewport(width, height);
    show(name);
    for (const details of document.querySelectorAll('details')) details.open = true;
    const { violations } = await axe.run('#app');
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
  });

  it('keeps every part in its place from the start to the last row', async () => {
    await page.viewport(width, height);
    const model = show('starting');
    const places = () =>
      ['.boot', '.head', '.blob', '.cells', '.peers', '.trust'].map(
        (part) => document.querySelector(part)?.getBoundingClientRect().top,
      );
    const before = places();
    for (const name of ['connecting', 'proving', 'sampling', 'sampled'] as const) {
      model.state.value = SNAPSHOTS[name];
      await new Promise(requestAnimationFrame);
      expect([name, places()]).toEqual([name, before]);
    }
  });
});

describe('drawn rows', () => {
  it('are one stop of the tab key, and the arrow keys move among them', async () => {
    show('mixed');
    const cells = [...document.querySelectorAll<HTMLButtonElement>('button.cell')];
    expect(cells.filter((cell) => cell.tabIndex === 0)).toHaveLength(1);
    cells[0]?.focus();
    await userEvent.keyboard('{ArrowRight}{ArrowRight}{ArrowRight}');
    expect(document.activeElement).toBe(cells[3]);
    expect(document.querySelector('.detail')?.textContent).toContain('refused it');
    await userEvent.keyboard('{End}');
    expect(document.activeElement).toBe(cells.at(-1));
    await userEvent.keyboard('{ArrowRight}');
    expect(document.activeElement).toBe(cells.at(-1));
  });

  it('say in words what their colour says', () => {
    show('mixed');
    const words = [...document.querySelectorAll('button.cell')].map((cell) => cell.getAttribute('aria-label') ?? '');
    expect(words.filter((label) => label.includes('verified'))).toHaveLength(16);
    expect(words.filter((label) => label.includes('no answer'))).toHaveLength(2);
    expect(words.filter((label) => label.includes('withheld'))).toHaveLength(1);
    expect(words.filter((label) => label.includes('false proof'))).toHaveLength(1);
  });
});

describe('the head', () => {
  it('grows old by the clock alone', async () => {
    const model = show('sampled');
    expect(document.querySelector('.chip')?.textContent).toBe('current');
    model.now.value = NOW + 60_000;
    await new Promise(requestAnimationFrame);
    expect(document.querySelector('.chip')?.textContent).toMatch(/^as of /);
  });
});

describe('a failure', () => {
  it('says what to do next, and shows nothing as verified', () => {
    show('failed');
    expect(document.querySelector('[role=alert]')?.textContent).toContain('TRUST_EXPIRED');
    expect(document.querySelector('.card')).toBeNull();
  });
});
