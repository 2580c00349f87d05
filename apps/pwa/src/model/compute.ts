import type { ReceiptCheck } from '@perigee/light-core/receipt';
import type { AnswerVerdict } from '@perigee/sampler/compute';
import type { ErrorObject, ReportSums } from '@perigee/wire';

/** What the view of compute can ask for. */
export type ComputeOrder =
  /** Looks who may be asked. */
  | { readonly kind: 'look' }
  /** Asks a model. @param signer of `ProviderRow` */
  | { readonly kind: 'ask'; readonly signer: string; readonly question: Question }
  /** Embeds sentences, so that they can be searched. */
  | { readonly kind: 'embed'; readonly signer: string; readonly texts: readonly string[]; readonly prepay?: bigint | undefined }
  | { readonly kind: 'search'; readonly text: string }
  /** Ends what is asked, or embedded. */
  | { readonly kind: 'stop'; readonly what: 'ask' | 'search' }
  /** Saves the receipt of the answer, or those of what was embedded. @param withWords also what was asked and answered */
  | { readonly kind: 'save'; readonly what: 'ask' | 'search'; readonly withWords: boolean }
  /** Hands the receipt of the answer to another program. */
  | { readonly kind: 'share'; readonly withWords: boolean }
  /** Publishes the receipt of the answer, with question and answer, so that strangers execute it again. */
  | { readonly kind: 'layOut' }
  /** Verifies a receipt from a file. */
  | { readonly kind: 'open'; readonly file: File };

export interface Question {
  readonly text: string;
  /** Stands before it; empty for none. */
  readonly system: string;
  readonly maxTokens: number;
  /** 0 to 2. */
  readonly temperature: number;
  /** Smallest units that the provider shall be able to take in all, where what is prepaid is too little. */
  readonly prepay?: bigint | undefined;
}

/** A provider and its model, as the chain proves them. */
export interface ProviderRow {
  /** Key of its registration, hexadecimal. */
  readonly signer: string;
  /** Account, hexadecimal. */
  readonly account: string;
  /** Smallest units. */
  readonly stake: bigint;
  /** What auditors have said of its key. */
  readonly reports: ReportSums;
  readonly price: { readonly perRequest: bigint; readonly perPromptToken: bigint; readonly perAnswerToken: bigint };
  readonly simulated: boolean;
  /** Whose evidence it has: the beginning of what its collateral is about. */
  readonly platform: string;
  /** Until when the registration is good, milliseconds since 1970. */
  readonly untilMs: number;
  readonly modelRoot: string;
  /** What the provider says of its model, and why it says nothing: neither while it is asked. */
  readonly offer: { readonly id: string; readonly does: 'chat' | 'embeddings'; readonly maxAnswerTokens: number } | undefined;
  readonly problem: ErrorObject | undefined;
}

export interface Payer {
  /** Account, hexadecimal. */
  readonly address: string;
  readonly by: 'browser' | 'session';
}

/** How far an exchange is. */
export type ExchangeStep = 'find' | 'pay' | 'wait' | 'turn' | 'model' | 'come';

export interface Exchange {
  readonly doing: ExchangeStep | undefined;
  readonly verdict: AnswerVerdict | undefined;
  /** Most that it may cost, smallest units. */
  readonly cost: bigint | undefined;
  /** What was charged, as it is signed. */
  readonly fee: bigint | undefined;
  readonly problem: ErrorObject | undefined;
  /** There is a receipt that holds. */
  readonly hasReceipt: boolean;
}

export interface AskView extends Exchange {
  readonly question: string;
  /** What the provider has signed for, exactly. */
  readonly verified: string;
  /** What came after that. */
  readonly unverified: string;
  /** Tokens that were counted. */
  readonly tokens: { readonly prompt: number; readonly answer: number } | undefined;
  /** Whether its receipt is laid out for auditors; `undefined` where nobody could execute it again. */
  readonly layingOut: LayingOut | undefined;
}

export interface LayingOut {
  readonly stage: 'offered' | 'doing' | 'public';
  /** Hexadecimal, once it is public. */
  readonly blobId: string | undefined;
  readonly problem: ErrorObject | undefined;
}

export interface FoundText {
  readonly text: string;
  /** Cosine of the angle between the two meanings. */
  readonly likeness: number;
}

export interface SearchView extends Exchange {
  /** Sentences that are embedded, and that are to be. */
  readonly done: number;
  readonly all: number;
  /** `query`: what is searched for is embedded. */
  readonly stage: 'texts' | 'query' | undefined;
  readonly receipts: number;
  readonly query: string | undefined;
  readonly found: readonly FoundText[];
}

/** A receipt that a person handed over. */
export interface ReceiptView {
  readonly name: string;
  readonly doing: boolean;
  readonly verdict: 'pass' | 'partial' | 'incomplete' | 'fail' | undefined;
  readonly checks: readonly ReceiptCheck[];
  readonly facts: readonly {
    readonly name: 'provider' | 'model' | 'engine' | 'usage' | 'fee' | 'payer';
    readonly value: string;
  }[];
  readonly question: string | undefined;
  readonly answer: string | undefined;
  readonly problem: ErrorObject | undefined;
}

export interface ComputeView {
  readonly listing: 'asked' | 'there' | 'failed';
  readonly providers: readonly ProviderRow[];
  readonly listProblem: ErrorObject | undefined;
  readonly payer: Payer | undefined;
  readonly ask: AskView;
  readonly search: SearchView;
  readonly receipt: ReceiptView | undefined;
}
