import { concat, utf8 } from '@perigee/wire';
import { appOf, eventsOf, registersOf } from './mint/events.ts';

/** Inputs made to be slow, as long as the bounds allow. @param share of the bound, from 0 to 1 @param run names differ between runs, so that no parser knows them */
export type Hostile = (share: number, run?: number) => Uint8Array;

const KIB = 1024;
const many = (count: number, one: (i: number) => string, between = '') =>
  Array.from({ length: Math.floor(count) }, (_, i) => one(i)).join(between);
const text =
  (make: (share: number, run: number) => string): Hostile =>
  (share, run = 0) =>
    utf8(make(share, run));
/** Repeated up to so many bytes. */
const filled = (bytes: number, one: string) => one.repeat(Math.floor(bytes / one.length));

/** JSON of collateral. */
export const JSON_DOCUMENTS: Readonly<Record<string, Hostile>> = {
  'names in one object': text((s, run) => `{${many(16_000 * s, (i) => `"n${run}x${i}":1`, ',')}}`),
  'names in objects': text(
    (s, run) => `{"a":[${many(125 * s, (j) => `{${many(63, (i) => `"n${run}x${j}x${i}":1`, ',')}}`, ',')}]}`,
  ),
  'empty objects': text((s) => `{"a":[${many(10_900 * s, () => '{}', ',')}]}`),
  'nested lists': text((s) => `{"a":[${many(1_500 * s, () => '[[[[[[[[[[]]]]]]]]]]', ',')}]}`),
  numbers: text((s) => `{"a":[${many(16_000 * s, (i) => `${i}.5e10`, ',')}]}`),
  'a string of escapes': text((s) => `{"a":"${filled(250 * KIB * s, '\\u00e9')}"}`),
  'a string of quotes': text((s) => `{"a":"${filled(250 * KIB * s, '\\"')}"}`),
  'a string of backslashes': text((s) => `{"a":"${filled(250 * KIB * s, '\\\\')}"}`),
  spaces: text((s) => `{"a":${' '.repeat(250 * KIB * s)}1}`),
  'long names': text((s) => `{${many(60, (i) => `"${filled(4 * KIB * s, 'n')}${i}":1`, ',')}}`),
  'no end': text((s) => filled(250 * KIB * s, '{"a":')),
  'other letters': text((s) => `{"a":"${filled(120 * KIB * s, 'é')}"}`),
};

/** Files that a person hands over. */
export const FILES: Readonly<Record<string, Hostile>> = {
  'a nested log': text((s) => `{"quote":"00","event_log":${'['.repeat(500 * KIB * s)}${']'.repeat(500 * KIB * s)}}`),
  'a wide log': text((s) => `{"quote":"00","event_log":[${filled(1_000 * KIB * s, '0,')}0]}`),
  'nested tcb_info': text((s) => `{"quote":"00","event_log":"[]","tcb_info":"${'['.repeat(1_000 * KIB * s)}"}`),
  'a long string': text((s) => `{"quote":"${'0'.repeat(1_000 * KIB * s)}"}`),
  'a long string in base64': text(
    (s) => `{"format":"perigee-evidence","version":1,"evidence":"${filled(1_000 * KIB * s, 'AbC/')}"}`,
  ),
  'a long string of escapes': text((s) => `{"quote":"00","event_log":"${filled(1_000 * KIB * s, '\\u00e9')}"}`),
  'other letters': text((s) => `{"quote":"00","event_log":"${filled(330 * KIB * s, '€')}"}`),
  spaces: text((s) => `{"quote":"00"${' '.repeat(1_000 * KIB * s)}}`),
  'names without end': text((s) => `{${many(80 * KIB * s, (i) => `"n${i}":1`, ',')}}`),
  hexadecimal: text((s) => 'aF'.repeat(128 * KIB * s)),
  'short lines': text((s) => 'aF\n'.repeat(85 * KIB * s)),
  base64: text((s) => filled(256 * KIB * s, 'AbC/')),
};

/** Event logs. */
export const LOGS: Readonly<Record<string, Hostile>> = {
  events: text((s) =>
    JSON.stringify(
      Array.from({ length: 256 * s }, () => ({ imr: 0, event_type: 1, digest: '00'.repeat(48), event: '', event_payload: '' })),
    ),
  ),
  payloads: text((s) =>
    JSON.stringify(
      Array.from({ length: 7 * s }, () => ({
        imr: 0,
        event_type: 1,
        digest: '00'.repeat(48),
        event: '',
        event_payload: '00'.repeat(16 * KIB),
      })),
    ),
  ),
  'nested lists': text((s) => `${'['.repeat(128 * KIB * s)}${']'.repeat(128 * KIB * s)}`),
  'names in one event': text((s) => `[{${many(16_000 * s, (i) => `"n${i}":1`, ',')}}]`),
};

/** Compositions of containers. */
export const COMPOSITIONS: Readonly<Record<string, (share: number) => string>> = {
  'a list in brackets': (s) => `services:\n  a:\n    image: x\n    command: [${filled(240 * KIB * s, 'a,')}a]\n`,
  'lists in brackets': (s) => `services:\n  a:\n    image: x\n${many(118 * s, (i) => `    x${i}: [${filled(2_000, 'a,')}a]\n`)}`,
  'a quoted list': (s) => `services:\n  a:\n    image: x\n    command: [${filled(240 * KIB * s, "'',")}'']\n`,
  'a list': (s) => `services:\n  a:\n    image: x\n    command:\n${filled(Math.min(240 * KIB, 2_040 * 10) * s, '     - a\n')}`,
  members: (s) => `services:\n  a:\n    image: x\n${many(2_040 * s, (i) => `    n${i}: a\n`)}`,
  mounts: (s) => `services:\n  a:\n    image: x\n    volumes:\n${many(2_040 * s, (i) => `    - /a${i}:/b/c/d\n`)}`,
  'long mounts': (s) =>
    `services:\n  a:\n    image: x\n    volumes:\n${many(60 * s, () => `    - ${filled(2_000, '/a')}:${filled(2_000, '/b')}\n`)}`,
  'a long key': (s) => `${filled(240 * KIB * s, 'a')}`,
  'spaces behind a key': (s) => `a${' '.repeat(240 * KIB * s)}b`,
  spaces: (s) => `a: ${' '.repeat(240 * KIB * s)}b`,
  'empty lines': (s) => `services:\n${'\n'.repeat(2_000 * s)}`,
  'more lines than may be': (s) => '\n'.repeat(240 * KIB * s),
  comments: (s) => `services:\n${filled(2_000 * 28 * s, '   # 0123456789 0123456789\n')}`,
  'a block of text': (s) =>
    `services:\n  a:\n    image: x\n    command: |\n${filled(2_000 * 28 * s, '      0123456789 0123456789\n')}`,
  'a quoted value': (s) => `a: "${filled(240 * KIB * s, '\\/')}"`,
  'items in items': (s) => `services:\n${filled(290 * 28 * s, '- - - - - - - - - - - - - a\n')}`,
};

const RIM = 'http://standards.iso.org/iso/19770/-2/2015/schema.xsd';

/** Reference values. */
export const XML_DOCUMENTS: Readonly<Record<string, Hostile>> = {
  elements: text((s) => `<a>${filled(125 * KIB * s, '<b/>')}</a>`),
  'elements and text': text((s) => `<a>${many(1_000 * s, () => '<b>0</b>0')}</a>`),
  attributes: text((s) => `<a>${many(130 * s, () => `<b ${many(30, (i) => `a${i}=""`, ' ')}/>`)}</a>`),
  'attributes of one element': text((s) => `<a ${many(10_000 * s, (i) => `a${i}=""`, ' ')}/>`),
  namespaces: text((s) => `<a>${many(200 * s, (j) => `<b ${many(60, (i) => `xmlns:a${i}="u${j}"`, ' ')}/>`)}</a>`),
  'namespaces in scope': text((s) => {
    const opened = many(10, (j) => `<b ${many(3, (i) => `xmlns:a${j}x${i}="u"`, ' ')}>`);
    return `${opened}${many(900 * s, (i) => `<c d="${i}"/>`)}${'</b>'.repeat(10)}`;
  }),
  entities: text((s) => `<a>${filled(125 * KIB * s, '&lt;')}</a>`),
  'an entity that is none': text((s) => `<a>${filled(125 * KIB * s, '&')}</a>`),
  'a long text': text((s) => `<a>${filled(125 * KIB * s, 'a')}</a>`),
  brackets: text((s) => `<a>${filled(125 * KIB * s, ']]')}</a>`),
  'a long name': text((s) => `<a${filled(125 * KIB * s, 'a:')}/>`),
  'a long value': text((s) => `<a b="${filled(125 * KIB * s, '&quot;')}"/>`),
  spaces: text((s) => `<a${' '.repeat(125 * KIB * s)}/>`),
  resources: text(
    (s) =>
      `<S xmlns="${RIM}">${many(1_000 * s, (i) => `<Resource active="True" index="${i}" name="Measurement_${i}" size="48" type="Measurement" alternatives="1" Hash0="${'00'.repeat(48)}"/>`)}</S>`,
  ),
};

/** The app whose composition it is, its log and registers. */
export function guestOf(composition: string) {
  const app = appOf({ docker_compose_file: composition });
  const events = eventsOf(app);
  return { appCompose: app, log: utf8(JSON.stringify(events)), registers: registersOf(events) };
}

function der(tag: number, value: Uint8Array): Uint8Array {
  const { length } = value;
  const long = length > 0xffff ? [0x83, length >> 16, (length >> 8) & 255, length & 255] : [0x82, length >> 8, length & 255];
  return concat(Uint8Array.of(tag, ...(length < 256 ? [0x81, length] : long)), value);
}

/** Revocation lists, and certificates. */
export const DER_DOCUMENTS: Readonly<Record<string, Hostile>> = {
  'elements of a list': (s) => {
    const elements = new Uint8Array(2 * Math.floor(32_000 * s)).map((_, i) => (i % 2 === 0 ? 5 : 0));
    return der(0x30, concat(der(0x30, elements), Uint8Array.of(0x30, 0, 3, 2, 0, 0)));
  },
  'elements of the document': (s) =>
    der(
      0x30,
      new Uint8Array(2 * Math.floor(60_000 * s)).map((_, i) => (i % 2 === 0 ? 5 : 0)),
    ),
};
