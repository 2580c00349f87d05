import { request } from 'node:http';
import { Readable } from 'node:stream';
import {
  blockResultsFromJson,
  headerFromJson,
  jsonBase64,
  jsonList,
  jsonNumber,
  jsonObject,
  jsonText,
  signedHeaderFromJson,
  type ToldTx,
  type TxResult,
  toBase64,
  txFromJson,
  validatorsPageFromJson,
} from '@perigee/light-core/comet';
import { callRpc, type Fetch } from '@perigee/net/json-rpc';
import {
  COMET_RPC_TIMEOUT_MS,
  type Commit,
  type Header,
  MAX_VALIDATORS,
  PerigeeError,
  toHex,
  type Validator,
} from '@perigee/wire';

/** CometBFT's own limit. */
const VALIDATORS_A_PAGE = 100;

/** A transaction as the mempool took it, or a block executed it. */
export interface ToldResult {
  readonly code: number;
  readonly log: string;
}

/**
 * RPC of the CometBFT that this process runs. All calls throw UNREACHABLE while it starts, TIMEOUT, ABORTED, REFUSED with its words, and PARSE for nonsense.
 */
export class CometRpc {
  readonly #fetch: Fetch;
  readonly #stopped: AbortSignal;

  /** @param stopped gives up all calls */
  constructor(socket: string, stopped: AbortSignal) {
    this.#fetch = overSocket(socket);
    this.#stopped = stopped;
  }

  /** First height whose header it keeps, 0 while there is none. */
  async earliest(): Promise<number> {
    const { sync_info: info } = jsonObject(await this.#call('status', {}), 'status');
    return jsonNumber(jsonObject(info, 'sync_info').earliest_block_height, 'earliest_block_height');
  }

  /** @throws NOT_FOUND */
  async signedHeader(height: number): Promise<{ readonly header: Header; readonly commit: Commit }> {
    const answer = await this.#call('commit', { height: String(height) });
    if (answer === null) throw new PerigeeError('NOT_FOUND', `CometBFT has no header ${height}`);
    const { header, commit } = signedHeaderFromJson(answer);
    if (header === undefined || commit === undefined)
      throw new PerigeeError('PARSE', `header ${height} of CometBFT is not whole`);
    return { header, commit };
  }

  /** The set that signs a height. @throws NOT_FOUND */
  async validators(height: number): Promise<readonly Validator[]> {
    const validators: Validator[] = [];
    for (let page = 1, total = 1; validators.length < total; page++) {
      const params = { height: String(height), page: String(page), per_page: String(VALIDATORS_A_PAGE) };
      const told = validatorsPageFromJson(await this.#call('validators', params));
      if (told.height !== height || told.total > MAX_VALIDATORS || told.validators.length === 0) {
        throw new PerigeeError(
          'PARSE',
          `CometBFT tells of ${told.total} validators at height ${told.height}; asked was ${height}`,
        );
      }
      validators.push(...told.validators);
      total = told.total;
    }
    return validators;
  }

  /**
   * Hand a transaction to the mempool.
   *
   * @returns the verdict of the application, `undefined` when the transaction was handed in before
   * @throws BUSY when the mempool is full
   */
  async broadcast(raw: Uint8Array): Promise<ToldResult | undefined> {
    try {
      return resultOf(jsonObject(await this.#call('broadcast_tx_sync', { tx: toBase64(raw) }), 'verdict'));
    } catch (error) {
      const { code, message } = PerigeeError.from(error);
      if (code === 'REFUSED' && message.includes('already exists in cache')) return undefined;
      if (code === 'REFUSED' && message.includes('mempool is full')) {
        throw new PerigeeError('BUSY', 'the mempool is full; send this one again after the next block', { cause: error });
      }
      throw error;
    }
  }

  /** A transaction in a block; `undefined` when none that is indexed holds it. @param txId SHA-256 of its bytes */
  async tx(txId: Uint8Array): Promise<(ToldResult & { readonly height: number }) | undefined> {
    const told = await unlessUnknown(this.#call('tx', { hash: toBase64(txId) }));
    if (told === undefined) return undefined;
    const answer = jsonObject(told, 'transaction');
    return { ...resultOf(jsonObject(answer.tx_result, 'tx_result')), height: jsonNumber(answer.height, 'tx.height') };
  }

  /** The transactions of a block, as they are. @throws NOT_FOUND */
  async txs(height: number): Promise<readonly Uint8Array[]> {
    const { block } = jsonObject(await this.#call('block', { height: String(height) }), 'block answer');
    if (block === null) throw new PerigeeError('NOT_FOUND', `CometBFT has no block ${height}`);
    const { txs } = jsonObject(jsonObject(block, 'block').data, 'block.data');
    return jsonList(txs ?? [], 'block.data.txs').map((tx) => jsonBase64(tx, 'transaction'));
  }

  /** Of all transactions of a block, in their order. */
  async results(height: number): Promise<readonly TxResult[]> {
    return blockResultsFromJson(await this.#call('block_results', { height: String(height) }));
  }

  /** Height of the block with a header hash. */
  async heightOf(headerHash: Uint8Array): Promise<number | undefined> {
    const answer = await unlessUnknown(this.#call('header_by_hash', { hash: toHex(headerHash) }));
    const header = answer === undefined ? null : jsonObject(answer, 'header answer').header;
    return header === null || header === undefined ? undefined : headerFromJson(header).height;
  }

  /** Where the transaction is that a block holds, by its id. */
  async placeOf(txId: Uint8Array): Promise<Place | undefined> {
    const answer = await unlessUnknown(this.#call('tx', { hash: toBase64(txId) }));
    return answer === undefined ? undefined : placeFromJson(answer);
  }

  /** Where the first transaction is that has an event with this value. @param attribute `<type>.<key>` @param value letters and digits */
  async placeByEvent(attribute: string, value: string): Promise<Place | undefined> {
    const params = { query: `${attribute}='${value}'`, page: '1', per_page: '1', order_by: 'asc' };
    const [first] = jsonList(jsonObject(await this.#call('tx_search', params), 'search answer').txs, 'txs');
    return first === undefined ? undefined : placeFromJson(first);
  }

  /** A transaction in a block, with its proof, and the results of all transactions of the block; see `tx`. */
  async provenTx(txId: Uint8Array): Promise<(ToldTx & { readonly results: readonly TxResult[] }) | undefined> {
    const answer = await unlessUnknown(this.#call('tx', { hash: toBase64(txId), prove: true }));
    if (answer === undefined) return undefined;
    const told = txFromJson(answer);
    return { ...told, results: await this.results(told.height) };
  }

  async #call(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown> {
    const end = new AbortController();
    let isLate = false;
    // by hand, because Node keeps what AbortSignal.any makes for as long as the signal that it was made of
    const onStop = () => end.abort();
    this.#stopped.addEventListener('abort', onStop, { once: true });
    if (this.#stopped.aborted) onStop();
    const timer = setTimeout(() => {
      isLate = true;
      end.abort();
    }, COMET_RPC_TIMEOUT_MS);
    try {
      return await callRpc(this.#fetch, 'CometBFT', method, params, end.signal);
    } catch (cause) {
      if (!isLate || this.#stopped.aborted) throw cause;
      throw new PerigeeError('TIMEOUT', `CometBFT did not answer ${method} within ${COMET_RPC_TIMEOUT_MS} ms`, { cause });
    } finally {
      clearTimeout(timer);
      this.#stopped.removeEventListener('abort', onStop);
    }
  }
}

/** Nothing where CometBFT says that it knows none. */
async function unlessUnknown(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    const { code, message } = PerigeeError.from(error);
    if (code === 'REFUSED' && message.includes('not found')) return undefined;
    throw error;
  }
}

/** Where a transaction is. */
export interface Place {
  readonly height: number;
  readonly index: number;
}

function placeFromJson(value: unknown): Place {
  const json = jsonObject(value, 'transaction');
  return { height: jsonNumber(json.height, 'tx.height'), index: jsonNumber(json.index ?? 0, 'tx.index') };
}

function resultOf(json: { readonly [name: string]: unknown }): ToldResult {
  return { code: jsonNumber(json.code ?? 0, 'code'), log: jsonText(json.log ?? '', 'log') };
}

/** `fetch` knows no sockets that are files. */
function overSocket(socketPath: string): Fetch {
  return (_, { method = 'POST', headers = {}, body, signal }) =>
    new Promise((resolve, reject) => {
      const options = { socketPath, path: '/', method, headers: headers as Record<string, string>, signal: signal ?? undefined };
      const call = request(options, (answer) => {
        resolve(new Response(Readable.toWeb(answer) as ReadableStream<Uint8Array>, { status: answer.statusCode ?? 500 }));
      });
      call.once('error', reject);
      call.end(body);
    });
}
