import { expect, test } from 'vitest';
import { chromiumObstacle, launchChromium } from './index.ts';

test('a launched Chromium has an empty profile and shows a page', async (context) => {
  const obstacle = chromiumObstacle();
  if (obstacle !== undefined) context.skip(obstacle);
  const browser = await launchChromium();
  try {
    const page = await browser.context.newPage();
    await page.setContent('<title>here</title>');
    expect(await page.title()).toBe('here');
    expect(await browser.context.cookies()).toEqual([]);
  } finally {
    await browser.close();
  }
});
