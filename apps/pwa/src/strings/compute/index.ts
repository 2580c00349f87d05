/** Words of the view of compute; they come with it. */
import type { ReceiptCheckName } from '@perigee/light-core/receipt';
import type { AnswerCheckName, AnswerOutcome, Hardware } from '@perigee/sampler/compute';
import type { ErrorCode, ReportCount, ReportSums } from '@perigee/wire';
import type { ExchangeStep, ReceiptView } from '../../model/index.ts';
import type { Advice } from '../advice.ts';

function countOf({ reports, accounts }: ReportCount, one: string, more: string): string {
  if (reports === 0) return '';
  return `${reports} ${reports === 1 ? one : more} (${accounts} ${accounts === 1 ? 'account' : 'accounts'})`;
}

export const compute = {
  title: 'Ask a model',
  explain:
    'Who may answer is read from the chain, and proved. The question goes sealed to the key of that provider, by WebRTC; every piece of the answer is checked in this browser, over exactly the bytes that come.',
  providers: {
    title: 'Providers',
    looking: 'The chain is asked who answers, and each of them what it serves.',
    none: 'No provider is registered on this chain: that is proved. A network that has just started has one after some blocks.',
    again: 'Look again',
    choose: (does: 'chat' | 'embeddings'): string =>
      does === 'chat' ? 'Provider and model that answer' : 'Provider and model that embed',
    noneDoes: {
      chat: 'No provider that can be reached has a model that converses.',
      embeddings: 'No provider that can be reached has a model that makes embeddings.',
    },
    model: (id: string): string => `"${id}"`,
    does: { chat: 'converses', embeddings: 'embeds' },
    price: (request: string, read: string, written: string): string =>
      `${request} units a request, ${read} a token read, ${written} a token written`,
    unit: '10¹⁸ units are one token of the chain. Tokens that are read and written are those of the model.',
    simulated: 'simulated evidence',
    real: (platform: string): string => `evidence of ${platform}`,
    stake: (tokens: string): string => `${tokens} at stake`,
    until: (time: string): string => `good until ${time}`,
    account: (account: string): string => `provider ${account}`,
    reports: ({ agreement, fraud, overcount }: ReportSums): string => {
      const all = [
        countOf(agreement, 'agreement', 'agreements'),
        countOf(fraud, 'false answer', 'false answers'),
        countOf(overcount, 'false count', 'false counts'),
      ].filter((part) => part !== '');
      return all.length === 0 ? 'no auditor has reported anything' : `auditors report ${all.join(', ')}`;
    },
    reported:
      'Reports are claims: anybody who leaves a deposit may make one, and the chain judges none. Whether one is true you see by executing the answer again: perigee audit --against, with the key of the provider.',
  },
  simulatedNote:
    'Simulated: the keys of this development chain vouch for that machine, and anybody has those. No protected hardware is behind it.',
  ask: {
    title: 'Question',
    label: 'Your question',
    more: 'How it is answered, and what it may cost',
    system: 'What is said to the model before it',
    tokens: 'Tokens of the answer at most',
    temperature: 'How freely it is drawn (0 to 2; 0 takes the likeliest always)',
    prepay: 'Tokens that this provider may take in all, if what is prepaid is too little',
    prepayHint: 'Empty: nothing, and on a development chain enough for a hundred such questions, from the faucet.',
    badNumber: 'Tokens are a number such as 0.5.',
    button: 'Ask',
    stop: 'Stop',
    empty: 'There is nothing to ask yet.',
  },
  doing: {
    find: 'Its registration is proved, and its evidence checked by the worker.',
    pay: 'What is prepaid is looked up, and paid in if that is too little.',
    wait: 'It is paid for.',
    turn: 'The provider has the question. It may take a minute until its turn comes; after that it is given up.',
    model: 'The model works on it. It may take five minutes to the next piece; after that it is given up.',
    come: 'The answer comes, and the worker checks it.',
  } satisfies Record<ExchangeStep, string>,
  answer: {
    title: 'Answer',
    verified: 'Signed by the provider, and checked',
    unverified: 'Unverified: the provider has not signed for this yet',
    nothing: 'Nothing has come yet.',
    checks: 'Checks',
    cost: (most: string): string => `It may cost ${most} at most.`,
    fee: (fee: string): string => `It costs ${fee}.`,
    tokens: (prompt: string, answer: string): string => `${prompt} tokens read, ${answer} written.`,
    by: {
      browser: (account: string): string => `Paid by the account of this browser, ${account}.`,
      session: (account: string): string => `Paid by your wallet, ${account}, which lets the key of this browser.`,
    },
  },
  check: {
    registration: 'Registration',
    hardware: 'Hardware',
    code: 'Code',
    model: 'Model',
    channel: 'Channel',
    content: 'Content',
    payment: 'Payment',
  } satisfies Record<AnswerCheckName, string>,
  receiptCheck: {
    chain: 'Chain',
    payer: 'Payer',
    order: 'Order',
    request: 'Question',
    provider: 'Provider',
    signature: 'Signature',
    model: 'Model',
    evidence: 'Evidence',
    parameters: 'Parameters',
    sequence: 'Sequence',
    content: 'Content',
    usage: 'Usage',
    fee: 'Fee',
    final: 'End',
  } satisfies Record<ReceiptCheckName, string>,
  verdict: { pass: 'passes', fail: 'fails', notChecked: 'not checked' },
  waits: 'not yet',
  outcome: {
    pass: 'Every required check passed',
    partial: 'A check could not be made',
    incomplete: 'The answer was cut off: the provider has not signed its end',
    fail: 'A check failed: do not use this answer',
  } satisfies Record<AnswerOutcome, string>,
  simulatedOutcome: 'Every required check passed, on simulated hardware',
  carries: (hardware: Hardware): string =>
    hardware.status === 'real'
      ? `Evidence and receipt carry as far as: ${hardware.label}.`
      : hardware.status === 'simulated'
        ? `A rehearsal: on real hardware this would carry as far as ${hardware.imitates}. Here it proves nothing of hardware.`
        : 'There is no evidence.',
  keep: {
    save: 'Save the receipt',
    saveAll: (count: string): string => (count === '1' ? 'Save the receipt' : `Save ${count} receipts`),
    share: 'Share the receipt',
    words: 'With question and answer',
    hint: 'Without them a receipt tells nobody what was asked, and nobody can compare the answer with it.',
  },
  layOut: {
    title: 'Publish for auditors',
    explain:
      'Strangers can then execute this answer again with the weights that it names, and report on the chain what comes of it. It costs what a small blob costs.',
    warning: 'I know that everybody can read question and answer then, and that nobody can take them back.',
    button: 'Publish for auditors',
    doing: 'The receipt is published, with question and answer.',
    done: 'It is public, as blob',
  },
  search: {
    title: 'Search by meaning',
    explain:
      'Sentences become vectors at a provider, with receipts that are checked as those of answers are. What you look for is compared with them here, by meaning and not by words.',
    label: 'Sentences, one on each line, 1,000 at most',
    counted: (count: string): string => (count === '1' ? '1 sentence' : `${count} sentences`),
    tooMany: 'At most 1,000 can be searched.',
    choose: 'Choose a text file',
    drop: 'or drop it here',
    nothingChosen: 'No file chosen',
    chosen: (name: string, size: string): string => `${name}, ${size}`,
    unreadable: 'That file is no text of at most 256 KiB.',
    button: 'Embed',
    stop: 'Stop',
    progress: (done: string, all: string): string => `${done} of ${all} sentences are embedded, and their receipts checked.`,
    query: 'What are you looking for?',
    find: 'Search',
    finding: 'What you look for is embedded.',
    found: (query: string): string => `Nearest to "${query}"`,
    likeness: (value: string): string => `likeness ${value}`,
    checks: 'Checks of the last receipt',
    receipts: (count: string): string => (count === '1' ? '1 receipt, checked.' : `${count} receipts, all checked.`),
  },
  receipt: {
    title: 'Check a receipt',
    explain: 'A receipt that somebody gave you: what was asked, what was answered, which model ran, and who signed for it.',
    choose: 'Choose a receipt',
    drop: 'or drop it here',
    hint: 'A file that ends in .pgrc. What it says is held against what this chain proves of its provider.',
    nothingChosen: 'No file chosen',
    chosen: (name: string, size: string): string => `${name}, ${size}`,
    doing: 'The worker checks it against the chain.',
    verdict: {
      pass: 'It holds: all was checked, and all passes',
      partial: 'What could be checked passes, and something could not be checked',
      incomplete: 'The answer was cut off: the provider has not signed its end',
      fail: 'It does not hold: do not rely on it',
    } satisfies Record<NonNullable<ReceiptView['verdict']>, string>,
    evidence: 'It says nothing of hardware: ask that provider, and its evidence is checked.',
    fact: {
      provider: 'Provider',
      payer: 'Payer',
      model: 'Model root',
      engine: 'Engine',
      usage: 'Tokens read + written',
      fee: 'Fee',
    } satisfies Record<ReceiptView['facts'][number]['name'], string>,
    facts: 'What it says',
    question: 'Question',
    answer: 'Answer',
  },
} as const;

/** What a person can do about a refusal here, where it means something else than in the rest of the page. */
export const computeAdvice: Partial<Record<ErrorCode, Advice>> = {
  NOT_FOUND: {
    title: 'There is no such provider or model',
    next: 'Look again who there is: one that was renewed has another entry.',
  },
  UNREACHABLE: { title: 'The provider cannot be reached', next: 'Choose another one, or try again in a minute.' },
  STREAM_CLOSED: { title: 'The provider ended the connection', next: 'Ask again, or choose another one.' },
  TIMEOUT: { title: 'The provider does not answer', next: 'Ask again, or choose another one.' },
  BUSY: { title: 'The provider is busy', next: 'Ask again in a minute, or choose another one.' },
  ORDER: {
    title: 'The provider does not take this order',
    next: 'Let it take more, under "How it is answered", or wait until earlier answers are settled.',
  },
  TX_FEE: {
    title: 'The account has too little',
    next: 'Pay the account of this browser first, and say under "How it is answered" how much to prepay.',
  },
  ATTESTATION: { title: 'The evidence of this provider does not hold', next: 'Nothing was sent to it. Choose another one.' },
  RECEIPT: { title: 'A check failed', next: 'Do not use what came. The check that failed is named; ask another provider.' },
  REFUSED: { title: 'It was refused', next: 'The sentence below says by whom and why. Choose another provider, or try again.' },
  SEALED: {
    title: 'What is sealed does not open',
    next: 'Somebody changed it on its way, or the provider has another key. Ask again.',
  },
  PARSE: { title: 'This cannot be read', next: 'The sentence below says what is wrong with it.' },
  NOT_CANONICAL: { title: 'This cannot be read', next: 'The sentence below says what is wrong with it.' },
  ABORTED: { title: 'It was ended', next: 'What the provider has signed for until then stays below, and is what it may charge.' },
};
