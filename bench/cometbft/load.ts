import { ask } from '../../tests/cometbft/network.ts';

/** CometBFT takes no more requests in one. */
const BATCH = 10;
/** Requests to each node at a time. */
const AT_ONCE = 4;
/** How long a node is left alone whose mempool is full, milliseconds. */
const FULL_MS = 20;
/** CometBFT gives so many headers at once. */
const HEADERS = 20;

/** A header as the RPC gives it. */
interface BlockMeta {
  readonly header: { readonly height: string; readonly time: string };
  readonly num_txs: string;
}

/** What is asked of a block. */
export interface BlockTime {
  readonly height: number;
  readonly txs: number;
  /** When the validators had voted for it, which is what the header after it says; milliseconds since 1970. */
  readonly decidedMs: number;
}

export interface Throughput {
  /** Transactions a second, from the first that is handed in to the decision of the block with the last. */
  readonly tps: number;
  /** Between the decisions of blocks with transactions. */
  readonly blockMs: readonly number[];
}

/** Hands in transactions, a share to each node and as fast as the nodes take them, and waits until blocks hold them all. */
export async function flood(rpcs: readonly string[], txs: readonly Uint8Array[]): Promise<Throughput> {
  const first = await heightAt(rpcs[0] ?? '');
  const start = Date.now();
  await Promise.all(
    rpcs.map((rpc, i) =>
      handIn(
        rpc,
        txs.filter((_, at) => at % rpcs.length === i),
      ),
    ),
  );
  for (;;) {
    const blocks = (await blocksAfter(rpcs[0] ?? '', first)).filter((block) => block.txs > 0);
    const count = blocks.reduce((sum, block) => sum + block.txs, 0);
    if (count > txs.length) throw new Error(`blocks hold ${count} transactions, of ${txs.length}`);
    const last = blocks.at(-1);
    if (count < txs.length || last === undefined) {
      await pause(200);
      continue;
    }
    const blockMs = blocks.slice(1).map((block, i) => block.decidedMs - (blocks[i]?.decidedMs ?? Number.NaN));
    return { tps: txs.length / ((last.decidedMs - start) / 1_000), blockMs };
  }
}

/** Blocks above a height that have a block after them, lowest first. */
export async function blocksAfter(rpc: string, after: number): Promise<BlockTime[]> {
  const last = await heightAt(rpc);
  const metas: BlockMeta[] = [];
  for (let from = after + 1; from <= last; from += HEADERS) {
    const range = { minHeight: String(from), maxHeight: String(Math.min(last, from + HEADERS - 1)) };
    const { block_metas } = await ask<{ block_metas: BlockMeta[] }>({ rpc }, 'blockchain', range);
    metas.push(...block_metas.reverse());
  }
  return metas.slice(0, -1).map(({ header, num_txs }, i) => ({
    height: Number(header.height),
    txs: Number(num_txs),
    decidedMs: Date.parse(metas[i + 1]?.header.time ?? ''),
  }));
}

async function heightAt(rpc: string): Promise<number> {
  const { sync_info } = await ask<{ sync_info: { latest_block_height: string } }>({ rpc }, 'status');
  return Number(sync_info.latest_block_height);
}

async function handIn(rpc: string, txs: readonly Uint8Array[]): Promise<void> {
  const left = txs.map((tx) => Buffer.from(tx).toString('base64'));
  const work = async () => {
    for (let batch = left.splice(0, BATCH); batch.length > 0; batch = left.splice(0, BATCH)) {
      const again = await handInBatch(rpc, batch);
      left.push(...again);
      if (again.length > 0) await pause(FULL_MS);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

interface Answer {
  readonly id: number;
  readonly result?: { readonly code: number; readonly log: string };
  readonly error?: { readonly message: string; readonly data: string };
}

/** @returns those for which the mempool has no room */
async function handInBatch(rpc: string, txs: readonly string[]): Promise<string[]> {
  const calls = txs.map((tx, id) => ({ jsonrpc: '2.0', id, method: 'broadcast_tx_sync', params: { tx } }));
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(rpc, { method: 'POST', headers, body: JSON.stringify(calls) });
  const answers = [(await response.json()) as Answer | Answer[]].flat();
  return txs.filter((_, i) => {
    const { result, error } = answers.find(({ id }) => id === i) ?? {};
    if (result?.code === 0) return false;
    if (error?.data.includes('mempool is full') === true) return true;
    throw new Error(`${rpc} refused a transaction: ${result?.log ?? error?.data ?? 'no answer'}`);
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
