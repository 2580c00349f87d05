// @ts-check
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const INSTALL_MS = 300_000;

/** Places where installers put a browser that is not on PATH. */
const USUAL = {
  linux: ['/usr/bin/chromium', '/usr/lib/chromium/chromium', '/opt/google/chrome/chrome', '/snap/bin/chromium'],
  darwin: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'],
  win32: ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].flatMap((name) =>
    process.env[name] === undefined ? [] : [join(process.env[name], 'Google', 'Chrome', 'Application', 'chrome.exe')],
  ),
};

/**
 * Flags for a fresh profile that asks nothing of the network. The sandbox needs a kernel feature that containers often lack, and refuses root.
 * mDNS names for WebRTC's own addresses are off because they are multicast, and nothing may leave the machine in a test.
 * The popup of the address bar is a page of its own, which each window loads unseen: a fifth of the processor time of a visit. Nor is a process kept ready for a next page.
 */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  `--disable-features=${[
    ...['WebRtcHideLocalIpsWithMdns', 'OptimizationHints', 'MediaRouter', 'SpareRendererForSitePerProcess'],
    ...['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'],
  ].join()}`,
];

/**
 * A Chromium or Chrome that is here already.
 *
 * @returns {{ path: string } | { reason: string }}
 */
export function findChromium() {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen !== undefined && chosen !== '') {
    return executable(chosen) ? { path: chosen } : { reason: `CHROMIUM_PATH is ${chosen}, which cannot be run` };
  }
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name + suffix)));
  const usual = /** @type {Record<string, string[]>} */ (USUAL)[process.platform] ?? [];
  const path = [...onPath, ...usual].find(executable);
  return path === undefined ? { reason: 'no Chromium or Chrome is installed; set CHROMIUM_PATH, or install chromium' } : { path };
}

/**
 * A Chromium that is here, or that Debian's package manager brings when we are root.
 *
 * @returns {{ path: string } | { reason: string }}
 */
export function ensureChromium() {
  const found = findChromium();
  if ('path' in found || process.env.CHROMIUM_PATH) return found;
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return found;
  console.log('· installing Chromium for the browser tests: apt-get install -y chromium (5 minutes at most)');
  const start = Date.now();
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const { status, stderr, error } = spawnSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      timeout: Math.max(1, INSTALL_MS - (Date.now() - start)),
    });
    if (status !== 0) {
      const why = error === undefined ? (stderr.trim().split('\n').at(-1) ?? '') : 'it took more than 5 minutes';
      return { reason: `no Chromium is installed, and apt-get ${args[0]} failed: ${why}` };
    }
  }
  return findChromium();
}

/**
 * Why WebRTC cannot connect here, if it cannot: Chromium gathers addresses only from an interface that has the default route.
 *
 * @returns {string | undefined}
 */
export function webrtcObstacle() {
  const outside = Object.values(networkInterfaces()).some((addresses) => addresses?.some((address) => !address.internal));
  if (!outside) return 'the machine has no network interface besides loopback, so WebRTC finds no address';
  if (process.platform === 'linux' && !hasDefaultRoute()) return 'the machine has no default route, so WebRTC finds no address';
  return undefined;
}

function hasDefaultRoute() {
  const table = (/** @type {string} */ file) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);
  // Columns: interface, destination, ...; the default route has destination 0 and, in IPv6, prefix length 0.
  const ipv4 = table('/proc/net/route').some((line) => line.split('\t')[1] === '00000000');
  const ipv6 = table('/proc/net/ipv6_route').some((line) => /^0{32} 00 /.test(line) && !line.trim().endsWith(' lo'));
  return ipv4 || ipv6;
}

/** @param {string} path */
function executable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
