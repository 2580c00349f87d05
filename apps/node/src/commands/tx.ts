import { existsSync } from 'node:fs';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { type AuthenticTx, decodeTx, verifyTxAuth } from '@perigee/light-core/tx';
import type { LightNode, ProvenTx } from '@perigee/sampler';
import { fromHex, MAX_TX_BYTES, MAX_TX_LIFETIME_BLOCKS, PerigeeError, type TxMessage, toHex, txIdOf } from '@perigee/wire';
import type { OptionSpecs, Options } from '../cli/args.ts';
import { type CommandContext, defineCommand } from '../cli/command.ts';
import { readFileOf } from '../files.ts';
import { accountKey, KEY_OPTION } from '../keyring.ts';
import { withLightNode } from '../light.ts';
import { LIGHT_HOME, readTrust, TRUST_OPTIONS } from '../trust.ts';
import { txAccount } from '../tx/account.ts';
import { readTokens } from '../tx/amount.ts';
import { type ChainHead, chainHeadOf } from '../tx/chain-head.ts';
import type { TxTerms } from '../tx/compose.ts';
import { composeFunded } from '../tx/compose-funded.ts';
import { confirm } from '../tx/confirm.ts';
import { DEFAULT_SESSION_BLOCKS, MESSAGE_FORMS, MESSAGE_VERBS, readAddress, readHex, readMessage } from '../tx/message.ts';
import { chargedInWords, resultName, sendTx } from '../tx/send.ts';
import { balanceInWords, draftInWords, txInWords } from '../tx/words.ts';

/** Blocks in which a transaction may be included unless something else is said. */
const DEFAULT_WITHIN_BLOCKS = 100;

const OPTIONS = {
  ...TRUST_OPTIONS,
  key: KEY_OPTION,
  account: { kind: 'text', help: 'account that granted the key a session; by default the key’s own' },
  lane: { kind: 'integer', range: [0, 0xffffffff], help: 'lane of the nonce (default 0): two programs with one key use two' },
  tip: { kind: 'text', value: 'TOKENS', help: 'tokens besides the fee (default 0)' },
  within: {
    kind: 'integer',
    value: 'BLOCKS',
    range: [1, MAX_TX_LIFETIME_BLOCKS],
    help: `blocks in which it may be included (default ${DEFAULT_WITHIN_BLOCKS})`,
  },
  'validator-key': { kind: 'text', value: 'KEY', help: 'stake: ed25519 key that signs blocks' },
  'committee-key': { kind: 'text', value: 'KEY', help: 'stake: ed25519 key that signs certificates' },
  may: { kind: 'text', value: 'KINDS', help: 'grant: what the key may do, of certify,transfer,stake,unstake' },
  cap: { kind: 'text', value: 'TOKENS', help: 'grant: what the key may spend, fees included' },
  blocks: {
    kind: 'integer',
    range: [1, 0xffffffff],
    help: `grant: for how many blocks (default ${DEFAULT_SESSION_BLOCKS}, about a day at a block a second)`,
  },
  yes: { kind: 'flag', short: 'y', help: 'send it without asking' },
} as const satisfies OptionSpecs;

type TxOptions = Options<typeof OPTIONS>;
type Context = Pick<CommandContext, 'output' | 'signal'> & { readonly home: string };

export const tx = defineCommand({
  name: 'tx',
  usage: 'transfer|stake|unstake|grant|revoke|send-raw|show …',
  forms: [...MESSAGE_FORMS, 'send-raw FILE|HEX', 'show ID'],
  summary: 'send a transaction and prove what came of it, or prove what came of an earlier one',
  options: OPTIONS,
  defaultHome: LIGHT_HOME,
  async run({ options, positionals }, { output, signal, home = LIGHT_HOME }) {
    const [verb = '', ...words] = positionals;
    const context = { output, signal, home };
    if (verb === 'show') return showTx(words, options, context);
    if (verb === 'send-raw') return sendRaw(words, options, context);
    const known = MESSAGE_VERBS.find((name) => name === verb);
    if (known === undefined)
      throw wrong(`say what to do: perigee tx ${MESSAGE_VERBS.join('|')}|send-raw|show; --help explains it`);
    return sendMessage(readMessage(known, words, options), options, context);
  },
});

async function sendMessage(messageAt: (height: number) => TxMessage, options: TxOptions, context: Context): Promise<void> {
  const { output, signal, home } = context;
  const terms: TxTerms = {
    lane: options.lane ?? 0,
    tip: readTokens(options.tip ?? '0', '--tip'),
    withinBlocks: options.within ?? DEFAULT_WITHIN_BLOCKS,
  };
  const actsFor = options.account === undefined ? undefined : readAddress(options.account);
  const account = txAccount(await accountKey(home, options.key), actsFor);
  const trust = await readTrust(options);
  await withLightNode({ ...trust, follow: false, workers: 1 }, signal, async (node) => {
    const { chain, composed } = await composeFunded(messageAt, { node, account, terms, output, signal });
    for (const line of draftInWords(composed.draft, account.address, chain)) output.progress(line);
    output.progress(balanceInWords(chain.account.balance));
    if (!options.yes) await confirm('Sign and send this?', signal);
    const raw = await account.sign(composed.draft, chain);
    await sendAndShow(node, raw, context);
  });
}

async function sendRaw(words: readonly string[], options: TxOptions, context: Context): Promise<void> {
  const { output, signal } = context;
  const [given] = words;
  if (given === undefined || words.length > 1) throw wrong('say it as: perigee tx send-raw FILE|HEX');
  const raw = await readRaw(given);
  const decoded = decodedTx(raw);
  const trust = await readTrust(options);
  await withLightNode({ ...trust, follow: false, workers: 1 }, signal, async (node) => {
    const chain = await chainHeadOf(node, new Uint8Array(20), signal);
    const authentic = await authenticOf(decoded, chain);
    for (const line of txInWords(authentic, chain)) output.progress(line);
    if (!options.yes) await confirm('Send this?', signal);
    await sendAndShow(node, raw, context);
  });
}

async function showTx(words: readonly string[], options: TxOptions, { output, signal }: Context): Promise<void> {
  const [id] = words;
  if (id === undefined || words.length > 1) throw wrong('say it as: perigee tx show ID');
  const txId = readHex(id, 32, 'ID');
  const trust = await readTrust(options);
  await withLightNode({ ...trust, follow: false, workers: 1 }, signal, async (node) => {
    const proven = await node.proveTx(txId, { signal });
    const chain = await chainHeadOf(node, new Uint8Array(20), signal);
    const authentic = await authenticOf(decodeTx(proven.tx), chain);
    output.result(resultOf(proven), [...resultLines(proven), ...txInWords(authentic, chain)]);
  });
}

async function sendAndShow(node: LightNode, raw: Uint8Array, { output, signal }: Context): Promise<void> {
  output.update('waiting for a block', 'waiting for a block');
  const proven = await sendTx(node, raw, signal);
  output.result(resultOf(proven), resultLines(proven));
}

function authenticOf(decoded: ReturnType<typeof decodeTx>, { appState, ...chain }: ChainHead): Promise<AuthenticTx> {
  return verifyTxAuth(decoded, { ...chain, ethereumChainId: appState.ethereumChainId, verifyEd25519: nobleEd25519 });
}

/** @throws INVALID_ARGUMENT for what no chain would take for a transaction; UNKNOWN_VERSION */
function decodedTx(raw: Uint8Array): ReturnType<typeof decodeTx> {
  try {
    return decodeTx(raw);
  } catch (cause) {
    const { code, message } = PerigeeError.from(cause);
    if (code === 'UNKNOWN_VERSION' || code === 'INTERNAL') throw cause;
    throw new PerigeeError('INVALID_ARGUMENT', `these ${raw.length} bytes are no transaction: ${message}`, { cause });
  }
}

/** A transaction in hexadecimal digits, or a file that holds them. @throws INVALID_ARGUMENT, NOT_FOUND */
async function readRaw(given: string): Promise<Uint8Array> {
  const isFile = existsSync(given) || !/^(0x)?[0-9a-fA-F]+$/.test(given);
  const text = isFile ? (await readFileOf(given, 'the transaction')).toString('latin1').trim() : given;
  const digits = text.replace(/^0x/, '');
  if (digits.length > 2 * MAX_TX_BYTES) throw wrong(`a transaction has at most ${MAX_TX_BYTES} bytes`);
  try {
    return fromHex(digits);
  } catch (cause) {
    throw new PerigeeError('INVALID_ARGUMENT', `${isFile ? given : 'what was given'} is no transaction in hexadecimal digits`, {
      cause,
    });
  }
}

function resultOf({ tx: raw, height, index, result }: ProvenTx): object {
  const { code, gasWanted, gasUsed } = result;
  return { txId: toHex(txIdOf(raw)), height, index, code, result: resultName(code), gasWanted, gasUsed };
}

function resultLines({ tx: raw, height, index, result }: ProvenTx): string[] {
  const { code, gasUsed, gasWanted } = result;
  return [
    `transaction ${toHex(txIdOf(raw))}`,
    `proved      number ${index} of block ${height}`,
    `result      ${resultName(code)}${code === 0 ? '' : `: ${chargedInWords(result)}`}`,
    `gas         ${gasUsed} of at most ${gasWanted}`,
  ];
}

function wrong(words: string): PerigeeError {
  return new PerigeeError('INVALID_ARGUMENT', words);
}
