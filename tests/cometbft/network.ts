/** A network of processes: each a `perigee node` with chain and data availability, and the CometBFT that it runs. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGenesis, encodeGenesis, type Genesis } from '@perigee/chain';
import { nodeIdOf } from '@perigee/chain/cometbft';
import { formatTrustRoot, parseTime } from '@perigee/light-core/comet';
import { ed25519Signer } from '@perigee/light-core/tx';
import { ed25519Address, fromHex, toHex } from '@perigee/wire';
import { cometbftProgram } from '../kit/cometbft.ts';
import { temporaryFolder } from '../kit/folder.ts';
import { freePort } from '../kit/port.ts';
import { startPerigee, type TestProcess } from '../kit/process.ts';

const TOKEN = 10n ** 18n;
const STAKE = 1_000n * TOKEN;

export interface CometNetworkOptions {
  readonly validators: number;
  readonly blockMs: number;
  readonly snapshotBlocks: number;
  /** Of the validators' nodes; `chain,da` unless given. */
  readonly roles?: string;
  /** Who else has tokens from the beginning. */
  readonly accounts?: readonly Uint8Array[];
}

/** One place of the network: a home, and the process that runs there now. */
export interface Place {
  readonly name: string;
  readonly home: string;
  /** Of its CometBFT's RPC. */
  readonly rpc: string;
  /** `<node id>@<host>:<port>`. */
  readonly address: string;
  readonly argv: readonly string[];
  process: TestProcess | undefined;
}

export interface PlaceOptions {
  /** Whose key it signs with; none to follow. */
  readonly validator?: number;
  readonly roles?: string;
  readonly more?: readonly string[];
}

export class CometNetwork {
  readonly folder = temporaryFolder('comets');
  readonly genesis: Genesis;
  readonly places: Place[] = [];
  /** Path of the trust root. */
  readonly chain = join(this.folder, 'perigee-chain.json');
  /** Home of a light node whose account has tokens. */
  readonly light = join(this.folder, 'light');
  readonly #options: CometNetworkOptions;

  constructor(options: CometNetworkOptions) {
    this.#options = options;
    const names = Array.from({ length: options.validators }, (_, i) => i);
    this.genesis = createGenesis({
      name: 'comets',
      time: Date.now() - 1_000,
      stakes: names.map((i) => ({
        address: ed25519Address(signerOf(`staker ${i}`).publicKey),
        validatorKey: signerOf(`validator ${i}`).publicKey,
        committeeKey: signerOf(`member ${i}`).publicKey,
        amount: STAKE,
      })),
      committee: names.map((i) => {
        const { publicKey } = signerOf(`member ${i}`);
        return { address: ed25519Address(publicKey), publicKey, stake: STAKE / TOKEN };
      }),
      accounts: [
        ...['account', 'sender'].map((name) => ed25519Address(signerOf(name).publicKey)),
        ...(options.accounts ?? []),
      ].map((address) => ({ address, balance: 1_000n * TOKEN })),
      development: true,
      gasPrice: 1_000n,
      daPrice: 1n,
    });
    writeFileSync(join(this.folder, 'genesis.bin'), encodeGenesis(this.genesis));
    for (const i of names) this.#writeKey(join(this.folder, `validator${i}.key`), `validator ${i}`);
    mkdirSync(this.light);
    this.#writeKey(join(this.light, 'account.key'), 'account');
  }

  /** Makes room for a node; it knows all places that are there by then as peers. */
  async add(name: string, { validator, roles = 'chain', more = [] }: PlaceOptions = {}): Promise<Place> {
    const home = join(this.folder, name);
    mkdirSync(home);
    this.#writeKey(join(home, 'cometbft-node.key'), `node ${name}`);
    if (validator !== undefined) this.#writeKey(join(home, 'member.key'), `member ${validator}`);
    const [port, rpcPort] = [await freePort(), await freePort()];
    const { blockMs, snapshotBlocks } = this.#options;
    const argv = ['node', '--home', home, '--role', roles, '--genesis', join(this.folder, 'genesis.bin')];
    argv.push('--engine', 'cometbft', '--cometbft', cometbftProgram() ?? '', '--cometbft-port', String(port));
    argv.push('--cometbft-rpc', `127.0.0.1:${rpcPort}`, '--block-ms', String(blockMs), '--da-budget', '0.1');
    argv.push('--snapshot-blocks', String(snapshotBlocks), ...this.places.flatMap(({ address }) => ['--cometbft-peer', address]));
    if (validator !== undefined) argv.push('--validator-key', join(this.folder, `validator${validator}.key`));
    const address = `${nodeIdOf(secretOf(`node ${name}`))}@127.0.0.1:${port}`;
    const rpc = `http://127.0.0.1:${rpcPort}`;
    const place: Place = { name, home, rpc, address, argv: [...argv, ...more], process: undefined };
    this.places.push(place);
    return place;
  }

  /** Starts all validators and writes the trust root. */
  async begin(): Promise<void> {
    const { validators, roles = 'chain,da' } = this.#options;
    for (let i = 0; i < validators; i++) await this.add(`node${i}`, { validator: i, roles });
    for (const place of this.places) place.process = startPerigee(place.argv);
    const readies = await Promise.all(this.places.map((place) => place.process?.ready()));
    const root = readies[0]?.root as { height: number; headerHash: string; time: string };
    writeFileSync(
      this.chain,
      formatTrustRoot({
        chainId: this.genesis.initChain.chainId,
        genesisHash: this.genesis.genesisHash,
        height: root.height,
        headerHash: fromHex(root.headerHash, 32),
        time: parseTime(root.time),
        peers: readies.flatMap((ready) => ready?.multiaddrs as string[]),
      }),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.places.map((place) => place.process?.stop()));
  }

  #writeKey(path: string, name: string): void {
    writeFileSync(path, `${toHex(secretOf(name))}\n`, { mode: 0o600 });
  }
}

export function secretOf(name: string): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(`comet network, ${name}`).digest());
}

export function signerOf(name: string) {
  return ed25519Signer(secretOf(name));
}

/** Asks a CometBFT's RPC. */
export async function ask<T>({ rpc }: Pick<Place, 'rpc'>, method: string, params: object = {}): Promise<T> {
  const response = await fetch(rpc, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const { result, error } = (await response.json()) as { result?: T; error?: { message: string; data: string } };
  if (result === undefined) throw new Error(`${rpc} refused ${method}: ${error?.message}: ${error?.data}`);
  return result;
}

interface Status {
  readonly sync_info: { readonly latest_block_height: string; readonly catching_up: boolean };
}

export async function heightOf(place: Pick<Place, 'rpc'>): Promise<number> {
  return Number((await ask<Status>(place, 'status')).sync_info.latest_block_height);
}

/** What an application answered to a block, by hexadecimal of its state's root. */
export async function appHashAt(place: Pick<Place, 'rpc'>, height: number): Promise<string> {
  const { app_hash } = await ask<{ app_hash: string }>(place, 'block_results', { height: String(height) });
  return Buffer.from(app_hash, 'base64').toString('hex');
}
