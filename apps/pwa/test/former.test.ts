import { describe, expect, it } from 'vitest';
import { formerIn, isWhole } from '../src/install/former.ts';

const BASE = 'https://page.example/light/';
const DOCUMENT = '<script src="./assets/a-1.js"></script><link rel="stylesheet" href="./assets/b-2.css">';

/** A cache as a service worker laid files down in it. */
function cacheOf(files: Readonly<Record<string, string>>): Cache {
  const at = (path: string): string => new URL(path, BASE).href;
  const plain = (url: string): string => url.split('?')[0] ?? url;
  return {
    keys: async () => Object.keys(files).map((path) => ({ url: at(path) })),
    async match(asked: string | { readonly url: string }, options?: CacheQueryOptions) {
      const url = typeof asked === 'string' ? asked : asked.url;
      const found = Object.entries(files).find(([path]) =>
        options?.ignoreSearch === true ? plain(at(path)) === plain(url) : at(path) === url,
      );
      return found && new Response(found[1]);
    },
  } as unknown as Cache;
}

const wholeness = async (files: Readonly<Record<string, string>>) => isWhole(await formerIn(cacheOf(files), 'new'), BASE);

describe('a former release', () => {
  const PARTS = { 'assets/a-1.js': '', 'assets/b-2.css': '' };

  it('is whole when all that its document names lies on the device', async () => {
    expect(await wholeness({ 'index.html?__WB_REVISION__=old': DOCUMENT, ...PARTS })).toBe(true);
  });

  it('is told from this one, which comes while it is looked at', async () => {
    const files = {
      'index.html?__WB_REVISION__=new': '<script src="./assets/c-3.js"></script>',
      'index.html?__WB_REVISION__=old': DOCUMENT,
      ...PARTS,
    };
    expect(await wholeness(files)).toBe(true);
    expect(await wholeness({ ...files, 'index.html?__WB_REVISION__=old': '<script src="./assets/d-4.js"></script>' })).toBe(
      false,
    );
  });

  it.each([
    ['nothing is', {}],
    ['its document is not', PARTS],
    ['a part is not', { 'index.html?__WB_REVISION__=old': DOCUMENT, 'assets/a-1.js': '' }],
    ['its document is of something else', { 'index.html?__WB_REVISION__=old': '<title>Sign in</title>', ...PARTS }],
    ['its document is without end', { 'index.html?__WB_REVISION__=old': DOCUMENT + ' '.repeat(70_000), ...PARTS }],
  ])('is not whole when %s here', async (_, files) => {
    expect(await wholeness(files as Readonly<Record<string, string>>)).toBe(false);
  });
});
