/** The view in a real browser, on recorded snapshots: accessible, as wide as its window, and the same size while values come in. */
import axe from 'axe-core';
import { render } from 'preact';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import {
  type Actions,
  createModel,
  DEFAULT_POLICY,
  type Model,
  type PublishPolicy,
  type WalletOrder,
} from '../src/model/index.ts';
import '../src/style.css';
import { VIEWS, type ViewName } from '../src/navigation/views.ts';
import { App } from '../src/view/App.tsx';
import { IDLE } from './idle.ts';
import { NOW, SNAPSHOTS, type SnapshotName } from './snapshots.ts';
import { TASKS } from './task-examples.ts';
import { WALLETS } from './wallet-examples.ts';

const names = Object.keys(SNAPSHOTS) as SnapshotName[];
let root: HTMLElement | undefined;

afterEach(() => {
  if (root === undefined) return;
  render(null, root);
  root.remove();
});

/** Where what a test looks for is, once a view has come. */
const ARRIVED: Record<ViewName, string> = {
  live: '.events',
  blobs: '.publish',
  storage: '.storage',
  kv: '.streams',
  compute: '.compute',
  evidence: '.attestation .drop',
  network: '.peers',
  settings: '.wallet',
  bench: '.bench',
};

async function show(name: SnapshotName, actions: Partial<Actions> = {}, view: ViewName = 'live'): Promise<Model> {
  root = document.createElement('div');
  root.id = 'app';
  document.body.append(root);
  document.documentElement.lang = 'en';
  document.title = 'Perigee';
  const model = createModel({ hasWebrtc: name !== 'mixed', nowMs: NOW, belowAfterMs: 0 });
  model.state.value = SNAPSHOTS[name];
  model.view.value = view;
  render(<App model={model} actions={{ ...IDLE, ...actions }} />, root);
  if (name !== 'failed') await expect.poll(() => document.querySelector(ARRIVED[view])).not.toBeNull(); // what is fetched later
  return model;
}

async function found(selector: string): Promise<Element> {
  await expect.poll(() => document.querySelector(selector)).not.toBeNull();
  const element = document.querySelector(selector);
  if (element === null) throw new Error(`no ${selector}`);
  return element;
}

describe.each([
  [390, 844],
  [1440, 900],
])('at %i × %i', (width, height) => {
  it.each(names)('shows "%s" without an accessibility violation or sideways scrolling', async (name) => {
    await page.viewport(width, height);
    await show(name);
    for (const details of document.querySelectorAll('details')) details.open = true;
    const { violations } = await axe.run('#app');
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
  });

  it.each(VIEWS)('shows the view "%s" without an accessibility violation or sideways scrolling', async (view) => {
    await page.viewport(width, height);
    (await show('mixed', {}, view)).tasks.value = TASKS;
    await new Promise(requestAnimationFrame);
    const { violations } = await axe.run('#app');
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
    expect(document.querySelectorAll('nav [aria-current=page]')).toHaveLength(1);
  });

  it('has no table that scrolls sideways on a phone: each value there has the name of its column', async () => {
    await page.viewport(width, height);
    for (const view of ['live', 'network'] as const) {
      await show('mixed', {}, view);
      for (const details of document.querySelectorAll('details')) details.open = true;
      await found(view === 'live' ? '.asked td' : '.peers td');
      for (const region of document.querySelectorAll('.scroll')) {
        if (width < 600) expect([region.ariaLabel, region.scrollWidth]).toEqual([region.ariaLabel, region.clientWidth]);
      }
      const cells = [...document.querySelectorAll<HTMLElement>('td')];
      for (const cell of cells) {
        const names = [...(cell.closest('table')?.querySelectorAll('thead th') ?? [])].map(({ textContent }) => textContent);
        expect(cell.dataset.column).toBe(names[[...(cell.parentElement?.children ?? [])].indexOf(cell)]);
      }
      expect(cells.length).toBeGreaterThan(8);
      if (root !== undefined) render(null, root);
      root?.remove();
    }
  });

  it('shows recent blobs whole: six of them, and the others by scrolling', async () => {
    await page.viewport(width, height);
    const model = await show('sampled');
    const [blob] = SNAPSHOTS.sampled.blobs;
    const blobs = Array.from({ length: 16 }, (_, i) => ({ ...blob, blobId: `${blob.blobId.slice(0, -2)}${10 + i}` }));
    model.state.value = { ...SNAPSHOTS.sampled, blobs };
    await new Promise(requestAnimationFrame);
    const list = (await found('.recent ol')).getBoundingClientRect();
    const ends = [...document.querySelectorAll('.recent li')].map((item) => item.getBoundingClientRect().bottom);
    expect(ends.filter((end) => end <= list.bottom)).toHaveLength(6);
    expect((ends[6] ?? 0) - list.bottom).toBeGreaterThan(40); // nothing of the seventh but its edge
  });

  it('keeps every part in its place from the start to the last row', async () => {
    await page.viewport(width, height);
    const model = await show('starting');
    const places = () =>
      ['.boot', '.head', '.blob', '.map', '.headers', '.trust'].map(
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

describe.each([
  [390, 844, 'light'],
  [390, 844, 'dark'],
  [1440, 900, 'light'],
  [1440, 900, 'dark'],
] as const)('at %i × %i, %s', (width, height, theme) => {
  async function requireGood(): Promise<void> {
    const { violations } = await axe.run('#app');
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
  }
  const inTheme = (): void => {
    document.documentElement.dataset.theme = theme;
    onTestFinished(() => {
      delete document.documentElement.dataset.theme;
    });
  };

  it('shares what was verified as a picture of that theme, a text and a link, as it was when it was opened', async () => {
    await page.viewport(width, height);
    inTheme();
    const copied: string[] = [];
    const model = await show('mixed', { copy: async (text) => copied.push(text) > 0 });
    await page.getByRole('button', { name: 'Share what was verified' }).click();
    const canvas = (await found('.share-card canvas')) as HTMLCanvasElement;
    await requireGood();
    const [paper, row] = [
      canvas.getContext('2d')?.getImageData(1_190, 620, 1, 1).data,
      canvas.getContext('2d')?.getImageData(80, 380, 1, 1).data,
    ];
    const dark = theme === 'dark';
    expect([paper?.[0], paper?.[3]]).toEqual([dark ? 0x0d : 0xf6, 255]);
    expect([...(row ?? [])].slice(0, 3)).toEqual(dark ? [0x63, 0xd2, 0x97] : [0x17, 0x70, 0x3f]); // its first row is verified
    const before = canvas.getAttribute('aria-label');
    expect(before).toContain('My browser verified blocks 12,402 to 12,408');
    model.state.value = { ...SNAPSHOTS.mixed, rowsVerified: 9_999 };
    await new Promise(requestAnimationFrame);
    expect(canvas.getAttribute('aria-label')).toBe(before);
    await page.getByRole('button', { name: 'Copy the text' }).click();
    await expect.poll(() => copied).toEqual([`${before} ${document.querySelector('.share-card a')?.getAttribute('href')}`]);

    const shared: ShareData[] = [];
    const [share, canShare] = [navigator.share, navigator.canShare];
    Object.assign(navigator, { share: async (data: ShareData) => void shared.push(data), canShare: () => true });
    onTestFinished(() => void Object.assign(navigator, { share, canShare }));
    await page.getByRole('button', { name: 'Share what was verified' }).click();
    await page.getByRole('button', { name: 'Share what was verified' }).click();
    await found('.share-card canvas');
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    await expect.poll(() => shared.length).toBe(1);
    expect(shared[0]).toMatchObject({ text: expect.stringContaining('9,999 rows'), url: expect.not.stringContaining('trust') });
    expect(shared[0]?.files?.[0]?.type).toBe('image/png');
    expect(shared[0]?.files?.[0]?.size).toBeGreaterThan(5_000);
    Object.assign(navigator, { share: async () => Promise.reject(new Error('no')) });
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    await expect.poll(() => document.querySelector('.share-card [role=status]')?.textContent).toContain('can be saved');
  });

  it('offers the node of the extension, and says where it is and why not', async () => {
    await page.viewport(width, height);
    inTheme();
    const asked: object[] = [];
    const model = await show('sampled', { changeSettings: (changes) => void asked.push(changes) }, 'settings');
    model.settings.value = { ...model.settings.value, isRead: true };
    const choose = (lightNode: 'offer' | 'own' | 'extension', problem?: string): void => {
      const { chosen } = model.settings.value;
      model.settings.value = { ...model.settings.value, chosen: { ...chosen, lightNode } };
      model.extension.value = {
        isAsked: false,
        isUsed: false,
        problem: problem === undefined ? undefined : { code: 'UNREACHABLE', message: problem },
      };
    };
    expect(document.querySelector('[data-notice="extension"]')).toBeNull();
    choose('offer');
    expect((await found('[data-notice="extension"]')).textContent).toContain('The extension of Perigee is here');
    await requireGood();
    await page.getByRole('button', { name: 'Use the extension' }).click();
    await page.getByRole('button', { name: 'Run its own' }).click();
    expect(asked).toEqual([{ lightNode: 'extension' }, { lightNode: 'own' }]);
    choose('extension', 'the light node is paused');
    await expect.poll(() => document.querySelector('[data-notice="extension"]')?.textContent).toContain('paused');
    expect((await found('[data-extension="there"]')).textContent).toContain('paused');
    await requireGood();
    model.extension.value = { isAsked: false, isUsed: true, problem: undefined };
    await found('[data-extension="used"]');
    expect(document.querySelector('[data-notice="extension"]')).toBeNull();
    await requireGood();
  });
});

describe('the map of rows', () => {
  const slider = () => document.querySelector<HTMLElement>('[role=slider]');
  const asked = SNAPSHOTS.mixed.blobs[0].rows.map((row) => row.index).sort((a, b) => a - b);

  it('is one stop of the tab key; its keys move by row, line, asked row and end, and say what became of each', async () => {
    await show('mixed');
    slider()?.focus();
    const at = async (key: string) => {
      await userEvent.keyboard(key);
      await new Promise(requestAnimationFrame);
      return Number(slider()?.getAttribute('aria-valuenow'));
    };
    expect(await at('{Home}')).toBe(0);
    expect(await at('{PageDown}')).toBe(asked[0]);
    expect(await at('{PageDown}')).toBe(asked[1]);
    expect(await at('{PageUp}')).toBe(asked[0]);
    expect(await at('{ArrowRight}')).toBe((asked[0] ?? 0) + 1);
    expect(slider()?.getAttribute('aria-valuetext')).toContain('Not asked for');
    expect(document.querySelector('.detail')?.textContent).toContain('Not asked for');
    expect(await at('{End}')).toBe(4095);
    expect(await at('{ArrowRight}')).toBe(4095);
    const withheld = SNAPSHOTS.mixed.blobs[0].rows.find((row) => row.verdict === 'withheld')?.index ?? 0;
    await at('{Home}');
    for (let steps = asked.indexOf(withheld); steps >= 0; steps--) await at('{PageDown}');
    expect(slider()?.getAttribute('aria-valuetext')).toContain('refused it');
  });

  it('shows the row under the pointer, and takes the nearest asked one for cells smaller than a finger', async () => {
    await show('unavailable');
    await new Promise(requestAnimationFrame);
    const map = slider();
    const box = map?.getBoundingClientRect();
    if (map === null || map === undefined || box === undefined) throw new Error('no map');
    const cursor = document.querySelector('.cursor')?.getBoundingClientRect();
    if (cursor === undefined) throw new Error('no cursor');
    const shown = map.getAttribute('aria-valuenow');
    const point = { clientX: cursor.x + cursor.width / 2 + 6, clientY: cursor.y + cursor.height / 2, bubbles: true };
    map.dispatchEvent(new PointerEvent('pointermove', { ...point, clientX: box.x + box.width - 1, clientY: box.y + 1 }));
    await new Promise(requestAnimationFrame);
    expect(map.getAttribute('aria-valuenow')).not.toBe(shown);
    map.dispatchEvent(new PointerEvent('pointermove', point));
    await new Promise(requestAnimationFrame);
    expect(map.getAttribute('aria-valuenow')).toBe(shown);
  });

  it('has the same in a table and in a legend, in words', async () => {
    await show('mixed');
    for (const details of document.querySelectorAll('details')) details.open = true;
    await found('.asked .verdict');
    const words = [...document.querySelectorAll('.asked .verdict')].map((cell) => cell.textContent?.trim());
    expect(words.filter((word) => word === 'verified')).toHaveLength(16);
    expect(words.filter((word) => word === 'no answer')).toHaveLength(2);
    expect(words.filter((word) => word === 'withheld')).toHaveLength(1);
    expect(words.filter((word) => word === 'false proof')).toHaveLength(1);
    expect(document.querySelector('.legend [data-verdict=none]')?.textContent).toContain('4,076 not asked');
  });
});

describe('what is asked for by hand', () => {
  it('takes what a vendor has signed by a button like the others, which the keyboard reaches and who listens is told of', async () => {
    await show('sampled', {}, 'evidence');
    const field = page.getByLabelText('What the vendor has signed');
    await expect.element(field).toHaveAccessibleName('What the vendor has signed about it, if you have a file Choose a file');
    await expect.element(field).toHaveAccessibleDescription('No file chosen');
    const input = field.element() as HTMLInputElement;
    const button = input.closest('.control');
    input.focus();
    expect([input.matches(':focus'), button && getComputedStyle(button).outlineStyle]).toEqual([true, 'solid']);
    await userEvent.upload(input, new File(['{}'], 'collateral.json'));
    await expect.element(field).toHaveAccessibleDescription('collateral.json, 2 B');
    const heights = [button, await found('.attestation button.primary')].map((one) => one?.getBoundingClientRect().height);
    expect(heights[0]).toBe(heights[1]);
  });

  it('publishes a chosen file with its policy, and refuses an empty one before it is read', async () => {
    const published: [string, PublishPolicy][] = [];
    await show('sampled', { publish: (file, policy) => published.push([file.name, policy]) }, 'blobs');
    const input = document.querySelector<HTMLInputElement>('input[type=file]');
    if (input === null) throw new Error('no file input');
    const button = page.getByRole('button', { name: 'Publish', exact: true });
    await userEvent.upload(input, new File([], 'empty.txt'));
    await expect.element(page.getByText('This file is empty')).toBeVisible();
    await expect.element(button).toBeDisabled();
    await userEvent.upload(input, new File(['some bytes'], 'a.txt'));
    await button.click();
    expect(published).toEqual([['a.txt', DEFAULT_POLICY]]);
    await expect.element(button).toBeDisabled();
  });

  it('opens, retrieves and cancels', async () => {
    const done: string[] = [];
    const model = await show(
      'sampled',
      {
        open: (text) => done.push(`open ${text}`),
        retrieve: (blobId) => done.push(`retrieve ${blobId}`),
        cancel: (id) => done.push(`cancel ${id}`),
        retry: (id) => done.push(`retry ${id}`),
      },
      'blobs',
    );
    model.tasks.value = TASKS;
    await page.getByLabelText('Commitment, blob id or link').fill(' 00ab ');
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByRole('button', { name: 'Retrieve and save' }).click();
    await page.getByRole('button', { name: /^Cancel: holiday/ }).click();
    await page.getByRole('button', { name: /^Try again: blob-00ff/ }).click();
    expect(done).toEqual(['open 00ab', `retrieve ${SNAPSHOTS.sampled.blobs[0].blobId}`, 'cancel 1', 'retry 5']);
  });

  it('says beside each button what came of it, and leads to the blob that was opened', async () => {
    const opened: string[] = [];
    const model = await show('sampled', { open: (text) => opened.push(text) }, 'blobs');
    const form = page.elementLocator(await found('.open'));
    model.refusal.value = { code: 'NOT_FOUND', message: 'the chain has no record' };
    await expect.element(form.getByRole('status')).toHaveTextContent('The chain holds no such blob. That is proved.');
    await form.getByRole('button', { name: 'Open', exact: true }).click();
    await expect.element(form.getByRole('status')).toHaveTextContent('There is nothing to open');
    expect(opened).toEqual([]);
    model.refusal.value = undefined;
    await form.getByRole('textbox').fill('00ab');
    const { blobId } = SNAPSHOTS.sampled.blobs[0];
    model.opening.value = { blobId, status: 'asked' };
    await expect.element(form.getByRole('status')).toHaveTextContent('Opening 0082cb14…c71059');
    model.opening.value = { blobId, status: 'opened' };
    await expect.element(form.getByRole('status')).toHaveTextContent('Opened 0082cb14…c71059: available.');
    await form.getByRole('button', { name: 'Go to it' }).click();
    expect(document.activeElement?.id).toBe('blob-title');
    model.tasks.value = TASKS;
    await expect.poll(() => document.querySelector('.blob .task-line')?.textContent).toBe('Retrieved blob-00ab12cd');
    expect(document.querySelector('.publish .task-line')?.textContent).toMatch(/^Publishing holiday.*, 62 %$/);
  });

  it('shows the id of a blob that cannot be opened, and no other in its place', async () => {
    const model = await show('sampled');
    const blobId = `00${'ab'.repeat(32)}`;
    model.chosen.value = blobId;
    model.opening.value = { blobId, status: 'refused' };
    model.refusal.value = { code: 'NOT_FOUND', message: 'the chain has no record' };
    await expect.poll(() => document.querySelector('.blob .id')?.textContent).toBe(blobId);
    expect(document.querySelector('.lead h2')?.textContent).toBe('The chain holds no such blob');
    expect(document.querySelector('.blob .found')?.textContent).toBe('The chain holds no such blob');
    expect((await axe.run('#app')).violations).toEqual([]);
  });

  it('says that publishing resumes a page that is paused, and calls no head current then', async () => {
    const model = await show('sampled', {}, 'blobs');
    model.paused.value = true;
    await expect.element(page.getByText('The page is paused: publishing resumes it.')).toBeVisible();
    model.view.value = 'live';
    await expect.poll(() => document.querySelector('.chip[data-freshness]')).not.toBeNull();
    expect(document.querySelector('.chip[data-freshness]')?.getAttribute('data-freshness')).toBe('stale');
  });

  it('asks in full before another chain is believed', async () => {
    let accepted = 0;
    const model = await show('connecting', { acceptTrust: () => accepted++ });
    model.trustRequest.value = { chainId: 'other-1a2b3c4d', height: 1204, headerHash: 'ab'.repeat(32), peers: [] };
    await expect.element(page.getByText('ab'.repeat(32))).toBeVisible();
    await page.getByRole('button', { name: 'Believe this chain' }).click();
    expect(accepted).toBe(1);
    expect((await axe.run('#app')).violations).toEqual([]);
  });

  it('shows every state of a task without an accessibility violation or sideways scrolling', async () => {
    await page.viewport(390, 844);
    (await show('sampled', {}, 'blobs')).tasks.value = TASKS;
    await expect.element(page.getByText('in the namespace “reports”, and stays there')).toBeVisible();
    const { violations } = await axe.run('#app');
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
  });
});

describe('the wallet', () => {
  it.each(Object.entries(WALLETS))(
    '"%s" is shown without an accessibility violation or sideways scrolling',
    async (_name, wallet) => {
      await page.viewport(390, 844);
      (await show('sampled', {}, 'settings')).wallet.value = wallet;
      await new Promise(requestAnimationFrame);
      for (const details of document.querySelectorAll<HTMLDetailsElement>('.wallet details')) details.open = true;
      const { violations } = await axe.run('.wallet');
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
      expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
    },
  );

  it('is asked for when it can be seen, and chosen by its name', async () => {
    const done: string[] = [];
    const model = await show(
      'sampled',
      {
        findWallets: () => done.push('find'),
        connectWallet: (id) => done.push(`connect ${id}`),
      },
      'settings',
    );
    await expect.poll(() => done).toEqual(['find']);
    await expect.element(page.getByText('Looking for wallets')).toBeVisible();
    model.wallet.value = WALLETS.found;
    await page.getByRole('button', { name: 'Connect Fox Wallet' }).click();
    expect(done).toEqual(['find', 'connect a']);
  });

  it('takes whole orders only, and says what is wrong with others', async () => {
    const orders: WalletOrder[] = [];
    const model = await show('sampled', { prepare: (order) => orders.push(order) }, 'settings');
    model.wallet.value = WALLETS.connected;
    const transfer = page.elementLocator(await found('.transfer'));
    await page.getByLabelText('Recipient').fill('0x12');
    await page.getByLabelText('Amount, tokens').fill('1.5');
    await expect.element(page.getByText('A recipient is 0x and 40')).toBeVisible();
    await expect.element(transfer.getByRole('button')).toBeDisabled();
    await page.getByLabelText('Recipient').fill(` 0x${'aB'.repeat(20)} `);
    await page.getByLabelText('Amount, tokens').fill('0.0000000000000000001');
    await expect.element(page.getByText('A token has 18 decimals')).toBeVisible();
    await page.getByLabelText('Amount, tokens').fill('1.5');
    await transfer.getByRole('button').click();
    await page.getByLabelText('For so many blocks').fill('10');
    await page
      .elementLocator(await found('.grant'))
      .getByRole('button')
      .click();
    await page.getByRole('button', { name: 'End it: the key of this browser' }).click();
    expect(orders).toEqual([
      { kind: 'transfer', to: `0x${'aB'.repeat(20)}`, amount: 15n * 10n ** 17n },
      { kind: 'grant', cap: 500_000_000_000n, blocks: 10 },
      { kind: 'revoke', key: 'ab'.repeat(32) },
    ]);
  });

  it('has its words read first: the focus goes to them, and the keyboard on to the button that opens it', async () => {
    const done: string[] = [];
    const model = await show('sampled', { sign: () => done.push('sign') }, 'settings');
    model.wallet.value = WALLETS.review;
    await expect.poll(() => document.activeElement?.id).toBe('review-title');
    const words = [...document.querySelectorAll('.review > dl .fact')].map((row) => row.textContent);
    expect(words).toEqual(expect.arrayContaining(['amount1.25 tokens', 'fee at most0.00000000001 tokens']));
    await userEvent.tab();
    await userEvent.tab();
    await userEvent.keyboard('{Enter}');
    expect(done).toEqual(['sign']);
  });
});

describe('verified headers', () => {
  it('are listed with what vouches for each, and more on request', async () => {
    await show('sampled');
    const lines = () => [...document.querySelectorAll('[data-header]')].map((line) => line.getAttribute('data-way'));
    expect(lines()).toEqual([...Array(6).fill('sequential'), 'skipping', 'skipping']);
    await page.getByRole('button', { name: 'Show 1 more' }).click();
    expect(lines().at(-1)).toBe('anchor');
    await expect.element(page.getByText('skipping from block 7,204')).toBeVisible();
    await expect.element(page.getByText('3 of 4').first()).toBeVisible();
  });
});

describe('events', () => {
  it('are filtered by kind and text, and copied as JSON', async () => {
    const copied: string[] = [];
    await show('sampled', {
      copy: async (text) => {
        copied.push(text);
        return true;
      },
    });
    const lines = () => document.querySelectorAll('.events li').length;
    expect(lines()).toBe(SNAPSHOTS.sampled.events.length);
    await page.getByLabelText('Kind').selectOptions('block verified');
    expect(lines()).toBe(3);
    await page.getByLabelText('Text').fill('12407');
    expect(lines()).toBe(1);
    await page.getByRole('button', { name: 'Copy as JSON' }).click();
    expect(JSON.parse(copied[0] ?? '')).toMatchObject([{ kind: 'head', about: '12407' }]);
  });
});

describe('the navigation', () => {
  it('asks for a view by its name, and stands at the heading of the one that is shown', async () => {
    const went: string[] = [];
    const model = await show('sampled', { go: (view) => went.push(view) });
    await page.getByRole('link', { name: 'Storage' }).click();
    expect(went).toEqual(['storage']);
    model.scrollTo.value = 0;
    model.view.value = 'storage';
    await expect.poll(() => document.activeElement?.textContent).toBe('Storage');
    expect(document.querySelector('[aria-current]')?.textContent).toBe('Storage');
    await found('.storage .drop');
    scrollTo(0, 200);
    model.scrollTo.value = 120;
    model.view.value = 'live';
    await expect.poll(() => document.activeElement?.id).toBe('view-title');
    expect(scrollY).toBe(120);
  });
});

describe('the head', () => {
  it('grows old by the clock alone', async () => {
    const model = await show('sampled');
    expect(document.querySelector('.chip')?.textContent).toBe('current');
    model.now.value = NOW + 60_000;
    await new Promise(requestAnimationFrame);
    expect(document.querySelector('.chip')?.textContent).toMatch(/^as of /);
  });
});

describe('numbers of their own', () => {
  const fact = (name: string): string | null | undefined =>
    [...document.querySelectorAll('.fact')].find((each) => each.querySelector('dt')?.textContent === name)?.querySelector('dd')
      ?.textContent;

  it('are the lag of the head, and its blobs with their block', async () => {
    const model = await show('sampled');
    expect(fact('Final here after')).toBe('200 ms');
    expect(fact('Blobs sampled')).toBe('1 of 1 in block 12,405');
    expect(fact('Lowest confidence')).toBe('40 bits');
    const { head } = SNAPSHOTS.sampled;
    if (head === undefined) throw new Error('the snapshot has no head');
    model.state.value = { ...SNAPSHOTS.sampled, head: { ...head, verifiedAtMs: head.timeMs + 60_000 } };
    await new Promise(requestAnimationFrame);
    expect(fact('Final here after')).toBe('–');
  });

  it('are the depth of a proof that was verified, and of no other', async () => {
    await show('mixed');
    const verdict = () => document.querySelector('.detail')?.getAttribute('data-verdict');
    const step = () => (document.querySelector('.detail .step:last-of-type') as HTMLElement).click();
    const seen = new Map<string, Set<string>>();
    for (let i = 0; i < 40; i++) {
      const kind = verdict() === 'verified' ? 'verified' : 'other';
      seen.set(kind, (seen.get(kind) ?? new Set()).add(fact('Proof depth') ?? ''));
      step();
      await new Promise(requestAnimationFrame);
    }
    const { record } = SNAPSHOTS.mixed.blobs[0] ?? {};
    const depth = Math.log2((record?.k ?? 0) + (record?.n ?? 0));
    expect(seen).toEqual(
      new Map([
        ['verified', new Set([String(depth)])],
        ['other', new Set(['–'])],
      ]),
    );
  });
});

describe('a failure', () => {
  it('says what to do next, and shows nothing as verified', async () => {
    await show('failed');
    expect(document.querySelector('[role=alert]')?.textContent).toContain('TRUST_EXPIRED');
    expect(document.querySelector('.card')).toBeNull();
  });
});

it('draws the map anew for a screen with other pixels', async () => {
  await page.viewport(1440, 900);
  const ratio = devicePixelRatio;
  const asked = vi.spyOn(globalThis, 'matchMedia');
  onTestFinished(() => {
    asked.mockRestore();
    vi.unstubAllGlobals();
  });
  await show('sampled');
  const canvas = document.querySelector<HTMLCanvasElement>('.map canvas');
  const before = canvas?.width ?? 0;
  expect(before).toBe(Math.round((canvas?.clientWidth ?? 0) * ratio));
  for (const times of [2, 3]) {
    const place = asked.mock.calls.findLastIndex(([query]) => query === `(resolution: ${devicePixelRatio}dppx)`);
    vi.stubGlobal('devicePixelRatio', times * ratio);
    const query: MediaQueryList | undefined = asked.mock.results[place]?.value;
    query?.dispatchEvent(new Event('change'));
    expect(canvas?.width).toBe(times * before);
  }
});

it('copies a link that says which chain a blob is of, where it is not the page’s own', async () => {
  const copied: string[] = [];
  const model = await show('sampled', { copy: async (text) => copied.push(text) > 0 });
  const button = [...document.querySelectorAll<HTMLElement>('.blob button')].find((one) => one.textContent === 'Copy link');
  button?.click();
  const peer = '/ip4/203.0.113.7/tcp/1/p2p/12D';
  model.trusted.value = { chainId: 'other-0badcafe', height: 17, headerHash: 'cd'.repeat(32), peers: [peer] };
  button?.click();
  const blobId = document.querySelector('.blob')?.getAttribute('data-blob');
  const trust = `other-0badcafe:17:${'cd'.repeat(32)}`;
  expect(copied.map((link) => new URL(link).hash)).toEqual([`#${blobId}`, `#${blobId}&trust=${trust}&peer=${peer}`]);
});
