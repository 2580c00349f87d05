import { setImmediate } from 'node:timers/promises';
import { FLOW_ADDRESS } from '@perigee/light-core/state';
import { equal, MAX_LOG_ALTERNATIVES, MAX_LOG_BLOCKS, MAX_LOGS } from '@perigee/wire';
import { RpcError } from '../rpc-error.ts';
import type { PlacedLog } from './block-view.ts';
import type { ChainView } from './chain-view.ts';
import { readAddress, readBytes, readObject } from './quantity.ts';
import { invalidParams, RPC_CODE } from './rpc-error.ts';
import { SUBMIT_TOPIC } from './submit-log.ts';

/** Blocks are read without waiting for anything: after so many, others have their turn. */
const BLOCKS_AT_ONCE = 16;

/** What logs a client wants; none named: all. */
interface Filter {
  readonly addresses: readonly Uint8Array[];
  /** For each place the topics that may stand there; none for any. */
  readonly topics: readonly (readonly Uint8Array[])[];
}

/**
 * Logs of a range of blocks, in their order. What no log here can have is answered without a look at blocks.
 *
 * @throws RpcError for more blocks, or more logs, than one answer has: the client asks for a smaller range
 */
export async function findLogs(view: ChainView, value: unknown, signal: AbortSignal | undefined): Promise<unknown[]> {
  const { fromBlock, toBlock, blockHash, address, topics } = readObject(value, 'filter');
  const filter = { addresses: readAlternatives(address, 'address', readAddress), topics: readTopics(topics) };
  const [from, to] = await range(view, { fromBlock, toBlock, blockHash });
  if (to - from >= MAX_LOG_BLOCKS) {
    throw new RpcError(
      RPC_CODE.limitExceeded,
      `block range is too large: ${to - from + 1} blocks, at most ${MAX_LOG_BLOCKS} are allowed in one query`,
    );
  }
  if (!canMatch(filter)) return [];
  const found: unknown[] = [];
  for (let height = from; height <= to; height++) {
    signal?.throwIfAborted();
    if (height % BLOCKS_AT_ONCE === 0) await setImmediate();
    const logs = (await (await view.block(height)).logs()).flat().filter((log) => matches(log, filter));
    if (found.length + logs.length > MAX_LOGS && from !== to) {
      throw new RpcError(
        RPC_CODE.limitExceeded,
        `query returned more than ${MAX_LOGS} results: ask for blocks 0x${from.toString(16)} to 0x${Math.max(from, height - 1).toString(16)}`,
      );
    }
    found.push(...logs.map(({ json }) => json));
  }
  return found;
}

async function range(
  view: ChainView,
  { fromBlock, toBlock, blockHash }: { readonly [name: string]: unknown },
): Promise<readonly [number, number]> {
  if (blockHash !== undefined) {
    if (fromBlock !== undefined || toBlock !== undefined) {
      throw invalidParams('cannot specify both blockHash and fromBlock/toBlock, choose one or the other');
    }
    const height = await view.heightOfHash(blockHash);
    if (height === undefined) throw new RpcError(RPC_CODE.server, 'unknown block');
    return [height, height];
  }
  const { earliest } = view.chain;
  const [from, to] = [view.heightOfTag(fromBlock), view.heightOfTag(toBlock)];
  if (from > to) throw invalidParams(`invalid block range params: ${from} is behind ${to}`);
  // blocks that are no longer kept, and those that are not there yet, have no logs here
  return [Math.max(from, earliest), Math.min(to, view.height)];
}

function canMatch({ addresses, topics }: Filter): boolean {
  const [first = []] = topics;
  return includes(addresses, FLOW_ADDRESS) && includes(first, SUBMIT_TOPIC) && topics.length <= 3;
}

function matches(log: PlacedLog, { addresses, topics }: Filter): boolean {
  return includes(addresses, log.address) && topics.every((due, i) => includes(due, log.topics[i] ?? new Uint8Array(0)));
}

function includes(alternatives: readonly Uint8Array[], value: Uint8Array): boolean {
  return alternatives.length === 0 || alternatives.some((one) => equal(one, value));
}

function readTopics(value: unknown): Filter['topics'] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > 4) throw invalidParams('topics is not a list of at most 4');
  return value.map((one) => readAlternatives(one, 'topic', (topic, name) => readBytes(topic, name, { length: 32 })));
}

function readAlternatives(
  value: unknown,
  name: string,
  read: (value: unknown, name: string) => Uint8Array,
): readonly Uint8Array[] {
  if (value === undefined || value === null) return [];
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (all.length > MAX_LOG_ALTERNATIVES) {
    throw invalidParams(`${all.length} alternatives for ${name}; at most ${MAX_LOG_ALTERNATIVES} are compared`);
  }
  // null among them is any
  return all.includes(null) ? [] : all.map((one) => read(one, name));
}
