import { resolve } from 'node:path';
import { encodeReceiptFile } from '@perigee/light-core/receipt';
import { tokensInWords } from '@perigee/light-core/tx';
import { createHost, cryptoRandomBytes, isPeerMultiaddr, systemClock } from '@perigee/net';
import { Attestor } from '@perigee/sampler/attest';
import {
  AnswerChecker,
  type ComputeAnswer,
  createComputeClient,
  type Question,
  type Reply,
  type ReplyNews,
  type Texts,
} from '@perigee/sampler/compute';
import { httpCarrier } from '@perigee/sampler/compute/http';
import {
  DEFAULT_ANSWER_TOKENS,
  fromUtf8,
  keyText,
  MAX_ANSWER_TOKENS,
  MAX_EMBEDDING_INPUTS,
  MAX_ROLE_BYTES,
  MILLIONTHS,
  PerigeeError,
  toHex,
} from '@perigee/wire';
import { type LaidOut, layOut } from '../audits/lay-out.ts';
import type { OptionSpecs, Options } from '../cli/args.ts';
import { defineCommand } from '../cli/command.ts';
import { withStops } from '../cli/lifetime.ts';
import type { Output } from '../cli/output.ts';
import { computePayer } from '../compute/payer.ts';
import { readTexts, vectorsOf } from '../compute/texts.ts';
import { reportLines, verdictLines } from '../compute/words.ts';
import { makeFolder, writeNamedFile } from '../files.ts';
import { accountKey, KEY_OPTION } from '../keyring.ts';
import { withLightNode } from '../light.ts';
import { nativeSigner } from '../native-signer.ts';
import { fundBy } from '../transfers/fund-by.ts';
import { LIGHT_HOME, readTrust, TRUST_OPTIONS } from '../trust.ts';
import { readTokens } from '../tx/amount.ts';
import { readAddress } from '../tx/message.ts';

const OPTIONS = {
  ...TRUST_OPTIONS,
  model: {
    kind: 'text',
    value: 'NAME',
    help: 'model to ask: its name, or the root of its weights (default: any that does what is asked)',
  },
  embed: {
    kind: 'flag',
    help: `ask for the vectors of texts (1 to ${MAX_EMBEDDING_INPUTS}) instead of an answer: each word of the command line is one`,
  },
  file: {
    kind: 'text',
    value: 'FILE',
    help: 'with --embed: one text on each line of this file; - is standard input',
  },
  provider: { kind: 'text', value: 'ACCOUNT', help: 'provider to ask (default: any, the highest stake first)' },
  via: {
    kind: 'text',
    value: 'ADDRESS',
    help: 'ask at this multiaddr or URL (https://…/v1) instead of those that the provider has registered: who is there carries the answer, and adds no trust',
  },
  clear: {
    kind: 'flag',
    help: "do not seal the question to the provider's key: who carries it, and the operator, can read it",
  },
  system: { kind: 'text', value: 'TEXT', help: 'message that stands before yours, as "system"' },
  'max-tokens': {
    kind: 'integer',
    range: [1, MAX_ANSWER_TOKENS],
    help: `tokens of the answer at most (default ${DEFAULT_ANSWER_TOKENS})`,
  },
  temperature: {
    kind: 'number',
    range: [0, 2],
    help: 'how freely it is drawn; 0 takes the likeliest token always (default 0.7)',
  },
  seed: {
    kind: 'integer',
    range: [0, Number.MAX_SAFE_INTEGER],
    help: 'draw it with this seed, so that it can be made again (default: the provider names one)',
  },
  key: KEY_OPTION,
  account: {
    kind: 'text',
    value: 'ACCOUNT',
    help: 'account that pays, if it has granted the key a session that may computeDeposit (default: the account of the key)',
  },
  prepay: {
    kind: 'text',
    value: 'TOKENS',
    help: 'let the provider take so much in all, where what is prepaid is too little (default: nothing; on a development chain enough for 100 such requests)',
  },
  save: {
    kind: 'text',
    value: 'FILE',
    help: 'write the receipt here, with question and answer: "perigee receipt verify FILE" checks it later',
  },
  'refuse-reported': {
    kind: 'flag',
    help: 'ask no provider of which an auditor has reported a false answer (default: such reports are shown; anybody who leaves a deposit may make one)',
  },
  auditable: {
    kind: 'flag',
    help: 'publish question, answer and receipt once the answer has ended and passed, so that strangers execute it again: everybody can read both, and nobody can take them back',
  },
} as const satisfies OptionSpecs;

const DEFAULT_TEMPERATURE = 0.7;

export const infer = defineCommand({
  name: 'infer',
  usage: 'PROMPT',
  forms: ['--embed TEXT…', '--embed --file FILE'],
  summary: 'ask a model, pay for the answer, and check hardware, model, every byte and the fee of it',
  options: OPTIONS,
  defaultHome: LIGHT_HOME,
  async run({ options, positionals }, { output, signal, home = LIGHT_HOME }) {
    const question = options.embed ? await textsOf(positionals, options) : questionOf(positionals, options);
    const prepay = options.prepay === undefined ? undefined : readTokens(options.prepay, '--prepay');
    const account = options.account === undefined ? undefined : readAddress(options.account);
    const trust = await readTrust(options);
    await makeFolder(home);
    const key = await accountKey(home, options.key);
    if (options.auditable && key.scheme !== 'ed25519') {
      throw new PerigeeError(
        'INVALID_ARGUMENT',
        '--auditable publishes a blob, which a key for Ethereum addresses cannot: name another',
      );
    }
    await withStops(async (onStop) => {
      // apart from the light node's: that may be dialling the same peer at addresses of before
      const host = await createHost({ allowPrivate: true });
      onStop(() => host.stop());
      await withLightNode({ ...trust, follow: false, workers: 1 }, signal, async (node) => {
        const chainFloors = () => node.state.chain?.collateralFloors ?? {};
        const attestor = new Attestor({ node, clock: systemClock, chainFloors });
        const checker = new AnswerChecker();
        try {
          const client = createComputeClient({
            node,
            host,
            attestor,
            checker,
            payer: computePayer(key, node.state.chain?.chainId ?? '', account),
            random: cryptoRandomBytes,
            overHttp: httpCarrier,
            prepay,
            ...fundBy(node, output),
          });
          const show = 'inputs' in question ? embedded : shown;
          const answer = await show(client.ask(question, { signal }), output).catch((thrown: unknown) => {
            throw withRemedy(PerigeeError.from(thrown));
          });
          const { opened, refusal } = answer;
          let laidOut: LaidOut | PerigeeError | undefined;
          if (options.auditable && opened !== undefined && refusal === undefined) {
            const signer = nativeSigner(key.secret);
            // what was paid for is shown whatever becomes of this
            laidOut = await layOut(opened, { node, host, signer, output, signal }).catch((thrown: unknown) =>
              PerigeeError.from(thrown),
            );
          }
          const texts = 'inputs' in question ? question.inputs.length : undefined;
          await report(answer, { save: options.save, laidOut, texts }, output);
        } finally {
          await Promise.all([attestor.close(), checker.close()]);
        }
      });
    });
  },
});

/** @throws INVALID_ARGUMENT */
function questionOf([prompt, ...rest]: readonly string[], options: Options<typeof OPTIONS>): Question {
  if (prompt === undefined || prompt === '' || rest.length > 0) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      'say what to ask, as one word of the command line: perigee infer "What is a light node?"',
    );
  }
  if (options.file !== undefined) throw new PerigeeError('INVALID_ARGUMENT', '--file has texts to embed: add --embed');
  const { system, temperature = DEFAULT_TEMPERATURE, seed } = options;
  const message = (role: string, content: string) => ({ role: role.slice(0, MAX_ROLE_BYTES), content });
  return {
    messages: [...(system === undefined ? [] : [message('system', system)]), message('user', prompt)],
    parameters: {
      maxTokens: options['max-tokens'] ?? DEFAULT_ANSWER_TOKENS,
      temperatureMillionths: Math.round(temperature * MILLIONTHS),
      topPMillionths: MILLIONTHS,
      ...(seed === undefined ? {} : { seed }),
      stop: [],
    },
    ...whomOf(options),
  };
}

/** @throws INVALID_ARGUMENT, NOT_FOUND, REFUSED */
async function textsOf(words: readonly string[], options: Options<typeof OPTIONS>): Promise<Texts> {
  const idle = (['system', 'max-tokens', 'temperature', 'seed'] as const).find((name) => options[name] !== undefined);
  if (idle !== undefined) throw new PerigeeError('INVALID_ARGUMENT', `--${idle} is for answers; vectors have no such thing`);
  if (options.auditable) throw new PerigeeError('INVALID_ARGUMENT', '--auditable is for answers; nobody executes vectors again');
  const whom = whomOf(options);
  return { inputs: await readTexts(words, options.file), ...whom };
}

/** @throws INVALID_ARGUMENT */
function whomOf({ model, provider, via, clear, 'refuse-reported': refuseReported }: Options<typeof OPTIONS>) {
  if (via !== undefined && !isPeerMultiaddr(via) && !(/^https?:\/\//.test(via) && URL.canParse(via))) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `--via is "${via.slice(0, 160)}"; it must be a multiaddr that ends in /p2p/<peer id>, or a URL that ends in /v1`,
    );
  }
  const account = provider === undefined ? undefined : toHex(readAddress(provider));
  return { model, provider: account, via, isClear: clear, refuseReported };
}

/** Shows of the answer what is verified, as it comes. */
async function shown(reply: Reply, output: Output): Promise<ComputeAnswer> {
  const decoder = new TextDecoder();
  const came: Uint8Array[] = [];
  let bytes = 0;
  let isBegun = false;
  for (;;) {
    const next = await reply.next();
    if (next.done === true) {
      if (isBegun) output.text('\n');
      return next.value;
    }
    const news = next.value;
    if ('chunk' in news) came.push(news.chunk);
    else if ('waits' in news) tellWait(news, output);
    else if (!('verifiedBytes' in news)) tell(news, output);
    else {
      for (; came[0] !== undefined && bytes + came[0].length <= news.verifiedBytes; came.shift()) {
        bytes += came[0].length;
        output.text(decoder.decode(came[0], { stream: true }));
        isBegun = true;
      }
    }
  }
}

/** Vectors are shown when all are verified: a part of them is of no use. */
async function embedded(reply: Reply, output: Output): Promise<ComputeAnswer> {
  for (;;) {
    const next = await reply.next();
    if (next.done === true) return next.value;
    if ('waits' in next.value) tellWait(next.value, output);
    else if ('provider' in next.value || 'prepaid' in next.value) tell(next.value, output);
  }
}

function tell(news: Extract<ReplyNews, { provider: unknown } | { prepaid: unknown }>, output: Output): void {
  if ('provider' in news) {
    output.progress(`asking   "${news.offer.id}" of provider ${keyText(news.provider.provider)}`);
    for (const line of reportLines(news.reports, news.provider.signer)) output.progress(line);
  } else output.progress(`prepaid  the provider may take ${tokensInWords(news.prepaid)} in all`);
}

function tellWait({ waits, atMostMs }: Extract<ReplyNews, { waits: unknown }>, output: Output): void {
  const what = waits === 'turn' ? 'for its turn at the provider' : 'for the model, which works on it';
  output.progress(`waits    ${what}: ${Math.round(atMostMs / 1_000)} s at most without a word`);
}

interface Afterwards {
  readonly save: string | undefined;
  /** Where auditors find it, or why they do not. */
  readonly laidOut: LaidOut | PerigeeError | undefined;
  /** How many were to be embedded; `undefined` where an answer was asked for. */
  readonly texts: number | undefined;
}

async function report(found: ComputeAnswer, { save, laidOut, texts }: Afterwards, output: Output): Promise<void> {
  const { verdict, refusal, answer, registration, reports, offer, receipt, evidence, opened } = found;
  for (const line of verdictLines(verdict)) output.progress(line);
  const body = opened?.receipt.checkpoint.body;
  if (save !== undefined && opened !== undefined) {
    await writeNamedFile(resolve(save), encodeReceiptFile(opened));
    output.progress(`receipt            ${resolve(save)}`);
  }
  const failure = laidOut instanceof PerigeeError ? laidOut : undefined;
  const place = laidOut instanceof PerigeeError ? undefined : laidOut;
  if (place !== undefined) {
    output.progress(`public             blob ${place.blobId}: everybody can read question and answer, and execute it again`);
  }
  // what was not verified whole is shown by nobody
  const vectors =
    texts === undefined || refusal !== undefined ? undefined : vectorsOf(opened?.answer?.chunks ?? [], texts, offer.dimensions);
  if (output.json) {
    output.result(
      {
        ...verdict,
        ...(texts === undefined && { answer: fromUtf8(answer) }),
        ...(vectors && { vectors }),
        model: { id: offer.id, root: toHex(offer.modelRoot), engine: offer.engine },
        provider: toHex(registration.provider),
        signer: toHex(registration.signer.key),
        evidenceId: toHex(registration.evidenceId),
        reports,
        ...(body && { usage: body.usage, fee: String(body.fee) }),
        evidence: { platform: evidence.platform, status: evidence.status, checks: evidence.checks },
        receipt,
        ...(refusal && { refusal: refusal.toObject() }),
        ...(place && { laidOut: place }),
        ...(save !== undefined && opened !== undefined ? { saved: resolve(save) } : {}),
      },
      [],
    );
  } else if (vectors !== undefined) {
    output.result(
      {},
      vectors.map((vector) => JSON.stringify(vector)),
    );
  }
  if (refusal !== undefined) throw refusal;
  if (failure !== undefined) throw failure;
}

/** What to do about it, where there is something. */
function withRemedy(error: PerigeeError): PerigeeError {
  const { code, message, data } = error;
  const remedy = {
    TX_FEE: data?.cost === undefined ? undefined : 'add --prepay TOKENS',
    ORDER:
      data?.check === 'session'
        ? 'grant it more with "perigee tx grant KEY --may computeDeposit --cap TOKENS"'
        : 'prepay more with --prepay TOKENS, or wait until earlier answers are settled',
    UNREACHABLE: 'name another provider with --provider, or an address with --via',
    ATTESTATION: 'name another provider with --provider: this one proves no hardware that was asked for',
  }[code as string];
  return remedy === undefined || message.includes(remedy)
    ? error
    : new PerigeeError(code, `${message}; ${remedy}`, { ...(data && { data }), cause: error });
}
