import { type BlockId, type Header, PerigeeError } from '@perigee/wire';
import { isTimestamp } from './time.ts';

/** CometBFT's block protocol, unchanged since Tendermint 0.34. */
const BLOCK_PROTOCOL = 11;
const HASH_BYTES = 32;
const ADDRESS_BYTES = 20;

/**
 * The form of a header (CometBFT `types.Header.ValidateBasic`). `app_hash` may have any length: applications choose it.
 *
 * @throws HEADER, WRONG_CHAIN
 */
export function checkHeader(header: Header, chainId: string): void {
  const at = `header ${header.height}`;
  if (header.version.block !== BLOCK_PROTOCOL) {
    throw new PerigeeError('HEADER', `${at} is of block protocol ${header.version.block}; only ${BLOCK_PROTOCOL} is known`);
  }
  if (header.chainId !== chainId) {
    throw new PerigeeError('WRONG_CHAIN', `${at} is of chain "${header.chainId}", not of "${chainId}"`);
  }
  if (header.height < 1) throw new PerigeeError('HEADER', `${at}: heights start at 1`);
  if (!isTimestamp(header.time)) throw new PerigeeError('HEADER', `${at} has a time outside the years 1 to 9999`);
  checkBlockId(header.lastBlockId, `${at}: last_block_id`);
  if (header.proposerAddress.length !== ADDRESS_BYTES) {
    throw new PerigeeError('HEADER', `${at}: proposer_address has ${header.proposerAddress.length} bytes, not ${ADDRESS_BYTES}`);
  }
  const hashes = {
    last_commit_hash: header.lastCommitHash,
    data_hash: header.dataHash,
    validators_hash: header.validatorsHash,
    next_validators_hash: header.nextValidatorsHash,
    consensus_hash: header.consensusHash,
    last_results_hash: header.lastResultsHash,
    evidence_hash: header.evidenceHash,
  };
  for (const [name, hash] of Object.entries(hashes)) checkHash(hash, `${at}: ${name}`);
}

/** A hash is there or is left out, as in the first block. */
function checkHash(hash: Uint8Array, what: string): void {
  if (hash.length !== 0 && hash.length !== HASH_BYTES) {
    throw new PerigeeError('HEADER', `${what} has ${hash.length} bytes, not ${HASH_BYTES}`);
  }
}

function checkBlockId(id: BlockId, what: string): void {
  checkHash(id.hash, what);
  checkHash(id.partSetHeader.hash, `${what}: part set`);
}
