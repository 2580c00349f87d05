import {
  type CallOptions,
  type Connection,
  collateralProtocol,
  faucetProtocol,
  type Host,
  headersProtocol,
  type KnownPeer,
  kvProtocol,
  open,
  rowsProtocol,
  segmentsProtocol,
  segmentUploadProtocol,
  stateProtocol,
  statusProtocol,
  type Traffic,
  txProofProtocol,
  txProtocol,
} from '@perigee/net';
import type {
  CollateralAnswer,
  CollateralRequest,
  FaucetAnswer,
  HeaderAnswer,
  HeadersRequest,
  KvAnswer,
  KvRequest,
  RowAnswer,
  RowsRequest,
  SegmentAnswer,
  SegmentsRequest,
  SegmentUploadAnswer,
  SegmentUploadRequest,
  StateAnswer,
  StateRequest,
  Status,
  StorageOffer,
  TxAnswer,
  TxProofAnswer,
} from '@perigee/wire';
import { MAX_IN_FLIGHT } from '@perigee/wire';
import { ShownHeads } from '../chain/shown-heads.ts';
import type { PeerView } from '../state.ts';
import { TrackRecord } from './track-record.ts';

/**
 * Who vouches for an address: the user or the trust root gave it, a committee member signed it, or some peer spoke of it. The weaker never
 * displaces the stronger.
 */
export type PeerOrigin = 'given' | 'signed' | 'hint';

/** One peer: how to reach it, what it said, and how it did. What it says is a hint until a verifier has seen it. */
export class Peer {
  readonly id: string;
  /** It is a light node in a browser as this one: no holder of rows, no operator, no source of heads. */
  readonly isPage: boolean;
  origin: PeerOrigin;
  roles: readonly string[] = [];
  /** What it stores of the flow, by its own word. */
  storage: StorageOffer | undefined;
  /** Committee addresses, hexadecimal, of the members whose signed records name this peer. */
  readonly members = new Set<string>();
  readonly heads = new ShownHeads();
  readonly track = new TrackRecord();
  banned: string | undefined;
  error: string | undefined;
  /** Questions in a row that got no good answer: others are asked first. */
  failures = 0;
  rowsVerified = 0;
  rowsFailed = 0;
  /** Bytes of the rows of it that were verified. */
  rowBytes = 0;
  #address: KnownPeer;
  /** Bytes on connections that are closed. */
  #pastIn = 0;
  #pastOut = 0;
  readonly #host: Host;

  constructor(host: Host, address: KnownPeer, origin: PeerOrigin, isPage = false) {
    this.#host = host;
    this.#address = address;
    this.id = address.peerId;
    this.origin = origin;
    this.isPage = isPage;
  }

  get address(): KnownPeer {
    return this.#address;
  }

  /** Newer addresses of the same peer, used at the next dial. @returns whether one of them is new */
  readdress(multiaddrs: readonly string[]): boolean {
    if (multiaddrs.length === 0) return false;
    const known = new Set(this.#address.multiaddrs.map(withoutPeer));
    this.#address = { peerId: this.id, multiaddrs };
    return multiaddrs.some((address) => !known.has(withoutPeer(address)));
  }

  /** A row that it gave was verified. @param bytes of the row and its path */
  gave(bytes: number): void {
    this.rowsVerified++;
    this.rowBytes += bytes;
  }

  /** What moved on a connection that is closed now. */
  count({ bytesIn, bytesOut }: Traffic): void {
    this.#pastIn += bytesIn;
    this.#pastOut += bytesOut;
  }

  /** The connection that carries our requests now. */
  get connection(): Connection | undefined {
    return this.#host.connections().find((connection) => connection.peerId === this.id);
  }

  /** Whether it can be asked at all. */
  get usable(): boolean {
    return this.banned === undefined && this.#host.isConnected(this.id);
  }

  /** Whether it may still be of use: it is not connected yet, or has not said what it does. */
  get isAwaited(): boolean {
    return this.banned === undefined && (!this.#host.isConnected(this.id) || this.roles.length === 0);
  }

  hasRole(role: string): boolean {
    return this.roles.includes(role);
  }

  /** Opens the streams that its roles speak of, side by side and before they are needed: each takes two round trips. */
  prepare(): void {
    if (this.hasRole('chain')) {
      open(this.#host, this.#address, headersProtocol).prepare();
      open(this.#host, this.#address, stateProtocol).prepare();
    }
    if (this.hasRole('da')) open(this.#host, this.#address, rowsProtocol).prepare();
  }

  /** Says what the peer is at, again at each of its new heads, until the signal fires. */
  watchStatus(options: CallOptions): AsyncIterable<Status> {
    return open(this.#host, this.#address, statusProtocol).call({ watch: true }, options);
  }

  header(height: number, options: CallOptions): Promise<HeaderAnswer> {
    const request: HeadersRequest = { height, count: 1 };
    return open(this.#host, this.#address, headersProtocol).callOne(request, options);
  }

  state(request: StateRequest, options: CallOptions): Promise<StateAnswer> {
    return open(this.#host, this.#address, stateProtocol).callOne(request, options);
  }

  /** Asks for entries of a stream. */
  kv(request: KvRequest, options: CallOptions): Promise<KvAnswer> {
    return open(this.#host, this.#address, kvProtocol).callOne(request, options);
  }

  /** Subscribes to changes of a stream. @param place among the subscriptions to this peer: MAX_IN_FLIGHT of them share a stream */
  watchKv(request: KvRequest, place: number, options: CallOptions): AsyncIterable<KvAnswer> {
    return open(this.#host, this.#address, kvProtocol, 1 + Math.floor(place / MAX_IN_FLIGHT)).call(request, options);
  }

  rows(request: RowsRequest, options: CallOptions): AsyncIterable<RowAnswer> {
    return open(this.#host, this.#address, rowsProtocol).call(request, options);
  }

  segments(request: SegmentsRequest, options: CallOptions): AsyncIterable<SegmentAnswer> {
    return open(this.#host, this.#address, segmentsProtocol).call(request, options);
  }

  /** Hands it segments of a stored file, or asks what it has of one. */
  uploadSegments(request: SegmentUploadRequest, options: CallOptions): Promise<SegmentUploadAnswer> {
    return open(this.#host, this.#address, segmentUploadProtocol).callOne(request, options);
  }

  /** Hands in a transaction and waits until a block holds it. */
  submit(raw: Uint8Array, options: CallOptions): Promise<TxAnswer> {
    return open(this.#host, this.#address, txProtocol).callOne({ submit: raw, wait: true }, options);
  }

  /** Asks for the proof that a block holds a transaction. */
  txProof(txId: Uint8Array, options: CallOptions): Promise<TxProofAnswer> {
    return open(this.#host, this.#address, txProofProtocol).callOne({ txId }, options);
  }

  /** Asks for a file of collateral. */
  collateral(request: CollateralRequest, options: CallOptions): Promise<CollateralAnswer> {
    return open(this.#host, this.#address, collateralProtocol).callOne(request, options);
  }

  /** Asks its faucet for tokens. What it says is a hint: the account in state is what counts. */
  gift(address: Uint8Array, options: CallOptions): Promise<FaucetAnswer> {
    return open(this.#host, this.#address, faucetProtocol).callOne({ address }, options);
  }

  view(): PeerView {
    const connection = this.connection;
    const [member] = this.members;
    return {
      peerId: this.id,
      transport: connection?.transport,
      address: connection?.address,
      fallback: connection?.fallback,
      connected: connection !== undefined,
      member,
      isPage: this.isPage,
      roles: this.roles,
      storage: this.storage,
      rowsVerified: this.rowsVerified,
      rowsFailed: this.rowsFailed,
      bytesIn: this.#pastIn + (connection?.bytesIn ?? 0),
      bytesOut: this.#pastOut + (connection?.bytesOut ?? 0),
      latencyMs: this.track.latencyMs,
      score: this.track.score,
      banned: this.banned,
      error: this.error,
    };
  }
}

/** An address without the peer id at its end: some say it, others do not. */
function withoutPeer(multiaddr: string): string {
  return multiaddr.replace(/\/p2p\/[^/]+$/, '');
}
