/** What the model is to know, from `training/facts.txt`: questions with their answers. */
import { PerigeeError } from '@perigee/wire';
import type { TrainingRandom } from './random.ts';

/** One question in one form, with its answer. */
export interface Turn {
  readonly question: string;
  readonly answer: string;
}

/** Draws turns, forms of questions and answers at random. */
export interface Facts {
  turn(random: TrainingRandom): Turn;
}

type Source = (random: TrainingRandom) => Turn;

const SECTIONS = ['define', 'ask', 'capital', 'opposite'] as const;
type Section = (typeof SECTIONS)[number];

const DEFINITIONS: readonly ((subject: string) => string)[] = [
  (subject) => `What is ${subject}?`,
  (subject) => `What is ${subject}?`,
  (subject) => `Explain ${subject}.`,
  (subject) => `Tell me about ${subject}.`,
  (subject) => `Can you explain ${subject}?`,
  (subject) => `What's ${subject}?`,
  (subject) => `Please explain what ${subject} is.`,
  (subject) => `I want to know what ${subject} is.`,
  (subject) => `Do you know what ${subject} is?`,
  (subject) => `Define ${bare(subject)}.`,
  (subject) => `${bare(subject)}?`,
];

/** @throws PARSE when a line is none of its section */
export function parseFacts(text: string): Facts {
  const lines: Record<Section, string[]> = { define: [], ask: [], capital: [], opposite: [] };
  let section: Section | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const named = SECTIONS.find((name) => line === `[${name}]`);
    if (named !== undefined) section = named;
    else if (section === undefined || !line.includes(section === 'capital' || section === 'opposite' ? ' ' : '|'))
      throw new PerigeeError('PARSE', `"${line.slice(0, 80)}" is no fact`);
    else lines[section].push(line);
  }
  const pairs = (name: Section) => lines[name].flatMap((line) => line.split('|').map((pair) => pair.split(' ')));
  const define = lines.define.map((line) => line.split('|'));
  const ask = lines.ask.map((line) => line.split('|'));
  const capital = pairs('capital');
  const opposite = pairs('opposite');
  const weighted: readonly (readonly [weight: number, source: Source])[] = [
    [45, (random) => definition(random, random.of(define))],
    [30, (random) => asked(random, random.of(ask))],
    [8, (random) => capitalOf(random, random.of(capital))],
    [5, (random) => oppositeOf(random, random.of(opposite))],
    [12, sum],
  ];
  return {
    turn(random) {
      let at = random.below(100);
      const source = weighted.find(([weight]) => {
        at -= weight;
        return at < 0;
      });
      const turn = (source as (typeof weighted)[number])[1](random);
      return random.below(8) === 0 ? { ...turn, question: careless(turn.question) } : turn;
    },
  };
}

function definition(random: TrainingRandom, [subject = '', ...answers]: readonly string[]): Turn {
  return { question: capitalised(random.of(DEFINITIONS)(subject)), answer: random.of(answers) };
}

function asked(random: TrainingRandom, [questions = '', ...answers]: readonly string[]): Turn {
  return { question: random.of(questions.split(' / ')), answer: random.of(answers) };
}

function capitalOf(random: TrainingRandom, [country, city]: readonly string[]): Turn {
  const answer = `The capital of ${country} is ${city}.`;
  const question = random.of([
    `What is the capital of ${country}?`,
    `Which city is the capital of ${country}?`,
    `Name the capital of ${country}.`,
    `What is ${country}'s capital?`,
  ]);
  return random.below(4) === 0
    ? { question: `Which country has the capital ${city}?`, answer: `${city} is the capital of ${country}.` }
    : { question, answer };
}

function oppositeOf(random: TrainingRandom, [one, other]: readonly string[]): Turn {
  const [from, to] = random.below(2) === 0 ? [one, other] : [other, one];
  const question = random.of([`What is the opposite of ${from}?`, `Name the opposite of ${from}.`]);
  return { question, answer: `The opposite of ${from} is ${to}.` };
}

function sum(random: TrainingRandom): Turn {
  const [a, b] = [random.below(11), random.below(11)];
  const [word, left, result] = random.of([
    ['plus', a, a + b],
    ['plus', a, a + b],
    ['minus', a + b, a],
    ['times', a, a * b],
  ] as const);
  const task = `${left} ${word} ${b}`;
  const question = random.of([`What is ${task}?`, `How much is ${task}?`, `${task}?`]);
  return { question, answer: `${task} is ${result}.` };
}

function bare(subject: string): string {
  return subject.replace(/^(?:an?|the) /, '');
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function careless(text: string): string {
  return text.toLowerCase().replace(/[.?]$/, '');
}
