import { encodeStreamData, KV_RESULT, LATEST_VERSION } from '@perigee/light-core/kv';
import { tokensInWords } from '@perigee/light-core/tx';
import { MAX_KV_VALUE_BYTES, MAX_RANGE_KEYS, PerigeeError, PROOF_WINDOW_HEIGHTS, SubmitResults } from '@perigee/wire';
import type { OptionSpecs, Options } from '../cli/args.ts';
import { type CommandContext, defineCommand } from '../cli/command.ts';
import { readFileOf } from '../files.ts';
import { accountKey, KEY_OPTION } from '../keyring.ts';
import { withLightNode } from '../light.ts';
import { printChanges, printRange, printValue } from '../streams/read.ts';
import { bytesOf, readKey, readStream, wrong } from '../streams/words.ts';
import { LIGHT_HOME, readTrust, TRUST_OPTIONS } from '../trust.ts';
import { txAccount } from '../tx/account.ts';
import { composeFunded } from '../tx/compose-funded.ts';
import { confirm } from '../tx/confirm.ts';
import { sendTx } from '../tx/send.ts';
import { draftInWords } from '../tx/words.ts';

/** Blocks in which a write may be included. */
const WITHIN_BLOCKS = 100;

const MAX_PRINTED = 1_000_000;

const OPTIONS = {
  ...TRUST_OPTIONS,
  within: {
    kind: 'number',
    value: 'SECONDS',
    range: [0, 1e9],
    help: 'get: be content with what was proved so long ago (default: the latest)',
  },
  cached: { kind: 'flag', help: 'get: be content with what this device has, however old' },
  height: {
    kind: 'integer',
    range: [2, Number.MAX_SAFE_INTEGER],
    help: `get: the value as it was under this header, one of the last ${PROOF_WINDOW_HEIGHTS.toLocaleString('en')}`,
  },
  prefix: { kind: 'flag', help: 'watch: KEY is what keys begin with, as it is for range' },
  from: { kind: 'text', value: 'KEY', help: 'range: begin with this key' },
  below: { kind: 'text', value: 'KEY', help: 'range: end before this key' },
  reverse: { kind: 'flag', help: 'range: from the upper end down' },
  limit: { kind: 'integer', range: [1, MAX_PRINTED], help: `range: entries at most (default ${MAX_RANGE_KEYS})` },
  count: { kind: 'integer', range: [1, MAX_PRINTED], help: 'watch: end after so many changes (default: go on until stopped)' },
  key: { ...KEY_OPTION, help: `set: ${KEY_OPTION.help}` },
  file: { kind: 'text', value: 'FILE', help: 'set: take the value from a file' },
  version: {
    kind: 'integer',
    range: [0, Number.MAX_SAFE_INTEGER],
    help: 'set: only if the key was last written by this number or an earlier one',
  },
  yes: { kind: 'flag', short: 'y', help: 'set: send it without asking' },
} as const satisfies OptionSpecs;

type Context = Pick<CommandContext, 'output' | 'signal'> & { readonly home: string };

const FORMS = ['get STREAM KEY', 'set STREAM KEY VALUE', 'watch STREAM [KEY]', 'range STREAM [KEY]'];

export const kv = defineCommand({
  name: 'kv',
  usage: 'get|set|watch|range STREAM …',
  forms: FORMS,
  summary:
    'read values of a key-value stream with their proofs, follow them, or write one (STREAM: 64 hexadecimal digits; the first to write to it owns it)',
  options: OPTIONS,
  defaultHome: LIGHT_HOME,
  async run({ options, positionals }, { output, signal, home = LIGHT_HOME }) {
    const [verb = '', named, key, ...rest] = positionals;
    const isKnown = ['get', 'set', 'watch', 'range'].includes(verb);
    const needsKey = verb === 'get' || verb === 'set';
    if (!isKnown || named === undefined || (needsKey && key === undefined) || rest.length > (verb === 'set' ? 1 : 0)) {
      throw wrong(`say it as one of: ${FORMS.map((form) => `perigee kv ${form}`).join(', ')}`);
    }
    const stream = readStream(named);
    if (verb === 'set') {
      const value = await readValue(rest[0], options.file);
      await setValue({ stream, key: readKey(key ?? '') }, value, options, { output, signal, home });
      return;
    }
    const { within, cached, height, prefix, from, below, reverse, limit = MAX_RANGE_KEYS, count = MAX_PRINTED } = options;
    if ([cached || undefined, within, height].filter((given) => given !== undefined).length > 1) {
      throw wrong('--cached, --within and --height each say how old a value may be: name one of them');
    }
    const bytes = key === undefined ? undefined : readKey(key);
    const ends = {
      from: from === undefined ? undefined : readKey(from),
      below: below === undefined ? undefined : readKey(below),
    };
    const context = { output, signal, home, trust: await readTrust(options) };
    if (verb === 'get') {
      const policy = cached ? 'cached' : within === undefined ? 'latest' : { withinSeconds: within };
      await printValue(stream, readKey(key ?? ''), height === undefined ? { policy } : { height }, context);
    } else if (verb === 'range') await printRange(stream, { prefix: bytes, ...ends, reverse, limit }, context);
    else if (bytes !== undefined && !prefix) await printChanges(stream, { key: bytes }, count, context);
    else await printChanges(stream, { prefix: bytes ?? new Uint8Array(0) }, count, context);
  },
});

interface Place {
  readonly stream: Uint8Array;
  readonly key: Uint8Array;
}

async function setValue(
  { stream, key }: Place,
  value: Uint8Array,
  options: Options<typeof OPTIONS>,
  { output, signal, home }: Context,
): Promise<void> {
  const account = txAccount(await accountKey(home, options.key));
  const version = options.version === undefined ? LATEST_VERSION : BigInt(options.version);
  const data = encodeStreamData({ version, reads: [], writes: [{ stream, key, value }], controls: [] });
  const trust = await readTrust(options);
  await withLightNode({ ...trust, follow: false, workers: 1 }, signal, async (node) => {
    const message = { kvSet: { streams: [stream], data } };
    const terms = { lane: 0, tip: 0n, withinBlocks: WITHIN_BLOCKS };
    const { chain, composed } = await composeFunded(() => message, { node, account, terms, output, signal });
    const { draft } = composed;
    const deposit = chain.appState.kv?.depositPerByte;
    if (deposit === undefined) throw new PerigeeError('UNSUPPORTED', 'this chain keeps no key-value streams');
    for (const line of draftInWords(draft, account.address, chain)) output.progress(line);
    const bytes = value.length === 0 ? 0 : key.length + value.length;
    output.progress(`deposit         ${tokensInWords(BigInt(bytes) * deposit)}, given back when the value goes`);
    if (!options.yes) await confirm('Sign and send this?', signal);
    const proven = await sendTx(node, await account.sign(draft, chain), signal);
    const [write] = SubmitResults.decodeCanonical(proven.result.data).writes;
    if (write === undefined) throw new PerigeeError('INTERNAL', 'the result of a write names none');
    if (write.result !== KV_RESULT.commit) {
      throw new PerigeeError('REFUSED', `block ${proven.height} holds the write, and did not do it: ${write.result}`, {
        data: { txSeq: write.txSeq, height: proven.height, result: write.result },
      });
    }
    output.result({ ...write, height: proven.height }, [`written as version ${write.txSeq}, in block ${proven.height}`]);
  });
}

async function readValue(text: string | undefined, file: string | undefined): Promise<Uint8Array> {
  if ((text === undefined) === (file === undefined)) throw wrong('say the value, or name a file with --file: one of them');
  const value = text === undefined ? await readFileOf(file ?? '', 'the value') : bytesOf(text);
  if (value.length <= MAX_KV_VALUE_BYTES) return value;
  throw wrong(`a value has at most ${MAX_KV_VALUE_BYTES} bytes, not ${value.length}: store it as a file, and its root here`);
}
