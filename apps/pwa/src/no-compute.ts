/** The view of compute before anybody has asked: not in the model, which is a part of the first paint. */
import type { AskView, ComputeView, Exchange, SearchView } from './model/index.ts';

const NO_EXCHANGE: Exchange = {
  doing: undefined,
  verdict: undefined,
  cost: undefined,
  fee: undefined,
  problem: undefined,
  hasReceipt: false,
};

export const NO_QUESTION: AskView = {
  ...NO_EXCHANGE,
  question: '',
  verified: '',
  unverified: '',
  tokens: undefined,
  layingOut: undefined,
};

export const NO_SEARCH: SearchView = {
  ...NO_EXCHANGE,
  done: 0,
  all: 0,
  stage: undefined,
  receipts: 0,
  query: undefined,
  found: [],
};

export const NO_COMPUTE: ComputeView = {
  listing: 'asked',
  providers: [],
  listProblem: undefined,
  payer: undefined,
  ask: NO_QUESTION,
  search: NO_SEARCH,
  receipt: undefined,
};
