/** What 0G's flow and market contracts answer, read from the state. There is no code: each function that clients ask for is written here. */
import { FLOW_ADDRESS, MARKET_ADDRESS } from '@perigee/light-core/state';
import {
  appendToFlow,
  checkSubmission,
  dataRootOf,
  flowDepth,
  nobleFileHash,
  sectorsOf,
  submissionIdentity,
} from '@perigee/light-core/storage';
import { type Call, messagesOfCall } from '@perigee/light-core/tx';
import { concat, equal, fromHex, PerigeeError, type StorageSubmit, toHex } from '@perigee/wire';
import { RpcError } from '../rpc-error.ts';
import { listsWords, revertReason, selectorOf, word } from './abi.ts';
import { fileIn, flowIn, plainFileIn, type StateAt } from './chain-view.ts';
import type { EthereumParams } from './params.ts';
import { hex } from './quantity.ts';
import { RPC_CODE } from './rpc-error.ts';

/** Keccak-256 of nothing: by this digest the contract says that nothing can be mined. */
const EMPTY_HASH = fromHex('c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470');
const ZERO = word(0);

interface Asked {
  readonly state: StateAt;
  readonly params: EthereumParams;
  /** Behind the selector. */
  readonly words: Uint8Array;
}

type Answer = (asked: Asked) => Uint8Array | Promise<Uint8Array>;

/** Epochs of mining are not begun on this chain: the context is that of the flow as it is, with the digest of one that cannot be mined. */
const context: Answer = async ({ state }) => {
  const flow = await flowIn(state);
  return concat(ZERO, ZERO, flow?.root ?? ZERO, word(flow?.length ?? 0), EMPTY_HASH, EMPTY_HASH);
};
const submissions: Answer = async ({ state }) => word((await flowIn(state))?.submissions ?? 0);

const FLOW_CALLS: Readonly<Record<string, Answer>> = bySelector({
  'market()': () => word(MARKET_ADDRESS),
  'numSubmissions()': submissions,
  'submissionIndex()': submissions,
  'tree()': async ({ state }) => {
    const length = (await flowIn(state))?.length ?? 0;
    // the second is the lowest height of which the contract has staged nothing
    return concat(word(length), word(length === 0 ? 0 : flowDepth(length) + 1));
  },
  'computeFlowRoot()': async ({ state }) => (await flowIn(state))?.root ?? ZERO,
  'getFlowRootByTxSeq(uint256)': async ({ state, words }) => {
    const txSeq = BigInt(words.length < 32 ? 0 : hex(words.subarray(0, 32)));
    const file = txSeq > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : await fileIn(state, Number(txSeq));
    return file?.flowRoot ?? ZERO;
  },
  'getContext()': context,
  'makeContextWithResult()': context,
  'epoch()': () => ZERO,
  'epochStartPosition()': () => ZERO,
  'firstBlock()': () => ZERO,
  'paused()': () => ZERO,
});

const MARKET_CALLS: Readonly<Record<string, Answer>> = bySelector({
  'pricePerSector()': ({ params }) => word(params.pricePerSector ?? 0n),
});

/** Whether clients must find a contract there. */
function isContract(address: Uint8Array): boolean {
  return equal(address, FLOW_ADDRESS) || equal(address, MARKET_ADDRESS);
}

/**
 * Answers a call without making it.
 *
 * @throws RpcError when the contract would undo it, or has no such function
 */
export async function answerCall(call: Call, state: StateAt, params: EthereumParams): Promise<Uint8Array> {
  const { to, data } = call;
  if (!isContract(to)) return new Uint8Array(0);
  const selector = toHex(data.subarray(0, 4));
  const answer = (equal(to, FLOW_ADDRESS) ? FLOW_CALLS : MARKET_CALLS)[selector];
  if (answer !== undefined) return answer({ state, params, words: data.subarray(4) });
  if (equal(to, MARKET_ADDRESS)) throw reverted('the market has no such function');
  const { submits } = await trySubmits(call, state, params);
  const columns = [
    submits.map(({ txSeq }) => word(txSeq)),
    submits.map(({ identity }) => identity),
    submits.map(({ start }) => word(start)),
    submits.map(({ sectors }) => word(sectors)),
  ];
  return isBatch(selector) ? listsWords(columns) : concat(...columns.flat());
}

/** What would become of one file of a call. */
interface TriedSubmit {
  readonly txSeq: number;
  readonly identity: Uint8Array;
  readonly start: number;
  readonly sectors: number;
}

/**
 * Submits the files of a call to a copy of the flow.
 *
 * @returns with them what would be paid
 * @throws RpcError as the contract undoes it: NotEnoughFee, InvalidSubmission
 */
export async function trySubmits(
  call: Call,
  state: StateAt,
  { pricePerSector }: EthereumParams,
): Promise<{ readonly submits: readonly TriedSubmit[]; readonly price: bigint }> {
  const files = submitsIn(call);
  const flow = await flowIn(state);
  if (pricePerSector === undefined || flow === undefined) throw reverted('this chain stores no files');
  const submits: TriedSubmit[] = [];
  const added = new Map<string, TriedSubmit>();
  let [price, now, txSeq] = [0n, { length: flow.length, frontier: flow.frontier }, flow.submissions];
  for (const file of files) {
    checked(file);
    const [sectors, identity] = [sectorsOf(file.nodes), submissionIdentity(file.nodes, nobleFileHash)];
    const root = dataRootOf(file.nodes, nobleFileHash);
    const name = `${toHex(root)}/${file.length}`;
    const isPlain = file.tags.length === 0;
    const there = isPlain ? await plainFileIn(state, root, file.length) : undefined;
    const twice = isPlain ? added.get(name) : undefined;
    if (there !== undefined || twice !== undefined) {
      submits.push(twice ?? { txSeq: there?.txSeq ?? 0, start: there?.startSector ?? 0, identity, sectors });
      continue;
    }
    const cost = BigInt(sectors) * pricePerSector;
    if (file.value < cost) throw notEnoughFee(pricePerSector, sectors, file.value);
    const appended = appendToFlow(now, file.nodes, nobleFileHash);
    const submit = { txSeq, identity, start: appended.start, sectors };
    submits.push(submit);
    added.set(name, submit);
    [price, now, txSeq] = [price + cost, appended.flow, txSeq + 1];
  }
  return { submits, price };
}

/** A call that is undone, for a reason in words. */
export function reverted(reason: string): RpcError {
  return new RpcError(RPC_CODE.reverted, `execution reverted: ${reason}`, hex(revertReason(reason)));
}

function submitsIn(call: Call): StorageSubmit[] {
  try {
    return messagesOfCall(call).flatMap(({ storageSubmit }) => storageSubmit ?? []);
  } catch (error) {
    const { code, message } = PerigeeError.from(error);
    if (code !== 'TX_MESSAGE') throw error;
    throw reverted(message);
  }
}

function checked(file: StorageSubmit): void {
  try {
    checkSubmission(file);
  } catch (error) {
    const { code, message } = PerigeeError.from(error);
    if (code !== 'TX_MESSAGE') throw error;
    const data = hex(fromHex(selectorOf('InvalidSubmission()')));
    throw new RpcError(RPC_CODE.reverted, `execution reverted: InvalidSubmission(): ${message}`, data);
  }
}

function notEnoughFee(price: bigint, sectors: number, paid: bigint): RpcError {
  const data = concat(fromHex(selectorOf('NotEnoughFee(uint256,uint256,uint256)')), word(price), word(sectors), word(paid));
  return new RpcError(
    RPC_CODE.reverted,
    `execution reverted: NotEnoughFee(${price}, ${sectors}, ${paid}): ${sectors} sectors cost ${BigInt(sectors) * price}`,
    hex(data),
  );
}

function isBatch(selector: string): boolean {
  return BATCHES.includes(selector);
}

const SUBMISSION = '(uint256,bytes,(bytes32,uint256)[])';
const BATCHES = [`batchSubmit(${SUBMISSION}[])`, `batchSubmit((${SUBMISSION},address)[])`].map(selectorOf);

function bySelector(answers: Readonly<Record<string, Answer>>): Readonly<Record<string, Answer>> {
  return Object.fromEntries(Object.entries(answers).map(([signature, answer]) => [selectorOf(signature), answer]));
}
