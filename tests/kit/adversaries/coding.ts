/** Blobs that are wrong in themselves: certified, and served, by members that do not care. */
import { blobGeometry, type ChainView, packBlob } from '@perigee/light-core/da';
import { type Ed25519Signer, signTx } from '@perigee/light-core/tx';
import { type Host, type KnownPeer, open, txProtocol } from '@perigee/net';
import { openRow, type RowCommitment } from '@perigee/wasm-codec';
import { CERTIFY_GAS_LIMIT, ed25519Address, equal, ROW_STATUS, type RowAnswer, toHex } from '@perigee/wire';
import { loadCodec } from '@perigee/workers/codec';
import { falseCertificate, termsOf } from '../false-certificate.ts';
import type { Lies, RowLie } from './liar.ts';

const LENGTH = 20_000;
const RETENTION = 10_000;
const MAX_FEE = 10n ** 20n;
/** Nonces that nobody else takes. */
const LANE = 60;
const LOOK_AGAIN_MS = 50;

export interface Coded extends RowCommitment {
  readonly rows: Uint8Array;
  /** Bytes of data. */
  readonly length: number;
}

/** A blob whose parity rows are not the extension of its original rows, rightly committed to. */
export async function badlyCoded(seed: number, redundancy: 2 | 4 | 8 = 4, length = LENGTH): Promise<Coded> {
  const codec = await loadCodec();
  const geometry = blobGeometry(length, redundancy);
  const original = packBlob(new Uint8Array(length).fill(seed), geometry);
  const parity = codec.encode({ ...geometry, original, layout: 'high' }).map((byte) => byte ^ 0x55);
  const rows = new Uint8Array(original.length + parity.length);
  rows.set(original);
  rows.set(parity, original.length);
  return { ...codec.commit({ ...geometry, original, parity }), rows, length };
}

/** Gives every row of it, whoever holds what. */
export function servesAll({ rows, rowSize, tree, rowRoot, rlcOriginal }: Coded): RowLie {
  return () =>
    async function* ({ indices, prime }): AsyncGenerator<RowAnswer> {
      if (prime) yield { prime: { rowRoot, rlcOriginal }, status: ROW_STATUS.row };
      for (const index of indices) {
        const row = rows.subarray(index * rowSize, (index + 1) * rowSize);
        yield { index, status: ROW_STATUS.row, proof: { index, row, path: openRow(tree, index) } };
      }
    };
}

export interface WrongCodingParts {
  readonly host: Host;
  /** Takes transactions. */
  readonly target: KnownPeer;
  readonly chain: ChainView;
  /** Of the member whose stake suffices. */
  readonly signer: Ed25519Signer;
  /** Of the account that pays. */
  readonly account: Ed25519Signer;
  readonly redundancy: 2 | 4 | 8;
}

/** Has the chain record such a blob on the word of one member. @returns its id in hexadecimal, and what serves it */
export async function certifyWrongCoding(parts: WrongCodingParts): Promise<{ readonly key: string; readonly lies: Lies }> {
  const { host, target, chain, signer, account, redundancy } = parts;
  const blob = await badlyCoded(redundancy, redundancy);
  const terms = termsOf(blob, blob.length);
  const { genesisHash } = await chain.facts();
  const epoch = await chain.epoch();
  const { height } = chain.head();
  const publisher = ed25519Address(account.publicKey);
  const certificate = await falseCertificate(terms, {
    committee: await chain.committee(epoch),
    epoch,
    expiryHeight: height + RETENTION,
    genesisHash,
    publisher,
    signers: [signer],
  });
  const nonce = (await chain.account(publisher))?.nonces.find(({ lane }) => lane === LANE)?.next ?? 0;
  const raw = await signTx(
    {
      lane: LANE,
      nonce,
      expiryHeight: height + 100,
      gasLimit: CERTIFY_GAS_LIMIT,
      maxFee: MAX_FEE,
      tip: 0n,
      messages: [{ certify: { certificate } }],
    },
    genesisHash,
    account,
  );
  const outcome = await open(host, target, txProtocol).callOne({ submit: raw, result: undefined, wait: true });
  if (outcome.code !== 0) throw new Error(`the chain refused the certificate: ${outcome.log}`);
  while (chain.head().height < outcome.height + 1) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  const rows: RowLie = (honest) => (request, context) =>
    (equal(request.blobId, terms.blobId) ? servesAll(blob)(honest) : honest)(request, context);
  return { key: toHex(terms.blobId), lies: { rows } };
}
