/** CometBFT's RPC JSON as our messages. Nothing is verified here; what is out of the messages' bounds is refused with PARSE. */
import {
  Block,
  type BlockId,
  Commit,
  Header,
  type Infer,
  type Message,
  PerigeeError,
  type PublicKey,
  type SignedHeader,
  type Timestamp,
  Validator,
} from '@perigee/wire';
import { jsonBase64, jsonBigint, jsonHex, jsonList, jsonNumber, jsonObject, jsonText } from './json-value.ts';
import { parseTime } from './time.ts';

/** @throws PARSE */
export function headerFromJson(value: unknown): Header {
  const json = jsonObject(value, 'header');
  const version = jsonObject(json.version, 'header.version');
  const hash = (name: string): Uint8Array => jsonHex(json[name], `header.${name}`);
  return bounded(Header, {
    version: { block: jsonNumber(version.block, 'version.block'), app: jsonNumber(version.app ?? 0, 'version.app') },
    chainId: jsonText(json.chain_id, 'header.chain_id'),
    height: jsonNumber(json.height, 'header.height'),
    time: time(json.time, 'header.time'),
    lastBlockId: blockId(json.last_block_id),
    lastCommitHash: hash('last_commit_hash'),
    dataHash: hash('data_hash'),
    validatorsHash: hash('validators_hash'),
    nextValidatorsHash: hash('next_validators_hash'),
    consensusHash: hash('consensus_hash'),
    appHash: hash('app_hash'),
    lastResultsHash: hash('last_results_hash'),
    evidenceHash: hash('evidence_hash'),
    proposerAddress: hash('proposer_address'),
  });
}

/** @throws PARSE */
export function commitFromJson(value: unknown): Commit {
  const json = jsonObject(value, 'commit');
  return bounded(Commit, {
    height: jsonNumber(json.height, 'commit.height'),
    round: jsonNumber(json.round, 'commit.round'),
    blockId: blockId(json.block_id),
    signatures: jsonList(json.signatures, 'commit.signatures').map((item) => {
      const signature = jsonObject(item, 'commit signature');
      return {
        blockIdFlag: jsonNumber(signature.block_id_flag, 'block_id_flag'),
        validatorAddress: jsonHex(signature.validator_address, 'validator_address'),
        timestamp: time(signature.timestamp, 'signature timestamp'),
        signature: jsonBase64(signature.signature, 'signature'),
      };
    }),
  });
}

/**
 * A validator of `/validators` or, with `power` for `voting_power`, of a genesis file.
 *
 * @throws PARSE
 */
export function validatorFromJson(value: unknown): Validator {
  const json = jsonObject(value, 'validator');
  return bounded(Validator, {
    address: jsonHex(json.address, 'validator.address'),
    publicKey: publicKey(json.pub_key),
    votingPower: jsonBigint(json.voting_power ?? json.power, 'validator.voting_power'),
    proposerPriority: jsonBigint(json.proposer_priority ?? 0, 'validator.proposer_priority'),
  });
}

/** The result of `/commit`. @throws PARSE; NOT_FOUND where a node that has no block yet gives an empty header */
export function signedHeaderFromJson(value: unknown): SignedHeader {
  const { header, commit } = jsonObject(jsonObject(value, 'commit answer').signed_header, 'signed_header');
  if (header === null || commit === null) throw new PerigeeError('NOT_FOUND', 'the node has no block yet');
  return { header: headerFromJson(header), commit: commitFromJson(commit) };
}

/** One page of `/validators`. @throws PARSE */
export function validatorsPageFromJson(value: unknown): {
  readonly height: number;
  readonly validators: readonly Validator[];
  /** Of all pages. */
  readonly total: number;
} {
  const json = jsonObject(value, 'validators answer');
  return {
    height: jsonNumber(json.block_height, 'block_height'),
    validators: jsonList(json.validators, 'validators').map(validatorFromJson),
    total: jsonNumber(json.total, 'total'),
  };
}

/** @throws PARSE; UNSUPPORTED for a block that holds evidence */
export function blockFromJson(value: unknown): Block {
  const json = jsonObject(value, 'block');
  if (jsonList(jsonObject(json.evidence, 'block.evidence').evidence, 'block.evidence').length > 0) {
    throw new PerigeeError('UNSUPPORTED', 'the block holds evidence of misbehaviour, which cannot be read yet');
  }
  return bounded(Block, {
    header: headerFromJson(json.header),
    data: { txs: jsonList(jsonObject(json.data, 'block.data').txs, 'block.data.txs').map((tx) => jsonBase64(tx, 'transaction')) },
    evidence: {},
    ...(json.last_commit === null ? {} : { lastCommit: commitFromJson(json.last_commit) }),
  });
}

/** `parts` in RPC answers, `part_set_header` in some published vectors. */
function blockId(value: unknown): BlockId {
  const json = jsonObject(value, 'block id');
  const parts = jsonObject(json.parts ?? json.part_set_header, 'block id parts');
  return {
    hash: jsonHex(json.hash, 'block id hash'),
    partSetHeader: { total: jsonNumber(parts.total, 'block id parts.total'), hash: jsonHex(parts.hash, 'block id parts.hash') },
  };
}

function publicKey(value: unknown): PublicKey {
  const json = jsonObject(value, 'pub_key');
  const bytes = jsonBase64(json.value, 'pub_key.value');
  if (json.type === 'tendermint/PubKeyEd25519') return { ed25519: bytes };
  if (json.type === 'tendermint/PubKeySecp256k1') return { secp256k1: bytes };
  throw new PerigeeError('PARSE', `pub_key.type "${String(json.type).slice(0, 40)}" is not known`);
}

function time(value: unknown, what: string): Timestamp {
  return parseTime(jsonText(value, what));
}

/** Writing the message applies its bounds. */
function bounded<M extends Message<Infer<M>>>(type: M, value: Infer<M>): Infer<M> {
  try {
    type.encode(value);
  } catch (cause) {
    throw new PerigeeError('PARSE', PerigeeError.from(cause).message, { cause });
  }
  return value;
}
