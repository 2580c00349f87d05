import { fileGeometry } from '@perigee/light-core/storage';
import { type Caller, type HttpAnswer, type HttpRequest, type HttpStream, parseJson } from '@perigee/net/http';
import { fromHex, MAX_HTTP_FILES, PerigeeError, type StoredFile, toHex } from '@perigee/wire';
import { Downloads } from './downloads.ts';
import type { FileLocator } from './file-locations.ts';
import type { FileInfo, Files } from './files.ts';
import { GATEWAY_CODE, Refusal } from './gateway-code.ts';
import { dataParam, fileNameOf, hashParam, numberParam, proofParam } from './params.ts';
import { RPC_CODE, rpcErrorOf } from './rpc-error.ts';
import type { SegmentWriter } from './segment-writer.ts';
import { type Listed, locate, StoredFolders } from './stored-folders.ts';
import type { VerifiedSegments } from './verified-segments.ts';

/** Status of an answer that says that this node failed; all others, refusals too, are 200. */
const FAILED_STATUS = 600;

export interface GatewayParts {
  readonly files: Files;
  readonly locator: FileLocator;
  readonly segments: VerifiedSegments;
  readonly writer: SegmentWriter;
  /** What `zgs_getStatus` says. */
  readonly status: (caller: Caller) => Promise<unknown>;
  readonly onFault: (error: PerigeeError) => void;
}

/** Files over plain HTTP, as 0G's indexer serves them. Of a file no byte goes out that was not verified. */
export class Gateway {
  readonly #parts: GatewayParts;
  readonly #downloads: Downloads;
  readonly #folders: StoredFolders;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#downloads = new Downloads(parts.segments);
    this.#folders = new StoredFolders(parts.segments);
  }

  /** @returns `undefined` for a path that is none of its own @throws HttpError 416 */
  async answer(request: HttpRequest): Promise<HttpAnswer | HttpStream | undefined> {
    const route = this.#routeOf(request);
    if (route === undefined) return undefined;
    try {
      const result = await route();
      return isStream(result) ? result : json(200, GATEWAY_CODE.success[0], GATEWAY_CODE.success[1], result);
    } catch (thrown) {
      if (request.signal.aborted || (thrown instanceof Error && thrown.name === 'HttpError')) throw thrown;
      if (thrown instanceof Refusal) return json(200, thrown.code, thrown.message, thrown.data);
      const { code, data } = rpcErrorOf(thrown, this.#parts.onFault);
      const isTheirs = code === RPC_CODE.invalidParams;
      const [number, message] = isTheirs ? GATEWAY_CODE.validation : GATEWAY_CODE.internal;
      return json(isTheirs ? 200 : FAILED_STATUS, number, message, data ?? null);
    }
  }

  #routeOf(request: HttpRequest): (() => Promise<unknown>) | undefined {
    const { method, url } = request;
    const { pathname, searchParams: query } = url;
    if (method === 'POST') return pathname === '/file/segment' ? () => this.#upload(request) : undefined;
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    if (pathname === '/file') return () => this.#download(request);
    if (pathname === '/node/status') return () => this.#parts.status(request);
    if (pathname === '/files/info') return () => this.#infos(query.getAll('cid'), request.signal);
    const [, cid] = /^\/file\/info\/([^/]+)$/.exec(pathname) ?? [];
    if (cid !== undefined) return () => this.#info(cid, request.signal);
    const [, folder, path] = /^\/file\/([^/]+)\/(.*)$/.exec(pathname) ?? [];
    return folder === undefined || path === undefined ? undefined : () => this.#downloadOf(folder, path, request);
  }

  /** What the whole network has of a file. */
  async #info(cid: string, signal: AbortSignal): Promise<FileInfo> {
    const { files, locator } = this.#parts;
    const file = await this.#fileOf(nameOf(cid), signal);
    const { isWhole } = await locator.find(file, signal);
    const info = files.infoOf(file);
    const uploadedSegNum = isWhole ? fileGeometry(file.length).segments : info.uploadedSegNum;
    return { ...info, finalized: isWhole, uploadedSegNum };
  }

  async #infos(cids: readonly string[], signal: AbortSignal): Promise<(FileInfo | null)[]> {
    if (cids.length === 0 || cids.length > MAX_HTTP_FILES) {
      throw new Refusal(GATEWAY_CODE.validation, `name 1 to ${MAX_HTTP_FILES} files, each as cid=`);
    }
    const infos: (FileInfo | null)[] = [];
    for (const cid of cids) {
      infos.push(
        await this.#info(cid, signal).catch((error: unknown) => {
          if (error instanceof Refusal && error.code === GATEWAY_CODE.notFound[0]) return null;
          throw error;
        }),
      );
    }
    return infos;
  }

  async #download(request: HttpRequest): Promise<HttpStream> {
    const { searchParams: query } = request.url;
    const [root, txSeq] = [query.get('root') ?? '', query.get('txSeq') ?? ''];
    if (root === '' && txSeq === '') throw new Refusal(GATEWAY_CODE.validation, "Either 'root' or 'txSeq' must be provided");
    const file = await this.#fileOf(txSeq === '' ? rootOf(root) : nameOf(txSeq), request.signal);
    const name = query.get('name') || `0x${toHex(file.root)}`;
    const etag = `"${toHex(file.root)}-${file.length}"`;
    return this.#downloads.stream({ file, offset: 0, length: file.length, name, etag }, request);
  }

  /** A file of a stored folder, or the list of what is in it. */
  async #downloadOf(cid: string, path: string, request: HttpRequest): Promise<HttpStream | readonly Listed[]> {
    const { signal } = request;
    const folder = await this.#folders.read(await this.#fileOf(nameOf(cid), signal), signal);
    const found = locate(folder, pathOf(path));
    if (!('size' in found)) return found;
    const { path: whole, size: length, part, offset } = found;
    const stored = part === undefined ? undefined : folder.parts[part];
    const file = stored && (await this.#parts.files.find(stored, signal));
    if (stored !== undefined && file === undefined) throw new Refusal(GATEWAY_CODE.notFound, `${whole} was never submitted`);
    const name = whole.slice(whole.lastIndexOf('/') + 1);
    const etag = `"${stored === undefined ? 'empty' : toHex(stored.root)}-${offset}-${length}"`;
    return this.#downloads.stream({ file, offset, length, name, etag }, request);
  }

  async #fileOf(name: number | Uint8Array, signal: AbortSignal): Promise<StoredFile> {
    const file = await this.#parts.files.named(name, signal);
    if (file === undefined) throw new Refusal(GATEWAY_CODE.notFound);
    return file;
  }

  /** `{root or txSeq, index, data, proof}`; the size is the chain's. */
  async #upload({ body, address, signal }: HttpRequest): Promise<string> {
    const { writer } = this.#parts;
    const given = readObject(body);
    const txSeq = given.txSeq === undefined || given.txSeq === null ? undefined : numberParam(given.txSeq, 'tx_seq');
    const file = await this.#fileOf(txSeq ?? hashParam(given.root, 'root'), signal);
    const segment = { index: numberParam(given.index, 'index'), data: dataParam(given.data), proof: proofParam(given.proof) };
    await writer.write([{ root: file.root, fileSize: file.length, segment }], file.txSeq, true, { address, signal });
    return 'Succeeded to upload segment';
  }
}

/** @throws Refusal */
function readObject(body: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseJson(body);
  } catch (error) {
    throw new Refusal(GATEWAY_CODE.validation, PerigeeError.from(error).message);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Refusal(GATEWAY_CODE.validation, 'the body is an object');
}

/** @throws Refusal */
function nameOf(cid: string): number | Uint8Array {
  try {
    return fileNameOf(decodeURIComponent(cid));
  } catch (error) {
    throw new Refusal(GATEWAY_CODE.validation, PerigeeError.from(error).message);
  }
}

/** @throws Refusal */
function rootOf(text: string): Uint8Array {
  try {
    return fromHex(text, 32);
  } catch (error) {
    throw new Refusal(GATEWAY_CODE.validation, PerigeeError.from(error).message);
  }
}

/** Without the strokes around it. @throws Refusal */
function pathOf(text: string): string {
  try {
    return decodeURIComponent(text).replace(/^\/+|\/+$/g, '');
  } catch {
    throw new Refusal(GATEWAY_CODE.validation, 'this is no path');
  }
}

function isStream(result: unknown): result is HttpStream {
  return typeof result === 'object' && result !== null && 'pieces' in result;
}

function json(status: number, code: number, message: string, data: unknown): HttpAnswer {
  return { status, body: JSON.stringify({ code, message, data }) };
}
