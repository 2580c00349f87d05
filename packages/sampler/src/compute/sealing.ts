/** Requests as they are sealed to a provider's key, and what comes back opened: `0g-pc/v1`, the same over libp2p as over HTTP. */
import {
  bestX25519,
  type JsonObject,
  ResponseOpener,
  type SubtleX25519,
  sealRequest,
  type X25519,
} from '@perigee/light-core/confidential';
import type { RandomBytes } from '@perigee/light-core/roles';
import {
  Checkpoint,
  checkJsonShape,
  fromBase64,
  fromUtf8,
  INFERENCE_VERSION,
  type InferenceFrame,
  InferenceOpening,
  type InferenceRequest,
  keyText,
  MAX_SEALED_FRAME_BYTES,
  MAX_SEALED_REQUEST_BYTES,
  MILLIONTHS,
  MODEL_KIND,
  PerigeeError,
  type ProviderRegistration,
  SIGNER_SCHEME,
  toHex,
  utf8,
} from '@perigee/wire';

const KEY_BYTES = 32;
/** Values of JSON in the clear part of a frame: what is sealed in it is one text. */
const MAX_FRAME_TOKENS = 512;

/** What a frame of an answer holds. */
export type OpenedFrame = Pick<InferenceFrame, 'opening' | 'chunk' | 'checkpoint'>;

/** One request, sealed, and what opens its answer. */
export interface SealedExchange {
  /** The envelope, JSON in UTF-8. */
  readonly bytes: Uint8Array;
  /** @throws SEALED when anything of it was changed, or it is not the next; PARSE, NOT_CANONICAL when what was sealed is no part of an answer */
  open(frame: Uint8Array): Promise<OpenedFrame>;
  /** Whether the frame came without which the answer is cut off. */
  readonly isFinal: boolean;
}

let best: Promise<X25519> | undefined;

/** The fastest that is here. */
function x25519Here(): Promise<X25519> {
  best ??= bestX25519(globalThis.crypto?.subtle as SubtleX25519 | undefined);
  return best;
}

/**
 * Seals a request to the key that a provider's evidence binds, for one exchange.
 *
 * @param model its name at the provider
 * @throws UNSUPPORTED when the provider signs with a key that the format does not know; INVALID_ARGUMENT when it is too long
 */
export async function sealExchange(
  request: InferenceRequest,
  { encryptionKey, signer, provider }: Pick<ProviderRegistration, 'encryptionKey' | 'signer' | 'provider'>,
  model: string,
  random: RandomBytes,
): Promise<SealedExchange> {
  if (signer.scheme !== SIGNER_SCHEME.secp256k1) {
    throw new PerigeeError('UNSUPPORTED', `provider ${keyText(provider)} signs with a key to which no request can be sealed`);
  }
  const x25519 = await x25519Here();
  const secret = random(KEY_BYTES);
  const responseKey = await x25519.publicKeyOf(secret);
  const { envelope } = await sealRequest(bodyOf(request, model), {
    encryptionKey,
    signerAddress: signer.key,
    responseKey,
    random,
    x25519,
  });
  const bytes = utf8(JSON.stringify(envelope));
  if (bytes.length > MAX_SEALED_REQUEST_BYTES) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `sealed the question has ${bytes.length} bytes; at most ${MAX_SEALED_REQUEST_BYTES}`,
    );
  }
  const opener = new ResponseOpener(secret, x25519);
  return {
    bytes,
    async open(frame) {
      return frameOf((await opener.open(parse(frame))).frame, request.kind);
    },
    get isFinal() {
      return opener.isFinal;
    },
  };
}

/** The body that OpenAI's clients would send for exactly this request. */
function bodyOf({ kind, messages, inputs, parameters, salt }: InferenceRequest, model: string): JsonObject {
  const common = { model, stream: true, perigee: { salt: toHex(salt) } };
  if (kind === MODEL_KIND.embeddings) return { ...common, input: inputs };
  const { maxTokens, temperatureMillionths, topPMillionths, seed, stop } = parameters;
  return {
    ...common,
    messages: messages.map(({ role, content }) => ({ role, content })),
    max_tokens: maxTokens,
    temperature: temperatureMillionths / MILLIONTHS,
    top_p: topPMillionths / MILLIONTHS,
    ...(seed === undefined ? {} : { seed }),
    stop,
  };
}

/** @throws PARSE */
function parse(bytes: Uint8Array): JsonObject {
  if (bytes.length > MAX_SEALED_FRAME_BYTES) throw new PerigeeError('PARSE', 'a sealed frame is too long');
  checkJsonShape(bytes, MAX_FRAME_TOKENS);
  try {
    const value = JSON.parse(fromUtf8(bytes)) as unknown;
    if (isMembers(value)) return value as JsonObject;
  } catch {
    // the same as another value
  }
  throw new PerigeeError('PARSE', 'a sealed frame is no JSON object');
}

/** What a frame says, as `chatFrames` and `embeddingFrames` of the provider write it. @throws PARSE, NOT_CANONICAL, UNKNOWN_VERSION */
function frameOf(frame: JsonObject, kind: number): OpenedFrame {
  const { perigee } = frame;
  if (isMembers(perigee)) {
    const { version, opening, checkpoint } = perigee;
    if (typeof checkpoint === 'string') return { checkpoint: Checkpoint.decodeCanonical(fromBase64(checkpoint)) };
    if (typeof opening !== 'string') throw new PerigeeError('PARSE', 'a frame of the answer holds no part of it');
    if (version !== INFERENCE_VERSION) throw new PerigeeError('UNKNOWN_VERSION', `an answer of version ${version} is not known`);
    return { opening: InferenceOpening.decodeCanonical(fromBase64(opening)) };
  }
  const [only] = listOf(kind === MODEL_KIND.embeddings ? frame.data : frame.choices);
  const text = kind === MODEL_KIND.embeddings ? only?.embedding : isMembers(only?.delta) ? only.delta.content : undefined;
  if (typeof text !== 'string') throw new PerigeeError('PARSE', 'a frame of the answer holds no piece of it');
  return { chunk: kind === MODEL_KIND.embeddings ? fromBase64(text) : utf8(text) };
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.length === 1 && isMembers(value[0]) ? [value[0]] : [];
}

function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
