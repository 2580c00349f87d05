import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { cryptoRandomBytes } from '@perigee/net';
import { keyText, PerigeeError } from '@perigee/wire';
import { defineCommand } from '../cli/command.ts';
import type { Output } from '../cli/output.ts';
import { readFileOf, writeNamedFile } from '../files.ts';
import { type KeyView, keyPath, keyView, listKeys, viewKey } from '../keyring.ts';
import { formatSecretKey, parseSecretKey, readSecretKey, SECRET_BYTES, type SecretKey, writeNewKey } from '../keys.ts';
import { LIGHT_HOME } from '../trust.ts';

/** Longest text that is read from standard input as a key, bytes. */
const MAX_KEY_TEXT = 4_096;

export const keys = defineCommand({
  name: 'keys',
  usage: 'new|show|import|export NAME, or list',
  summary: 'make, list, take in and hand out the keys of accounts',
  options: {
    scheme: {
      kind: 'text',
      oneOf: ['ed25519', 'secp256k1'],
      help: 'kind of a new key: ed25519 (default), or secp256k1, whose account is its Ethereum address',
    },
    from: { kind: 'text', value: 'FILE', help: 'import: file that holds the key in hexadecimal, - for standard input' },
    output: { kind: 'text', value: 'FILE', short: 'o', help: 'export: file that the key is written to, - for standard output' },
  },
  defaultHome: LIGHT_HOME,
  async run({ options, positionals }, { output, home = LIGHT_HOME }) {
    const [verb, name, ...rest] = positionals;
    const scheme = options.scheme === 'secp256k1' ? 'secp256k1' : 'ed25519';
    if (verb === 'list' && name === undefined) return showAll(output, await listKeys(home), home);
    if (name === undefined || rest.length > 0) throw usage();
    switch (verb) {
      case 'new':
        return showOne(output, await take(home, name, { scheme, secret: cryptoRandomBytes(SECRET_BYTES) }));
      case 'show':
        return showOne(output, await viewKey(home, name));
      case 'import': {
        if (options.from === undefined) throw wrong('name the file of the key: perigee keys import NAME --from FILE');
        const key = await readGiven(options.from);
        return showOne(output, await take(home, name, options.scheme === undefined ? key : { ...key, scheme }));
      }
      case 'export':
        if (options.output === undefined)
          throw wrong('name a file for the key: perigee keys export NAME -o FILE, - for standard output');
        return hand(output, await readSecretKey(keyPath(home, name)), name, options.output);
      default:
        throw usage();
    }
  },
});

/** @throws INVALID_ARGUMENT when the name is taken, or the secret is none of its scheme */
async function take(home: string, name: string, key: SecretKey): Promise<KeyView> {
  const path = keyPath(home, name);
  const view = viewOf(name, path, key);
  if (!(await writeNewKey(path, key))) {
    throw wrong(`there is a key "${name}" already, in ${path}: choose another name; keys are never written over`);
  }
  return view;
}

function viewOf(name: string, path: string, key: SecretKey): KeyView {
  try {
    return keyView(name, path, key);
  } catch (cause) {
    throw new PerigeeError('INVALID_ARGUMENT', `this is no key of ${key.scheme}: ${PerigeeError.from(cause).message}`, { cause });
  }
}

/** @throws NOT_FOUND, INVALID_ARGUMENT */
async function readGiven(from: string): Promise<SecretKey> {
  const text = from === '-' ? await readStandardInput() : (await readFileOf(from, 'the key to import')).toString('utf8');
  try {
    return parseSecretKey(text);
  } catch (cause) {
    // what was read is not repeated: it may be most of a key
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `${from === '-' ? 'standard input' : from} does not hold a key of ${2 * SECRET_BYTES} hexadecimal digits`,
      {
        cause,
      },
    );
  }
}

/** No more than a key can have. */
async function readStandardInput(): Promise<string> {
  let text = '';
  for await (const part of process.stdin.setEncoding('utf8')) {
    text += part;
    if (text.length > MAX_KEY_TEXT) break;
  }
  return text;
}

/** @throws INVALID_ARGUMENT when there is something at the path */
async function hand(output: Output, key: SecretKey, name: string, target: string): Promise<void> {
  if (target === '-') {
    if (output.json) throw wrong('--json and a key cannot both go to standard output: name a file');
    output.result({}, [formatSecretKey(key).trim()]);
    return;
  }
  const path = resolve(target);
  if (existsSync(path)) throw wrong(`${path} exists: name another file`);
  await writeNamedFile(path, formatSecretKey(key));
  output.result({ name, path }, [`${name} is in ${path}: whoever reads the file can spend what the account has`]);
}

function showOne(output: Output, view: KeyView): void {
  output.result(view, [
    `name     ${view.name}`,
    `account  ${keyText(view.address)}`,
    `scheme   ${view.scheme}`,
    `key      ${keyText(view.publicKey)}`,
    `file     ${view.path}: it is the key, not encrypted; keep a copy where only you can read it`,
  ]);
}

function showAll(output: Output, views: readonly KeyView[], home: string): void {
  const lines = views.map(
    ({ name, address, scheme, publicKey }) =>
      `${keyText(address)}  ${scheme.padEnd(9)}  ${keyText(publicKey).padEnd(68)}  ${name}`,
  );
  output.result({ keys: views }, lines.length > 0 ? lines : [`there is no key in ${home}: perigee keys new NAME makes one`]);
}

function usage(): PerigeeError {
  return wrong('say what to do with which key: perigee keys new|show|import|export NAME, or perigee keys list');
}

function wrong(words: string): PerigeeError {
  return new PerigeeError('INVALID_ARGUMENT', words);
}
