import { MAX_CERTIFICATE_EXTENSIONS } from '@perigee/wire';
import { malformed, refuse } from './code.ts';
import { badDer, type Der, sequence, TAG } from './der.ts';
import { booleanOf, octetsOf, oidOf } from './der-values.ts';

/** Contents of extensions by object identifier. */
export type Extensions = ReadonlyMap<string, Uint8Array>;

/**
 * @param list sequence of extensions (RFC 5280 §4.1.2.9)
 * @param understood object identifiers that the caller acts on
 * @throws ATTESTATION (CRITICAL_EXTENSION) for a critical one that is not understood: it says that the rest must not be taken without it
 */
export function extensionsOf(list: Der | undefined, understood: ReadonlySet<string>): Extensions {
  const found = new Map<string, Uint8Array>();
  const all = sequence(list);
  if (all.length === 0 || all.length > MAX_CERTIFICATE_EXTENSIONS) throw malformed('CERTIFICATE', 'a list of extensions');
  for (const one of all) {
    const [id, ...rest] = sequence(one);
    const name = oidOf(id);
    const isCritical = rest[0]?.tag === TAG.boolean;
    if (isCritical && !booleanOf(rest[0])) throw badDer('a default');
    const [value, ...more] = isCritical ? rest.slice(1) : rest;
    if (more.length > 0 || found.has(name)) throw malformed('CERTIFICATE', `extension ${name}`);
    if (isCritical && !understood.has(name)) throw refuse('CRITICAL_EXTENSION', `critical extension ${name} is not understood`);
    found.set(name, octetsOf(value));
  }
  return found;
}
