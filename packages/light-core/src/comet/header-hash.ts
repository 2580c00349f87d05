import { BlockId, ConsensusVersion, type Header, MAX_CHAIN_ID_BYTES, merkleRoot, message, proto, Timestamp } from '@perigee/wire';

// CometBFT wraps the plain fields in protobuf's wrapper messages; an empty value is an empty leaf
const TextValue = message('StringValue', { value: [1, proto.string(MAX_CHAIN_ID_BYTES)] });
const IntegerValue = message('Int64Value', { value: [1, proto.int53()] });
const BytesValue = message('BytesValue', { value: [1, proto.bytes(64)] });

/**
 * Hash of a header: the Merkle root of its fourteen fields in order (CometBFT `types.Header.Hash`).
 *
 * @returns 32 bytes
 */
export function headerHash(header: Header): Uint8Array {
  const text = (value: string) => TextValue.encode({ value });
  const integer = (value: number) => IntegerValue.encode({ value });
  const bytes = (value: Uint8Array) => BytesValue.encode({ value });
  return merkleRoot([
    ConsensusVersion.encode(header.version),
    text(header.chainId),
    integer(header.height),
    Timestamp.encode(header.time),
    BlockId.encode(header.lastBlockId),
    bytes(header.lastCommitHash),
    bytes(header.dataHash),
    bytes(header.validatorsHash),
    bytes(header.nextValidatorsHash),
    bytes(header.consensusHash),
    bytes(header.appHash),
    bytes(header.lastResultsHash),
    bytes(header.evidenceHash),
    bytes(header.proposerAddress),
  ]);
}
