/** One struct for each kind of message: what a wallet shows of it. Names of structs and fields are signed, and final. */
import { sha256 } from '@noble/hashes/sha2.js';
import { Certificate, concat, MESSAGE_KIND, PerigeeError, type TxMessage } from '@perigee/wire';
import { dataRootOf, nobleFileHash } from '../../storage/index.ts';
import { kindOf } from '../decode.ts';
import { blockInWords, tokensInWords } from '../words.ts';
import { computeInWords, hex, type Row } from './compute-words.ts';
import type { TypedField, TypedValue } from './typed-data.ts';

export interface MessageWords {
  readonly struct: string;
  readonly fields: readonly TypedField[];
  readonly value: { readonly [field: string]: TypedValue };
}

/** @throws TX_MESSAGE */
export function messageInWords(message: TxMessage): MessageWords {
  const [struct, rows] = describe(message);
  return {
    struct,
    fields: rows.map(([type, name]) => ({ type, name })),
    value: Object.fromEntries(rows.map(([, name, value]) => [name, value])),
  };
}

function describe(message: TxMessage): [struct: string, rows: readonly Row[]] {
  const { certify, transfer, grantSession, revokeSession, stake, unstake, storageSubmit, kvSet, kvApply } = message;
  switch (kindOf(message)) {
    case 'transfer':
      if (transfer === undefined) break;
      return [
        'Transfer',
        [
          ['string', 'action', 'Send tokens'],
          ['string', 'amount', tokensInWords(transfer.amount)],
          ['address', 'recipient', hex(transfer.to)],
        ],
      ];
    case 'certify': {
      if (certify === undefined) break;
      const { certificate } = certify;
      return [
        'RecordBlob',
        [
          ['string', 'action', 'Record a blob and pay for keeping it available'],
          ['bytes', 'blob', hex(certificate.blobId)],
          ['string', 'size', `${certificate.length} bytes`],
          ['string', 'keptUntil', blockInWords(certificate.expiryHeight)],
          ['bytes32', 'certificate', hex(sha256(Certificate.encode(certificate)))],
        ],
      ];
    }
    case 'grantSession':
      if (grantSession === undefined) break;
      return [
        'GrantSession',
        [
          ['string', 'action', 'Let another key act for this account'],
          ['bytes32', 'key', hex(grantSession.key)],
          ['string', 'mayDo', kindsInWords(grantSession.kinds)],
          ['string', 'maySpend', `${tokensInWords(grantSession.cap)}, fees included`],
          ['string', 'until', blockInWords(grantSession.expiryHeight)],
        ],
      ];
    case 'revokeSession':
      if (revokeSession === undefined) break;
      return [
        'RevokeSession',
        [
          ['string', 'action', 'Let this key no longer act for this account'],
          ['bytes32', 'key', hex(revokeSession.key)],
        ],
      ];
    case 'stake':
      if (stake === undefined) break;
      return [
        'Stake',
        [
          ['string', 'action', 'Put tokens behind a validator; it can lose them'],
          ['string', 'amount', tokensInWords(stake.amount)],
          ['bytes32', 'validatorKey', hex(stake.validatorKey)],
          ['bytes', 'committeeKey', hex(stake.committeeKey ?? new Uint8Array(0))],
        ],
      ];
    case 'unstake':
      if (unstake === undefined) break;
      return [
        'Unstake',
        [
          ['string', 'action', 'Take tokens back from a validator after the unbonding period'],
          ['string', 'amount', tokensInWords(unstake.amount)],
        ],
      ];
    case 'storageSubmit': {
      if (storageSubmit === undefined) break;
      const { length, nodes, tags, value } = storageSubmit;
      return [
        'StoreFile',
        [
          ['string', 'action', 'Store a file and pay for its sectors'],
          ['string', 'size', `${length} bytes`],
          ['bytes', 'dataRoot', hex(nodes.length === 0 ? new Uint8Array(0) : dataRootOf(nodes, nobleFileHash))],
          ['bytes', 'nodeRoots', hex(concat(...nodes.map(({ root }) => root)))],
          ['string', 'nodeHeights', nodes.map(({ height }) => height).join(', ')],
          ['bytes', 'tags', hex(tags)],
          ['string', 'payAtMost', tokensInWords(value)],
        ],
      ];
    }
    case 'kvSet': {
      if (kvSet === undefined) break;
      const { streams, data } = kvSet;
      return [
        'WriteStreams',
        [
          ['string', 'action', 'Write to key-value streams, and leave a deposit for what they keep'],
          ['bytes', 'streams', hex(concat(...streams))],
          ['string', 'size', `${data.length} bytes`],
          ['bytes32', 'data', hex(sha256(data))],
        ],
      ];
    }
    case 'kvApply': {
      if (kvApply === undefined) break;
      const { txSeq, data } = kvApply;
      return [
        'BringStreamData',
        [
          ['string', 'action', 'Bring the data of a submitted write to key-value streams; its author pays for it'],
          ['string', 'submission', String(txSeq)],
          ['string', 'size', `${data.length} bytes`],
          ['bytes32', 'data', hex(sha256(data))],
        ],
      ];
    }
    default: {
      const words = computeInWords(message);
      if (words !== undefined) return words;
    }
  }
  throw new PerigeeError('TX_MESSAGE', 'a message has no kind');
}

/** Numbers that no kind has yet stand for themselves, so that words and numbers stay one to one. */
function kindsInWords(kinds: readonly number[]): string {
  const nameOf = (number: number) => Object.entries(MESSAGE_KIND).find(([, kind]) => kind === number)?.[0] ?? `kind ${number}`;
  return kinds.map(nameOf).join(', ');
}
