// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { at } from './paths.mjs';

/** The document, its style sheets and scripts, and what these import statically; hints to preload hold no paint up. @param {string} page */
export function paintedBy(page) {
  const files = new Set([page]);
  for (const file of files) {
    const text = readFileSync(at(file), 'utf8');
    const links = file.endsWith('.html')
      ? text.matchAll(/<(?:script[^>]*\ssrc|link[^>]*\srel="stylesheet"[^>]*\shref)="([^"]+)"/g)
      : file.endsWith('.js')
        ? text.matchAll(/(?:^|[;}\s])(?:import|export)(?:[\w$*{}\s,]*?from)?\s*["'](\.[^"']+)["']/g)
        : [];
    for (const [, link = ''] of links) {
      const target = link.startsWith('/') ? posix.join(posix.dirname(page), link) : posix.join(posix.dirname(file), link);
      if (existsSync(at(target))) files.add(target);
    }
  }
  return [...files];
}
