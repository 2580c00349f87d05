import {
  assembleCertificate,
  assignRows,
  blobGeometry,
  ChainView,
  certificateSignBytes,
  certificateTerms,
  checkPolicy,
  packBlob,
  promiseIdOf,
  promiseSignBytes,
  type Redundancy,
} from '@perigee/light-core/da';
import type { Clock, RandomBytes, TxSubmit, VerifiedState } from '@perigee/light-core/roles';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import type { Host, KnownPeer } from '@perigee/net';
import {
  type BlobRecord,
  blobIdOf,
  CERTIFY_GAS_LIMIT,
  CERTIFY_WITHIN_BLOCKS,
  type Certificate,
  DEFAULT_REDUNDANCY,
  ed25519Address,
  PerigeeError,
  type PromiseBody,
  toHex,
} from '@perigee/wire';
import type { CommittedRows } from '../codec/codec-jobs.ts';
import type { CodecPool } from '../codec/codec-pool.ts';
import { Certifier } from './certify.ts';
import { collectSignatures, type MemberRefusal } from './collect-signatures.ts';
import { uploadToMember } from './upload-member.ts';

export interface PublisherOptions {
  readonly host: Host;
  readonly state: VerifiedState;
  readonly tx: TxSubmit;
  /** Key of the account that publishes and pays. */
  readonly signer: Ed25519Signer;
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

export interface PublishRequest {
  readonly data: Uint8Array;
  /** 1 to 28 bytes. */
  readonly namespace: Uint8Array;
  /** Blocks for which the rows are served. */
  readonly retentionBlocks: number;
  readonly redundancy?: Redundancy;
  /** Basis points of the stake that must be exceeded; 0, the default, asks for the floor of PROTOCOL §3. */
  readonly quorum?: number;
  readonly persist?: boolean;
  /** Most that the certificate's transaction may cost; by default what its gas limit costs. */
  readonly maxFee?: bigint;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PublishProgress) => void;
}

export interface PublishProgress {
  readonly stage: 'encode' | 'upload' | 'certify' | 'record' | 'done';
  /** Bytes of rows that members have taken, of all that are theirs. */
  readonly uploadedBytes: number;
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
   * and see the record in verified state.
   *
   * @throws BLOB_LENGTH, BLOB_GEOMETRY, INVALID_ARGUMENT, QUORUM (too few members signed), REFUSED (the chain said no), TIMEOUT (no record
   *   in time), BUSY (no verified head), ABORTED
   */
  publish(request: PublishRequest): Promise<PublishedBlob>;
}

export function createPublisher(options: PublisherOptions): Publisher {
  const { host, state, tx, signer, pool, clock, random, verifyEd25519, peerOf, lane = 0 } = options;
  const chain = new ChainView(state);
  const certifier = new Certifier({ chain, tx, signer, lane });

  return {
    async publish(request) {
      const { data, redundancy = DEFAULT_REDUNDANCY, signal, onProgress = () => {} } = request;
      const geometry = blobGeometry(data.length, redundancy);
      let progress: PublishProgress = { stage: 'encode', uploadedBytes: 0, totalBytes: 0, signed: 0, refused: 0, members: 0 };
      const report = (change: Partial<PublishProgress>): void => {
        progress = { ...progress, ...change };
        onProgress(progress);
      };
      report({});
      const { genesisHash, appState } = await chain.facts(signal);
      const { namespace, retentionBlocks, quorum = 0, persist = false } = request;
      checkPolicy('INVALID_ARGUMENT', { namespace, quorum });
      if (!(retentionBlocks >= 1 && retentionBlocks <= appState.maxRetentionBlocks)) {
        const words = `retention is 1 to ${appState.maxRetentionBlocks} blocks, not ${retentionBlocks}`;
        throw new PerigeeError('INVALID_ARGUMENT', words);
      }
      const blob = await encode(pool, packBlob(data, geometry), geometry, signal);
      const blobId = blobIdOf(blob.commitment);

      const epoch = await chain.epoch(signal);
      const committee = await chain.committee(epoch, signal);
      const maxFee = request.maxFee ?? BigInt(CERTIFY_GAS_LIMIT) * appState.gasPrice;
      const body: PromiseBody = {
        blobId,
        ...geometry,
        length: data.length,
        namespace,
        quorum,
        persist,
        expiryHeight: chain.head().height + retentionBlocks,
        publisher: ed25519Address(signer.publicKey),
        publicKey: signer.publicKey,
        maxFee,
        nonce: randomNonce(random),
        genesisHash,
        epoch,
      };
      const before = await chain.record(blobId, signal);
      if (before !== undefined && before.expiryHeight >= body.expiryHeight) {
        report({ stage: 'done' });
        return { blobId, height: before.height, record: before, certificate: undefined, refusals: [] };
      }

      const promise = { body, signature: await signer.sign(promiseSignBytes(body)) };
      const promiseId = promiseIdOf(body);
      const terms = certificateTerms(body, blob.rowRoot, committee);
      const signBytes = certificateSignBytes(terms, genesisHash);
      const assignment = assignRows(committee, blob.commitment, geometry);
      const rowsOfAll = committee.members.reduce((sum, _, member) => sum + assignment.countOf(member), 0);
      const sent = new Map<number, number>();
      report({ stage: 'upload', totalBytes: rowsOfAll * geometry.rowSize, members: committee.members.length });
      const { signatures, refusals } = await collectSignatures({
        committee,
        body,
        clock,
        signal,
        onChange: (signed, refused) => report({ signed, refused }),
        ask: async (member, stop) => {
          const { address, publicKey } = committee.members[member] ?? unknownMember(member);
          const peer = await peerOf(address);
          if (peer === undefined) throw new PerigeeError('UNREACHABLE', `no address of member ${toHex(address)} is known`);
          const signature = await uploadToMember(host, clock, {
            peer,
            promise,
            promiseId,
            blob,
            indices: assignment.rowsOf(member),
            signal: stop,
            onSent: (bytes) => {
              sent.set(member, bytes);
              report({ uploadedBytes: [...sent.values()].reduce((sum, one) => sum + one, 0) });
            },
          });
          if (await verifyEd25519(publicKey, signBytes, signature)) return signature;
          throw new PerigeeError('SIGNATURE', `member ${toHex(address)} signed something else`);
        },
      });

      report({ stage: 'certify' });
      const certificate = assembleCertificate(terms, committee, signatures);
      const included = await certifier.submit(certificate, maxFee, signal);
      report({ stage: 'record' });
      const record = await untilRecorded(chain, state, body, included, signal);
      report({ stage: 'done' });
      return { blobId, height: record.height, record, certificate, refusals };
    },
  };
}

function encode(
  pool: CodecPool,
  original: Uint8Array,
  geometry: { readonly k: number; readonly n: number; readonly rowSize: number },
  signal: AbortSignal | undefined,
): Promise<CommittedRows> {
  const transfer = [original.buffer as ArrayBuffer];
  return pool.run('extendAndCommit', { ...geometry, original }, { transfer, ...(signal === undefined ? {} : { signal }) });
}

/** Waits for the head whose state holds the record. */
async function untilRecorded(
  chain: ChainView,
  state: VerifiedState,
  { blobId, expiryHeight }: PromiseBody,
  included: number,
  signal: AbortSignal | undefined,
): Promise<BlobRecord> {
  const last = Math.max(included, chain.head().height) + CERTIFY_WITHIN_BLOCKS;
  for (;;) {
    const { height } = chain.head();
    const record = await chain.record(blobId, signal);
    // another publisher's certificate of the same blob, for longer, is as good
    if (record !== undefined && record.expiryHeight >= expiryHeight) return record;
    if (height > last) throw new PerigeeError('TIMEOUT', `no record of blob ${toHex(blobId)} up to height ${height}`);
    await nextHead(state, height, signal);
  }
}

function nextHead(state: VerifiedState, after: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      unsubscribe();
      signal?.removeEventListener('abort', onAbort);
      act();
    };
    const onAbort = (): void => settle(() => reject(PerigeeError.from(signal?.reason)));
    const unsubscribe = state.onHead(({ height }) => {
      if (height > after) settle(resolve);
    });
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
    else if ((state.head()?.height ?? 0) > after) settle(resolve);
  });
}

/** 52 random bits, so that two promises of one blob differ. */
function randomNonce(random: RandomBytes): number {
  const bytes = random(8);
  return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true) >> 12n);
}

function unknownMember(member: number): never {
  throw new PerigeeError('INTERNAL', `the committee has no member ${member}`);
}
