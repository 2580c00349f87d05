import { createHash } from 'node:crypto';
import { makeCommittee, recordOf, verifyCertificate } from '@perigee/light-core/da';
import type { TxOutcome, TxSubmit, VerifiedHead, VerifiedState } from '@perigee/light-core/roles';
import { bestEd25519 } from '@perigee/light-core/signature';
import {
  APP_STATE_KEY,
  accountKey,
  blobKey,
  committeeKey,
  GENESIS_HASH_KEY,
  STORE,
  sessionsKey,
} from '@perigee/light-core/state';
import { decodeTx, type Ed25519Signer, verifyTxAuth } from '@perigee/light-core/tx';
import {
  Account,
  AppState,
  type BlobRecord,
  BlobRecord as BlobRecordMessage,
  Committee,
  ed25519Address,
  type Session,
  Sessions,
  toHex,
  txIdOf,
  u32le,
  utf8,
} from '@perigee/wire';
import { nativeSigner } from '../../../tests/kit/native-signer.ts';

const verifyEd25519 = bestEd25519(globalThis.crypto.subtle);

function sha256(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(bytes).digest());
}

export function signerOf(i: number): Ed25519Signer {
  return nativeSigner(sha256(u32le(i)));
}

/**
 * State of a chain whose blocks are made by hand: what a role takes as `VerifiedState` and `TxSubmit`, with the real checks of a
 * certificate, and without consensus and proofs, which are tested where they live.
 */
export class Ledger implements VerifiedState, TxSubmit {
  readonly genesisHash = sha256(utf8('genesis of the ledger'));
  readonly committee;
  readonly #values = new Map<string, Uint8Array>();
  readonly #listeners = new Set<(head: VerifiedHead) => void>();
  #height = 0;
  /** Makes every question fail, as a state does that cannot be reached. */
  broken = false;

  constructor(
    stakes: readonly bigint[],
    options: { epochBlocks?: number; gasPrice?: bigint; daPrice?: bigint; faucet?: Uint8Array } = {},
  ) {
    const { epochBlocks = 100, gasPrice = 0n, daPrice = 0n, faucet } = options;
    this.committee = makeCommittee(
      stakes.map((stake, i) => {
        const { publicKey } = signerOf(i);
        return { address: ed25519Address(publicKey), publicKey, stake };
      }),
    );
    const appState: AppState = {
      version: 0,
      development: true,
      epochBlocks,
      committee: { members: this.committee.members },
      accounts: [],
      ethereumChainId: 1,
      maxRetentionBlocks: 1_000,
      gasPrice,
      daPrice,
      faucet,
      collateralFloors: [],
    };
    this.set(STORE.chain, GENESIS_HASH_KEY, this.genesisHash);
    this.set(STORE.chain, APP_STATE_KEY, AppState.encode(appState));
    for (let epoch = 0; epoch < 10; epoch++) {
      this.set(STORE.da, committeeKey(epoch), Committee.encode({ members: this.committee.members }));
    }
  }

  set(store: string, key: Uint8Array, value: Uint8Array): void {
    this.#values.set(`${store}/${toHex(key)}`, value);
  }

  pay(address: Uint8Array, balance: bigint): void {
    this.set(STORE.account, accountKey(address), Account.encode({ balance, nonces: [] }));
  }

  grant(address: Uint8Array, sessions: readonly Session[]): void {
    this.set(STORE.account, sessionsKey(address), Sessions.encode({ sessions: [...sessions] }));
  }

  record(record: BlobRecord): void {
    this.set(STORE.da, blobKey(record.blobId), BlobRecordMessage.encode(record));
  }

  /** The next head, `by` blocks on. */
  advance(by = 1): void {
    this.#height += by;
    const head = this.head();
    if (head !== undefined) for (const listener of this.#listeners) listener(head);
  }

  head(): VerifiedHead | undefined {
    if (this.#height === 0) return undefined;
    return { height: this.#height, headerHash: this.genesisHash, chainId: 'ledger-0', timeMs: 0, appHash: this.genesisHash };
  }

  async get(store: string, key: Uint8Array): Promise<Uint8Array | undefined> {
    if (this.broken) throw new Error('the state cannot be reached');
    return this.#values.get(`${store}/${toHex(key)}`);
  }

  onHead(listener: (head: VerifiedHead) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes one certificate a block, by the rules of nonces and certificates. */
  async submit(raw: Uint8Array): Promise<TxOutcome> {
    const decoded = decodeTx(raw);
    const { tx } = await verifyTxAuth(decoded, {
      genesisHash: this.genesisHash,
      chainId: 'ledger',
      ethereumChainId: 0,
      verifyEd25519,
    });
    const id = txIdOf(raw);
    const key = accountKey(tx.sender);
    const held = await this.get(STORE.account, key);
    const account = held === undefined ? { balance: 0n, nonces: [] } : Account.decode(held);
    const due = account.nonces.find(({ lane }) => lane === tx.lane)?.next ?? 0;
    if (tx.nonce !== due) return { txId: id, height: 0, code: 8, log: `nonce ${due} is due` };
    const certificate = tx.messages[0]?.certify?.certificate;
    if (certificate === undefined) return { txId: id, height: 0, code: 20, log: 'no certificate' };
    await verifyCertificate(certificate, this.committee, { genesisHash: this.genesisHash, verifyEd25519 });
    this.advance();
    const height = this.#height;
    this.set(STORE.account, key, Account.encode({ ...account, nonces: [{ lane: tx.lane, next: due + 1 }] }));
    this.record(recordOf(certificate, height));
    setImmediate(() => this.advance());
    return { txId: id, height, code: 0, log: '' };
  }
}
