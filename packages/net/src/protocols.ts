import {
  CollateralAnswer,
  CollateralRequest,
  chainProtocol,
  FaucetAnswer,
  FaucetRequest,
  FILE_SEGMENT_BYTES,
  HeaderAnswer,
  HeadersRequest,
  KvAnswer,
  KvRequest,
  MAX_COLLATERAL_BUNDLE_BYTES,
  MAX_FRAME_BYTES,
  MAX_HELD_BYTES,
  MAX_PROVIDERS_PER_FILE,
  MAX_SMALL_FRAME_BYTES,
  MAX_TX_BYTES,
  PROTOCOL,
  ProvidersAnswer,
  ProvidersRequest,
  RowAnswer,
  RowsRequest,
  SectorAnswer,
  SectorRequest,
  SegmentAnswer,
  SegmentsRequest,
  SegmentUploadAnswer,
  SegmentUploadRequest,
  StateAnswer,
  StateRequest,
  Status,
  StatusRequest,
  TxAnswer,
  TxProofAnswer,
  TxProofRequest,
  TxRequest,
  UploadAnswer,
  UploadRequest,
} from '@perigee/wire';
import { defineProtocol, type Protocol } from './protocol.ts';

const KIB = 1024;
/** The longest request or answer that fits into a frame. */
const MAX_BODY_BYTES = MAX_FRAME_BYTES - KIB;

export const statusProtocol = defineProtocol({
  id: PROTOCOL.status,
  request: StatusRequest,
  answer: Status,
  maxRequestBytes: KIB,
  maxAnswerBytes: 512 * KIB,
});

export const headersProtocol = defineProtocol({
  id: PROTOCOL.headers,
  request: HeadersRequest,
  answer: HeaderAnswer,
  maxRequestBytes: KIB,
  maxAnswerBytes: MAX_BODY_BYTES,
});

export const stateProtocol = defineProtocol({
  id: PROTOCOL.state,
  request: StateRequest,
  answer: StateAnswer,
  maxRequestBytes: 160 * KIB,
  maxAnswerBytes: MAX_BODY_BYTES,
});

export const rowsProtocol = defineProtocol({
  id: PROTOCOL.rows,
  request: RowsRequest,
  answer: RowAnswer,
  maxRequestBytes: MAX_SMALL_FRAME_BYTES,
  maxAnswerBytes: 80 * KIB,
});

export const uploadProtocol = defineProtocol({
  id: PROTOCOL.upload,
  request: UploadRequest,
  answer: UploadAnswer,
  maxRequestBytes: MAX_BODY_BYTES,
  maxAnswerBytes: KIB,
});

export const txProtocol = defineProtocol({
  id: PROTOCOL.tx,
  request: TxRequest,
  answer: TxAnswer,
  maxRequestBytes: MAX_TX_BYTES + KIB,
  maxAnswerBytes: 2 * KIB,
});

export const txProofProtocol = defineProtocol({
  id: PROTOCOL.txProof,
  request: TxProofRequest,
  answer: TxProofAnswer,
  maxRequestBytes: KIB,
  // the transaction, its result and two paths
  maxAnswerBytes: MAX_TX_BYTES + 80 * KIB,
});

export const faucetProtocol = defineProtocol({
  id: PROTOCOL.faucet,
  request: FaucetRequest,
  answer: FaucetAnswer,
  maxRequestBytes: KIB,
  maxAnswerBytes: KIB,
});

export const collateralProtocol = defineProtocol({
  id: PROTOCOL.collateral,
  request: CollateralRequest,
  answer: CollateralAnswer,
  maxRequestBytes: KIB,
  maxAnswerBytes: MAX_COLLATERAL_BUNDLE_BYTES + KIB,
});

export const segmentsProtocol = defineProtocol({
  id: PROTOCOL.segments,
  request: SegmentsRequest,
  answer: SegmentAnswer,
  maxRequestBytes: KIB,
  // a segment and its path
  maxAnswerBytes: FILE_SEGMENT_BYTES + 2 * KIB,
});

export const segmentUploadProtocol = defineProtocol({
  id: PROTOCOL.segmentUpload,
  request: SegmentUploadRequest,
  answer: SegmentUploadAnswer,
  maxRequestBytes: MAX_BODY_BYTES,
  maxAnswerBytes: MAX_HELD_BYTES + KIB,
});

export const kvProtocol = defineProtocol({
  id: PROTOCOL.kv,
  request: KvRequest,
  answer: KvAnswer,
  maxRequestBytes: 80 * KIB,
  maxAnswerBytes: MAX_BODY_BYTES,
});

export const sectorsProtocol = defineProtocol({
  id: PROTOCOL.sectors,
  request: SectorRequest,
  answer: SectorAnswer,
  maxRequestBytes: KIB,
  // a sector and its path
  maxAnswerBytes: 3 * KIB,
});

/** A record with the longest addresses has no more. */
const MAX_PROVIDER_RECORD_BYTES = 3 * KIB;

/** Who has which file, among the nodes of one chain. */
export function providersProtocol(genesisHash: Uint8Array): Protocol<ProvidersRequest, ProvidersAnswer> {
  return defineProtocol({
    id: chainProtocol('providers', genesisHash),
    request: ProvidersRequest,
    answer: ProvidersAnswer,
    maxRequestBytes: MAX_PROVIDER_RECORD_BYTES + KIB,
    maxAnswerBytes: (MAX_PROVIDERS_PER_FILE + 1) * MAX_PROVIDER_RECORD_BYTES,
  });
}
