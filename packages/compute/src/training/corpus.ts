/** Text to train on and text kept apart, as tokens. */
import { createTokenizer, type Merge, SIGNS, type Tokenizer } from '@perigee/light-core/model';
import { utf8 } from '@perigee/wire';
import { type Facts, parseFacts, type Turn } from './facts.ts';
import { learnMerges } from './merges.ts';
import { TrainingRandom } from './random.ts';

/** The files below `packages/compute/training`. */
export interface TrainingTexts {
  /** Questions and answers; see `parseFacts`. */
  readonly facts: string;
  /** A paragraph a line. */
  readonly prose: string;
}

/** Two kinds of text, each as documents joined. */
export interface Corpus {
  readonly merges: readonly Merge[];
  readonly tokenizer: Tokenizer;
  readonly training: Readonly<Record<TextKind, Int32Array>>;
  readonly kept: Readonly<Record<TextKind, Int32Array>>;
}

export const TEXT_KINDS = ['chat', 'prose'] as const;
export type TextKind = (typeof TEXT_KINDS)[number];

/** Every so many paragraphs, and about every so many questions, one is kept apart. */
const KEPT_SHARE = 16;
const KEPT_CONVERSATIONS = 400;
const SYSTEMS = [
  'You are a helpful assistant.',
  'Answer in one sentence.',
  'You are a small model that knows Perigee.',
  'Be short and honest.',
];

/** @param options `vocabulary`: tokens; `conversations`: how many are made up to train on */
export function makeCorpus(
  texts: TrainingTexts,
  options: { readonly seed: number; readonly vocabulary: number; readonly conversations: number },
): Corpus {
  const random = new TrainingRandom(options.seed);
  const facts = parseFacts(texts.facts);
  const paragraphs = texts.prose.split('\n').filter((line) => line !== '');
  const chats = Array.from({ length: options.conversations }, () => conversation(facts, random, false));
  const keptChats = Array.from({ length: Math.min(KEPT_CONVERSATIONS, options.conversations) }, () =>
    conversation(facts, random, true),
  );
  const prose = paragraphs.filter((_, i) => i % KEPT_SHARE !== 0);
  const words = [
    ...prose,
    ...chats.slice(0, 1_000).flatMap(({ turns }) => turns.flatMap((turn) => [turn.question, turn.answer])),
  ];
  const merges = learnMerges(words.map(utf8), options.vocabulary);
  const tokenizer = createTokenizer(merges);
  const text = (value: string) => tokenizer.encode(utf8(value));
  const ofParagraph = (value: string) => [SIGNS.begin, ...text(value), SIGNS.end];
  const ofChat = ({ system, turns }: Conversation) => [
    SIGNS.begin,
    ...(system === undefined ? [] : [SIGNS.system, ...text(system)]),
    ...turns.flatMap(({ question, answer }) => [SIGNS.user, ...text(question), SIGNS.assistant, ...text(answer), SIGNS.end]),
  ];
  return {
    merges,
    tokenizer,
    training: { chat: joined(chats.map(ofChat)), prose: joined(prose.map(ofParagraph)) },
    kept: {
      chat: joined(keptChats.map(ofChat)),
      prose: joined(paragraphs.filter((_, i) => i % KEPT_SHARE === 0).map(ofParagraph)),
    },
  };
}

interface Conversation {
  readonly system: string | undefined;
  readonly turns: readonly Turn[];
}

/** Of questions that are kept apart, or of the others. */
function conversation(facts: Facts, random: TrainingRandom, kept: boolean): Conversation {
  const system = random.below(7) === 0 ? random.of(SYSTEMS) : undefined;
  const count = 1 + random.below(3);
  const turns: Turn[] = [];
  while (turns.length < count) {
    const turn = facts.turn(random);
    if (isKept(turn.question) === kept) turns.push(turn);
  }
  return { system, turns };
}

/** By the question alone, so that it is kept apart with all of its answers. */
function isKept(question: string): boolean {
  let hash = 0x811c9dc5; // FNV-1a
  for (let i = 0; i < question.length; i++) hash = Math.imul(hash ^ question.charCodeAt(i), 0x01000193) >>> 0;
  return (hash ^ (hash >>> 15)) % KEPT_SHARE === 0;
}

function joined(documents: readonly (readonly number[])[]): Int32Array {
  return Int32Array.from(documents.flat());
}
