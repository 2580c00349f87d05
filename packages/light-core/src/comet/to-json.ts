/** Our messages as CometBFT's RPC writes them: 64-bit integers as text, hashes in upper-case hexadecimal, bytes in base64. */
import type {
  BlockId,
  CometEvidence,
  Commit,
  DuplicateVoteEvidence,
  Header,
  LightClientAttackEvidence,
  PublicKey,
  Validator,
  Vote,
} from '@perigee/wire';
import { PerigeeError, toBase64, toHex } from '@perigee/wire';
import { formatTime } from './time.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export function headerToJson(header: Header): Json {
  return {
    version: { block: String(header.version.block), app: String(header.version.app) },
    chain_id: header.chainId,
    height: String(header.height),
    time: formatTime(header.time),
    last_block_id: blockId(header.lastBlockId),
    last_commit_hash: hex(header.lastCommitHash),
    data_hash: hex(header.dataHash),
    validators_hash: hex(header.validatorsHash),
    next_validators_hash: hex(header.nextValidatorsHash),
    consensus_hash: hex(header.consensusHash),
    app_hash: hex(header.appHash),
    last_results_hash: hex(header.lastResultsHash),
    evidence_hash: hex(header.evidenceHash),
    proposer_address: hex(header.proposerAddress),
  };
}

export function commitToJson(commit: Commit): Json {
  return {
    height: String(commit.height),
    round: commit.round,
    block_id: blockId(commit.blockId),
    signatures: commit.signatures.map(({ blockIdFlag, validatorAddress, timestamp, signature }) => ({
      block_id_flag: blockIdFlag,
      validator_address: hex(validatorAddress),
      timestamp: formatTime(timestamp),
      signature: bytes(signature),
    })),
  };
}

export function validatorToJson({ address, publicKey, votingPower, proposerPriority }: Validator): Json {
  return {
    address: hex(address),
    pub_key: keyToJson(publicKey),
    voting_power: String(votingPower),
    proposer_priority: String(proposerPriority),
  };
}

/** What `broadcast_evidence` takes as parameter `evidence`. @throws INVALID_ARGUMENT when it holds none, or a block that is not whole */
export function evidenceToJson({ duplicateVote, lightClientAttack }: CometEvidence): Json {
  if (duplicateVote !== undefined) return { type: 'tendermint/DuplicateVoteEvidence', value: duplicateVoteToJson(duplicateVote) };
  if (lightClientAttack !== undefined) {
    return { type: 'tendermint/LightClientAttackEvidence', value: attackToJson(lightClientAttack) };
  }
  throw new PerigeeError('INVALID_ARGUMENT', 'the evidence is empty');
}

// CometBFT gives some of these fields no JSON name, so they go by their names in Go

function duplicateVoteToJson(evidence: DuplicateVoteEvidence): Json {
  return {
    vote_a: voteToJson(evidence.voteA),
    vote_b: voteToJson(evidence.voteB),
    TotalVotingPower: String(evidence.totalVotingPower),
    ValidatorPower: String(evidence.validatorPower),
    Timestamp: formatTime(evidence.timestamp),
  };
}

function voteToJson(vote: Vote | undefined): Json {
  if (vote === undefined) throw new PerigeeError('INVALID_ARGUMENT', 'the evidence lacks a vote');
  return {
    type: vote.type,
    height: String(vote.height),
    round: vote.round,
    block_id: blockId(vote.blockId),
    timestamp: formatTime(vote.timestamp),
    validator_address: hex(vote.validatorAddress),
    validator_index: vote.validatorIndex,
    signature: bytes(vote.signature),
    extension: bytes(vote.extension),
    extension_signature: bytes(vote.extensionSignature),
  };
}

function attackToJson(evidence: LightClientAttackEvidence): Json {
  const { signedHeader, validatorSet } = evidence.conflictingBlock ?? {};
  if (signedHeader?.header === undefined || signedHeader.commit === undefined || validatorSet?.proposer === undefined) {
    throw new PerigeeError('INVALID_ARGUMENT', 'the evidence lacks a part of the conflicting block');
  }
  return {
    ConflictingBlock: {
      signed_header: { header: headerToJson(signedHeader.header), commit: commitToJson(signedHeader.commit) },
      validator_set: {
        validators: validatorSet.validators.map(validatorToJson),
        proposer: validatorToJson(validatorSet.proposer),
      },
    },
    CommonHeight: String(evidence.commonHeight),
    ByzantineValidators: evidence.byzantineValidators.map(validatorToJson),
    TotalVotingPower: String(evidence.totalVotingPower),
    Timestamp: formatTime(evidence.timestamp),
  };
}

function blockId({ hash, partSetHeader }: BlockId): Json {
  return { hash: hex(hash), parts: { total: partSetHeader.total, hash: hex(partSetHeader.hash) } };
}

function keyToJson({ ed25519, secp256k1 }: PublicKey): Json {
  if (ed25519 !== undefined) return { type: 'tendermint/PubKeyEd25519', value: toBase64(ed25519) };
  if (secp256k1 !== undefined) return { type: 'tendermint/PubKeySecp256k1', value: toBase64(secp256k1) };
  throw new PerigeeError('INVALID_ARGUMENT', 'the validator has no key');
}

function hex(value: Uint8Array): string {
  return toHex(value).toUpperCase();
}

function bytes(value: Uint8Array): string | null {
  return value.length === 0 ? null : toBase64(value);
}
