import { type InferencePrice, MAX_QUEUED_JOBS, PerigeeError } from '@perigee/wire';
import type { OptionSpec } from '../cli/args.ts';

/** Where evidence comes from: a development chain's simulated machine, the kernel of a guest, or the agent of a dstack guest. */
export const EVIDENCE_KINDS = ['simulated', 'tsm', 'dstack'] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/** A gift of a development chain's faucet pays for some ten thousand answers of a hundred tokens. */
const DEFAULT_PRICE: InferencePrice = { perRequest: 10n ** 7n, perPromptToken: 10n ** 4n, perAnswerToken: 10n ** 5n };
export const DEFAULT_WORKERS = 1;

/** Models that are named by a word. */
export const OWN_MODEL = 'perigee-1';
export const EMBEDDINGS_MODEL = 'embeddings-en';

/** Options of role compute. */
export const COMPUTE_OPTIONS = {
  model: {
    kind: 'list',
    value: 'MODEL',
    help: `what answers, once for each: ${OWN_MODEL} (the small model that comes with the program), ${EMBEDDINGS_MODEL} (vectors of English sentences), a model of ONNX (FILE.onnx) or of llama.cpp (FILE.gguf), or a file of weights as docs/model.md describes them (role compute; default ${OWN_MODEL})`,
  },
  'engine-packages': {
    kind: 'text',
    value: 'DIR',
    help: 'folder in which you have installed what runs FILE.onnx and FILE.gguf (role compute; default: the program’s own)',
  },
  'compute-price': {
    kind: 'text',
    value: 'R,P,A',
    help: `smallest units for a request, a token of the prompt, a token of the answer (role compute; default ${DEFAULT_PRICE.perRequest},${DEFAULT_PRICE.perPromptToken},${DEFAULT_PRICE.perAnswerToken})`,
  },
  'compute-free': { kind: 'flag', help: 'answer requests for which nobody pays, too (role compute)' },
  'compute-evidence': {
    kind: 'text',
    value: 'KIND',
    oneOf: EVIDENCE_KINDS,
    help: `what proves the hardware: ${EVIDENCE_KINDS.join(', ')} (role compute; default simulated, which registers on a development chain only)`,
  },
  'compute-workers': {
    kind: 'integer',
    range: [1, Math.min(64, MAX_QUEUED_JOBS)],
    help: `answers that are made at once, each in a thread; of FILE.gguf the threads of one answer (role compute; default ${DEFAULT_WORKERS})`,
  },
  'compute-port': {
    kind: 'integer',
    value: 'PORT',
    range: [0, 65_535],
    help: "serve OpenAI's clients by HTTP on this port, 0 for a free one (role compute; default: not served)",
  },
  'compute-host': { kind: 'text', value: 'ADDRESS', help: 'IP address that they are served on (default 127.0.0.1)' },
  'compute-url': {
    kind: 'text',
    value: 'URL',
    help: 'address of that to tell others, such as https://provider.example (default: none is told, since a plain address tells whoever listens what is asked)',
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

const AMOUNT = /^(0|[1-9]\d{0,30})$/;

/** @throws INVALID_ARGUMENT */
export function readPrice(text: string | undefined): InferencePrice {
  if (text === undefined) return DEFAULT_PRICE;
  const words = text.split(',');
  if (words.length !== 3 || !words.every((word) => AMOUNT.test(word))) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `--compute-price is "${text.slice(0, 120)}"; write three whole numbers of smallest units: for a request, a token of the prompt, a token of the answer`,
    );
  }
  const [perRequest, perPromptToken, perAnswerToken] = words.map(BigInt) as [bigint, bigint, bigint];
  return { perRequest, perPromptToken, perAnswerToken };
}

/** @throws INVALID_ARGUMENT */
export function readUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '') {
    return url.href.replace(/\/$/, '');
  }
  throw new PerigeeError('INVALID_ARGUMENT', `--compute-url is "${text.slice(0, 160)}"; it must begin with https:// or http://`);
}
