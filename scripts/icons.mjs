// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { CHROMIUM_FLAGS, findChromium } from './chromium.mjs';
import { at } from './lib/paths.mjs';
import { main, UserError } from './lib/step.mjs';

/** Share of a maskable icon's side that every mask leaves. */
const SAFE_SHARE = 0.8;

const ICONS = [
  { file: 'public/icon-192.png', side: 192 },
  { file: 'public/icon-512.png', side: 512 },
  { file: 'public/icon-maskable-512.png', side: 512, isMaskable: true },
  { file: 'public/apple-touch-icon.png', side: 180, isMaskable: true },
  { file: 'apps/extension/icons/icon-48.png', side: 48 },
  { file: 'apps/extension/icons/icon-128.png', side: 128 },
];

/** Draws the icons of the page and of the extension from `public/icon.svg`. What it makes is committed, for a build needs no browser. */
await main(async () => {
  const found = findChromium();
  if (!('path' in found)) throw new UserError(found.reason);
  const browser = await chromium.launch({ executablePath: found.path, args: CHROMIUM_FLAGS });
  try {
    const svg = readFileSync(at('public/icon.svg'), 'utf8');
    const ground = /<rect[^>]*fill="([^"]+)"/.exec(svg)?.[1] ?? 'none';
    for (const { file, side, isMaskable = false } of ICONS) {
      const page = await browser.newPage({ viewport: { width: side, height: side } });
      const share = isMaskable ? SAFE_SHARE : 1;
      const style = `margin:0;display:grid;place-items:center;height:100vh;background:${isMaskable ? ground : 'transparent'}`;
      await page.setContent(`<body style="${style}"><div style="width:${side * share}px">${svg}</div></body>`);
      writeFileSync(at(file), await page.screenshot({ omitBackground: true }));
      await page.close();
    }
  } finally {
    await browser.close();
  }
});
