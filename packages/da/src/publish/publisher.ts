import {
  assembleCertificate,
  assignRows,
  type BlobGeometry,
  blobFee,
  blobGeometry,
  blobRows,
  type CanonicalCommittee,
  ChainView,
  certificateSignBytes,
  certificateTerms,
  checkPolicy,
  handOverPrice,
  promiseIdOf,
  promiseSignBytes,
  type Redundancy,
} from '@perigee/light-core/da';
import type { Clock, RandomBytes, TxSubmit, VerifiedState } from '@perigee/light-core/roles';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { blobTags } from '@perigee/light-core/storage';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import type { Host, KnownPeer } from '@perigee/net';
import {
  type BlobRecord,
  blobIdOf,
  CERTIFY_GAS_LIMIT,
  type Certificate,
  DEFAULT_REDUNDANCY,
  ed25519Address,
  equal,
  keyText,
  PerigeeError,
  type PromiseBody,
  type TxMessage,
} from '@perigee/wire';
import { collectGarbage } from '@perigee/workers';
import type { CodecPool } from '../codec/codec-pool.ts';
import type { ExtendedBlob } from '../codec/extended-blob.ts';
import { makeRoom } from '../codec/extender.ts';
import { Certifier } from './certify.ts';
import { checkAccount } from './check-account.ts';
import { collectSignatures, type MemberRefusal } from './collect-signatures.ts';
import { untilRecorded } from './until-recorded.ts';
import { uploadToMember } from './upload-member.ts';

export interface PublisherOptions {
  readonly host: Host;
  readonly state: VerifiedState;
  readonly tx: TxSubmit;
  /** Key of the account that publishes and pays, or a session key of it. */
  readonly signer: Ed25519Signer;
  /** The account that has granted the key a session; without one the key is the account's own. */
  readonly account?: Uint8Array;
  /** Stays the caller's. */
  readonly pool: CodecPool;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly verifyEd25519: VerifyEd25519;
  /** Where a committee member can be reached; `undefined` when nobody knows. */
  readonly peerOf: (address: Uint8Array) => KnownPeer | undefined | Promise<KnownPeer | undefined>;
  /** Lane of the account's nonces that no other program uses; 0 by default. */
  readonly lane?: number;
}

/** Data that is read when it is packed, straight to its place: a file of 32 MB is in memory once. */
export interface DataSource {
  /** Bytes. */
  readonly length: number;
  /** Fills the array, which is `length` bytes long; throws when there is less or more. */
  read(into: Uint8Array, signal: AbortSignal | undefined): Promise<void>;
}

export interface PublishRequest {
  readonly data: Uint8Array | DataSource;
  /** 1 to 28 bytes. */
  readonly namespace: Uint8Array;
  /** Blocks for which the rows are served. */
  readonly retentionBlocks: number;
  readonly redundancy?: Redundancy;
  /** Basis points of the stake that must be exceeded; 0, the default, asks for the floor of PROTOCOL §3. */
  readonly quorum?: number;
  /** Hand it over to who stores files, in the same transaction, where the chain stores any: its sectors are paid for besides `maxFee`. */
  readonly persist?: boolean;
  /** Most that the certificate may cost: by default what its gas limit costs, and the rows for all of the retention. */
  readonly maxFee?: bigint;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PublishProgress) => void;
}

export interface PublishProgress {
  readonly stage: 'encode' | 'upload' | 'certify' | 'record' | 'done';
  /** Share of the encoding that is done, 0 to 1. */
  readonly encoded: number;
  /** Bytes of rows that members have, of all that are theirs: those that they had before count too. */
  readonly uploadedBytes: number;
  /** Bytes of rows that were sent for that. */
  readonly sentBytes: number;
  readonly totalBytes: number;
  readonly signed: number;
  readonly refused: number;
  readonly members: number;
}

export interface PublishedBlob {
  /** 33 bytes. */
  readonly blobId: Uint8Array;
  /** Height of the block that records the blob. */
  readonly height: number;
  /** As the verified state holds it. */
  readonly record: BlobRecord;
  /** `undefined` when the blob was recorded already, for at least as long. */
  readonly certificate: Certificate | undefined;
  /** Members that did not sign. */
  readonly refusals: readonly MemberRefusal[];
}

export interface Publisher {
  /**
   * Make data available: encode, hand every member of the committee its rows, collect signatures, have the chain record the certificate,
   * and see the record in verified state. Whatever stopped it, publishing the same data with the same redundancy again goes on where it
   * was: rows that members have are not sent twice. A recorded blob is kept longer, where the retention asks for it.
   *
   * @throws BLOB_LENGTH, BLOB_GEOMETRY, INVALID_ARGUMENT, TX_FEE (the account cannot pay), QUORUM (too few members signed), REFUSED (the
   *   chain said no), TIMEOUT (no record in time), BUSY (no verified head), ABORTED
   */
  publish(request: PublishRequest): Promise<PublishedBlob>;
}

export function createPublisher(options: PublisherOptions): Publisher {
  const { state, tx, signer, pool, random, lane = 0 } = options;
  const publisher = options.account ?? ed25519Address(signer.publicKey);
  const chain = new ChainView(state);
  const certifier = new Certifier({ chain, tx, signer, account: publisher, lane });

  return {
    async publish(request) {
      const { redundancy = DEFAULT_REDUNDANCY, namespace, retentionBlocks, quorum = 0, persist = false, signal } = request;
      const { length } = request.data;
      const geometry = blobGeometry(length, redundancy);
      checkPolicy('INVALID_ARGUMENT', { namespace, quorum });
      const report = reporter(request.onProgress);
      report({});
      const facts = await chain.facts(signal);
      const { appState, genesisHash } = facts;
      if (!(retentionBlocks >= 1 && retentionBlocks <= appState.maxRetentionBlocks)) {
        const words = `retention is 1 to ${appState.maxRetentionBlocks} blocks, not ${retentionBlocks}`;
        throw new PerigeeError('INVALID_ARGUMENT', words);
      }
      const stores = persist && appState.storage !== undefined;
      const storing = stores ? handOverPrice(length, appState) : 0n;
      const feeFrom = (from: number, to: number): bigint =>
        request.maxFee ?? BigInt(CERTIFY_GAS_LIMIT) * appState.gasPrice + blobFee(geometry, appState, from, to);
      const sessionKey = options.account === undefined ? undefined : signer.publicKey;
      const most = { fee: feeFrom(0, retentionBlocks) + storing, stores };
      await checkAccount(chain, facts, { address: publisher, sessionKey, signal, ...most });

      const { original, extend } = makeRoom(pool, geometry);
      await pack(request.data, geometry, original, signal);
      const given = signal === undefined ? {} : { signal };
      const nodes = stores ? await pool.run('fileNodes', { original, length }, given) : undefined;
      let blob: ExtendedBlob | undefined = await extend({ ...given, onProgress: (encoded) => report({ encoded }) });
      report({ encoded: 1 });
      const blobId = blobIdOf(blob.commitment);
      const { height } = chain.head();
      const expiryHeight = height + retentionBlocks;
      const before = await chain.record(blobId, signal);
      const handOver = (): TxMessage[] => {
        if (nodes === undefined) return [];
        return [{ storageSubmit: { length, nodes: [...nodes], tags: blobTags(blobId), value: storing } }];
      };
      if (before !== undefined && before.expiryHeight >= expiryHeight) {
        blob.release();
        // what an earlier publication did not ask for, or could not pay, may be done now
        if (stores && before.persist && before.storedAs === undefined && equal(before.publisher, publisher)) {
          report({ stage: 'certify' });
          await certifier.submit(handOver(), feeFrom(0, 0), signal);
        }
        report({ stage: 'done' });
        return { blobId, height: before.height, record: before, certificate: undefined, refusals: [] };
      }
      const epoch = await chain.epoch(signal);
      const committee = await chain.committee(epoch, signal);
      const body: PromiseBody = {
        blobId,
        ...geometry,
        length,
        namespace,
        quorum,
        persist,
        expiryHeight,
        publisher,
        publicKey: signer.publicKey,
        maxFee: feeFrom(Math.max(height, before?.expiryHeight ?? 0), expiryHeight),
        nonce: randomNonce(random),
        genesisHash,
        epoch,
      };
      const { certificate, refusals } = await uploadRows(options, { body, blob, committee, genesisHash, signal, report }).finally(
        blob.release,
      );
      blob = undefined; // 128 MiB that nobody needs while the chain works

      report({ stage: 'certify' });
      // one transaction: a blob is recorded and handed over, or neither
      const included = await certifier.submit([{ certify: { certificate } }, ...handOver()], body.maxFee, signal);
      report({ stage: 'record' });
      const record = await untilRecorded(chain, state, body, included, signal);
      report({ stage: 'done' });
      return { blobId, height: record.height, record, certificate, refusals };
    },
  };
}

/** Bytes of rows after which the copies that were made of them on their way are collected: there are two or three of each. */
const YOUNG_BYTES = 1 << 21;
/** Those that were on their way twice when others were collected have become old. */
const OLD_BYTES = 1 << 24;

/** Told how many bytes are sent by now, collects their copies from time to time. */
function copiesCollector(): (sentBytes: number) => void {
  let collected = 0;
  return (sentBytes) => {
    if (sentBytes - collected < YOUNG_BYTES) return;
    collectGarbage(Math.floor(sentBytes / OLD_BYTES) > Math.floor(collected / OLD_BYTES) ? 'all' : 'young');
    collected = sentBytes;
  };
}

type Report = (change: Partial<PublishProgress>) => void;

function reporter(onProgress: PublishRequest['onProgress']): Report {
  let progress: PublishProgress = {
    stage: 'encode',
    encoded: 0,
    uploadedBytes: 0,
    sentBytes: 0,
    totalBytes: 0,
    signed: 0,
    refused: 0,
    members: 0,
  };
  return (change) => {
    progress = { ...progress, ...change };
    onProgress?.(progress);
  };
}

/** Makes the original rows of the data. */
async function pack(
  data: Uint8Array | DataSource,
  geometry: BlobGeometry,
  rows: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { data: place } = blobRows(data.length, geometry, rows);
  if (data instanceof Uint8Array) place.set(data);
  else await data.read(place, signal);
}

/** Hands every member its rows, and puts what they sign together. */
async function uploadRows(
  { host, signer, clock, verifyEd25519, peerOf }: PublisherOptions,
  parts: {
    readonly body: PromiseBody;
    readonly blob: ExtendedBlob;
    readonly committee: CanonicalCommittee;
    readonly genesisHash: Uint8Array;
    readonly signal: AbortSignal | undefined;
    readonly report: Report;
  },
): Promise<{ certificate: Certificate; refusals: readonly MemberRefusal[] }> {
  const { body, blob, committee, genesisHash, signal, report } = parts;
  const promise = { body, signature: await signer.sign(promiseSignBytes(body)) };
  const promiseId = promiseIdOf(body);
  const terms = certificateTerms(body, blob.rowRoot, committee);
  const signBytes = certificateSignBytes(terms, genesisHash);
  const assignment = assignRows(committee, blob.commitment, body);
  const rowsOfAll = committee.members.reduce((sum, _, member) => sum + assignment.countOf(member), 0);
  report({ stage: 'upload', totalBytes: rowsOfAll * body.rowSize, members: committee.members.length });
  const taken = new Map<number, number>();
  const sent = new Map<number, number>();
  const collectCopies = copiesCollector();
  const { signatures, refusals } = await collectSignatures({
    committee,
    body,
    clock,
    signal,
    onChange: (signed, refused) => report({ signed, refused }),
    ask: async (member, stop) => {
      const { address, publicKey } = committee.members[member] ?? unknownMember(member);
      const peer = async (): Promise<KnownPeer> => {
        const known = await peerOf(address);
        if (known === undefined) throw new PerigeeError('UNREACHABLE', `no address of member ${keyText(address)} is known`);
        return known;
      };
      const signature = await uploadToMember(host, clock, {
        peer,
        promise,
        promiseId,
        blob,
        indices: assignment.rowsOf(member),
        signal: stop,
        onProgress: ({ takenBytes, sentBytes }) => {
          taken.set(member, takenBytes);
          sent.set(member, sentBytes);
          const bytes = sumOf(sent);
          collectCopies(bytes);
          report({ uploadedBytes: sumOf(taken), sentBytes: bytes });
        },
      });
      if (await verifyEd25519(publicKey, signBytes, signature)) return signature;
      throw new PerigeeError('SIGNATURE', `member ${keyText(address)} signed something else`);
    },
  });
  return { certificate: assembleCertificate(terms, committee, signatures), refusals };
}

function sumOf(values: ReadonlyMap<number, number>): number {
  return [...values.values()].reduce((sum, value) => sum + value, 0);
}

/** 52 random bits, so that two promises of one blob differ. */
function randomNonce(random: RandomBytes): number {
  const bytes = random(8);
  return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true) >> 12n);
}

function unknownMember(member: number): never {
  throw new PerigeeError('INTERNAL', `the committee has no member ${member}`);
}
