import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ChainView } from '@perigee/light-core/da';
import { formatEthereumAddress } from '@perigee/light-core/signature';
import { createLightNode, type LightNode } from '@perigee/sampler';
import { fromHex, toHex } from '@perigee/wire';
import { expect, type Page, test } from '@playwright/test';
import { build } from 'rolldown';
import { at } from '../../scripts/lib/paths.mjs';
import { chromiumObstacle, type Network, startNetwork } from '../kit/index.ts';
import { collectComplaints, drop, openView } from './page.ts';
import type { ShownData, TestWallet } from './wallet-in-page.ts';

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');

/** Of what the wallet's account gets of the faucet: 0.000001 tokens. */
const AMOUNT = '0.00000025';

let network: Network;
let walletScript: string;
/** Says what the chain holds, apart from the page. */
let node: LightNode;

test.beforeAll(async () => {
  network = await startNetwork({ providers: 0, nodes: 2 });
  const { output } = await build({
    input: at('tests/e2e/wallet-in-page.ts'),
    write: false,
    platform: 'browser',
    output: { format: 'iife' },
  });
  walletScript = output[0].code;
  node = createLightNode({ trustRoot: readFileSync(network.chain, 'utf8'), follow: false, workers: 1 });
  await node.start();
});
test.afterAll(async () => {
  await node?.stop();
  await network?.stop();
});

type Answering<T> = (wallet: TestWallet) => T;

/** Speaks to the wallet in the page. */
function inWallet<T>(page: Page, work: Answering<T>): Promise<T> {
  return page.evaluate(`(${work.toString()})(globalThis.testWallet)`) as Promise<T>;
}

function button(page: Page, name: string) {
  return page.locator('.wallet').getByRole('button', { name, exact: true });
}

async function done(page: Page, kind: string): Promise<void> {
  await expect(page.locator(`[data-done="${kind}"]`)).toBeVisible({ timeout: 60_000 });
}

/** Opens the page with a wallet beside it, and connects it. @returns its address */
async function connect(page: Page): Promise<string> {
  await page.addInitScript(walletScript);
  await page.goto(network.url);
  await openView(page, 'Settings');
  await button(page, 'Connect Test wallet').click();
  const address = await inWallet(page, (wallet) => wallet.address);
  await expect(page.locator('[data-wallet-address]')).toHaveAttribute('data-wallet-address', address.toLowerCase());
  return address;
}

async function connectAndFund(page: Page): Promise<string> {
  const address = await connect(page);
  await button(page, 'Ask the faucet').click();
  await done(page, 'fund');
  return address;
}

async function prepareTransfer(page: Page, to: string): Promise<void> {
  await page.getByLabel('Recipient').fill(to);
  await page.getByLabel('Amount, tokens').fill(AMOUNT);
  await page.locator('.transfer').getByRole('button').click();
  await expect(page.locator('.review')).toBeVisible();
}

/** Name and value of every row that is shown of what is to be signed. */
function reviewed(page: Page): Promise<string[][]> {
  return page
    .locator('.review > dl .fact')
    .evaluateAll((rows) =>
      rows.map((row) => [row.querySelector('dt')?.textContent ?? '', row.querySelector('dd')?.textContent ?? '']),
    );
}

/** The same of what the wallet was shown, without structs: as a wallet lists it. */
function listed({ types, primaryType, message }: ShownData): string[][] {
  const rows = (struct: string, value: Record<string, unknown>): string[][] =>
    (types[struct] ?? []).flatMap(({ name, type }) => {
      const field = value[name];
      return typeof field === 'string'
        ? [[name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`), field]]
        : rows(type, field as Record<string, unknown>);
    });
  return rows(primaryType, message);
}

const account = (address: string) => new ChainView(node.chain).account(fromHex(address, 20));

test('a wallet signs amount, recipient, fee and network in words, and the chain recovers the sender', async ({ page }) => {
  const complaints = collectComplaints(page);
  const address = await connectAndFund(page);
  await expect(page.locator('.wallet')).toContainText('0.000001 tokens');
  const to = formatEthereumAddress(randomBytes(20));
  await prepareTransfer(page, to);
  expect(await inWallet(page, (wallet) => wallet.shown.length)).toBe(0); // words come before the wallet opens
  const words = await reviewed(page);
  await page.screenshot({ path: test.info().outputPath('review.png'), fullPage: true });
  await button(page, 'Open the wallet and sign').click();
  await done(page, 'transfer');
  await expect(page.locator('[data-done="transfer"]')).toContainText('both are proved by the headers');

  const [shown, ...more] = await inWallet(page, (wallet) => wallet.shown);
  if (shown === undefined) throw new Error('the wallet was shown nothing');
  expect(more).toEqual([]);
  expect(words).toEqual(listed(shown));
  const { chainId } = JSON.parse(readFileSync(network.chain, 'utf8')) as { chainId: string };
  expect(shown.message).toMatchObject({
    network: chainId,
    account: address.toLowerCase(),
    feeAtMost: '0.00000000001 tokens',
    action1: { action: 'Send tokens', amount: `${AMOUNT} tokens`, recipient: to.toLowerCase() },
  });
  expect(shown.domain).not.toHaveProperty('chainId'); // the wallet may be on any network

  const height = Number(await page.locator('[data-done="transfer"]').getAttribute('data-height'));
  await expect.poll(() => node.state.head?.height ?? 0).toBeGreaterThan(height);
  const sender = await account(address);
  const recipient = await account(to);
  expect(recipient?.balance).toBe(250_000_000_000n);
  expect(sender?.nonces).toEqual([{ lane: 0, next: 1 }]); // the sender that the chain recovered
  const paid = 1_000_000_000_000n - 250_000_000_000n - (sender?.balance ?? 0n);
  expect(paid > 0n && paid <= 10_000_000n).toBe(true);
  expect(complaints).toEqual([]);
});

test('a wallet that declines, signs as somebody else, keeps silent or goes away is told apart, and nothing is sent', async ({
  page,
}) => {
  const address = await connectAndFund(page);
  const said = page.locator('.wallet-progress');
  await prepareTransfer(page, formatEthereumAddress(randomBytes(20)));

  await inWallet(page, (wallet) => {
    wallet.mood = 'decline';
  });
  await button(page, 'Open the wallet and sign').click();
  await expect(said).toContainText('You declined it in the wallet');

  await inWallet(page, (wallet) => {
    wallet.mood = 'otherAccount';
  });
  await button(page, 'Open the wallet and sign').click();
  await expect(said).toContainText('The wallet is at another account now');

  await inWallet(page, (wallet) => {
    wallet.mood = 'silent';
  });
  await button(page, 'Open the wallet and sign').click();
  await expect(said).toContainText('Waiting for the wallet');
  await button(page, 'Cancel').click();
  await expect(page.locator('.review')).toHaveCount(0);

  await prepareTransfer(page, formatEthereumAddress(randomBytes(20)));
  await inWallet(page, (wallet) => wallet.lock());
  await expect(said).toContainText('The wallet is gone');
  await expect(button(page, 'Connect Test wallet')).toBeVisible();

  expect((await account(address))?.nonces).toEqual([]);
});

test('a wallet lets this browser publish for it, within bounds, and ends that', async ({ page }) => {
  const address = await connectAndFund(page);
  const publisherOf = async (content: Buffer): Promise<string> => {
    await drop(page, `${content.length}.bin`, content);
    const task = page.locator('[data-task="publish"]').first();
    await expect(task).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
    const link = (await task.getByRole('link').getAttribute('href')) ?? '';
    // the node of this test may see the block later than the page
    let publisher: Uint8Array | undefined;
    await expect(async () => {
      publisher = (await new ChainView(node.chain).record(fromHex(link.split('#')[1] ?? '')))?.publisher;
      expect(publisher).toBeDefined();
    }).toPass({ timeout: 60_000 });
    return toHex(publisher ?? new Uint8Array(0));
  };
  const account = address.slice(2).toLowerCase();

  await page.locator('.grant').getByRole('button').click();
  await expect(page.locator('.review')).toContainText('certify');
  await button(page, 'Open the wallet and sign').click();
  await done(page, 'grant');
  const session = page.locator('[data-session]');
  await expect(session).toHaveAttribute('data-ours', 'true');
  await expect(session).toContainText(
    'may: publish, pay for the storage of files, write to streams, prepay for answers of models; may still spend 0.0000005 tokens',
  );
  expect(await publisherOf(randomBytes(3_000))).toBe(account);
  await expect(page.locator('.account')).toContainText('your wallet’s');
  await openView(page, 'Settings');
  await expect(session).not.toContainText('may still spend 0.0000005 tokens'); // what was spent is taken off

  await openView(page, 'Blobs');
  await page.reload(); // it is known again, without the wallet
  await expect(page.locator('.account')).toContainText('your wallet’s');
  expect(await publisherOf(randomBytes(4_000))).toBe(account);
  await openView(page, 'KV');
  await page.getByRole('button', { name: 'New stream' }).click();
  const form = page.locator('.streams-write');
  await form.getByLabel('Key').fill('greeting');
  await form.getByLabel('Value').fill('hello');
  await form.getByRole('button').click();
  await expect(form).toContainText('for your wallet', { timeout: 60_000 });
  const written = page.locator('.streams-list [data-key="greeting"] .streams-facts');
  await expect(written).toHaveAttribute('title', `0x${account}`);
  expect(await inWallet(page, (wallet) => wallet.asked)).toEqual([]);

  await openView(page, 'Settings');
  await button(page, 'Connect Test wallet').click();
  await session.getByRole('button').click();
  await button(page, 'Open the wallet and sign').click();
  await done(page, 'revoke');
  await expect(session).toHaveCount(0);
  expect(await publisherOf(randomBytes(5_000))).not.toBe(account); // by the account of this browser, that the faucet pays
});

test('without a wallet the page says what is missing', async ({ page }) => {
  await page.goto(network.url);
  await openView(page, 'Settings');
  await expect(page.locator('.wallet')).toContainText('No wallet has announced itself to this page.');
});
