/** Words of the messages of the compute layer; as in `message-words.ts`, names are final. */
import { sha256 } from '@noble/hashes/sha2.js';
import {
  AUDIT_VERDICT,
  ComputeReport,
  ComputeSettle,
  concat,
  type SignerKey,
  type TxMessage,
  toHex,
  u8,
  u32be,
} from '@perigee/wire';
import { tokensInWords } from '../words.ts';

/** Fields as [type, name, value], in the order in which they are shown and signed. */
export type Row = readonly [type: string, name: string, value: string];

/** @returns `undefined` for a message of another layer */
export function computeInWords(message: TxMessage): [struct: string, rows: readonly Row[]] | undefined {
  const { computeRegister, computeRetire, computeDeposit, computeWithdraw, computeSettle, computeReport } = message;
  if (computeRegister !== undefined) {
    const {
      signer,
      encryptionKey,
      modelRoot,
      price,
      endpoints,
      simulated,
      boundHeight,
      stake,
      evidence,
      collateral,
      possession,
    } = computeRegister;
    return [
      'RegisterProvider',
      [
        ['string', 'action', 'Register keys and a model that evidence of hardware binds, and put tokens at stake'],
        ['string', 'stake', tokensInWords(stake)],
        ['bytes', 'signer', keyInHex(signer)],
        ['bytes32', 'encryptionKey', hex(encryptionKey)],
        ['bytes32', 'model', hex(modelRoot)],
        ['string', 'forRequest', tokensInWords(price.perRequest)],
        ['string', 'forPromptToken', tokensInWords(price.perPromptToken)],
        ['string', 'forAnswerToken', tokensInWords(price.perAnswerToken)],
        ['string', 'endpoints', JSON.stringify(endpoints)],
        ['string', 'hardware', simulated ? 'simulated' : 'real'],
        ['string', 'boundTo', `block ${boundHeight}`],
        ['bytes32', 'evidence', hex(sha256(evidence))],
        ['bytes32', 'collateral', hex(sha256(collateral))],
        ['bytes', 'possession', hex(possession)],
      ],
    ];
  }
  if (computeRetire !== undefined) {
    return [
      'RetireProvider',
      [
        ['string', 'action', 'End registrations, and take stake back after the unbonding period'],
        ['bytes', 'signers', hex(concat(...computeRetire.signers.map(keyBytes)))],
        ['string', 'amount', tokensInWords(computeRetire.amount)],
      ],
    ];
  }
  if (computeDeposit !== undefined) {
    const { amount, caps } = computeDeposit;
    return [
      'PrepayCompute',
      [
        ['string', 'action', 'Prepay for answers of models, and say how much each provider may take'],
        ['string', 'amount', tokensInWords(amount)],
        ['string', 'caps', caps.map(({ provider, left }) => `${hex(provider)} ${tokensInWords(left)}`).join(', ')],
      ],
    ];
  }
  if (computeWithdraw !== undefined) {
    return [
      'WithdrawPrepaid',
      [
        ['string', 'action', 'Take prepaid tokens back after the unlocking period'],
        ['string', 'amount', tokensInWords(computeWithdraw.amount)],
      ],
    ];
  }
  if (computeSettle !== undefined) {
    return [
      'SettleReceipts',
      [
        ['string', 'action', 'Take what signed receipts have earned'],
        ['string', 'receipts', String(computeSettle.claims.length)],
        ['bytes32', 'content', hex(sha256(ComputeSettle.encode(computeSettle)))],
      ],
    ];
  }
  if (computeReport === undefined) return undefined;
  const verdict = Object.entries(AUDIT_VERDICT).find(([, number]) => number === computeReport.verdict)?.[0];
  return [
    'ReportAnswer',
    [
      ['string', 'action', 'Say what came of executing an answer again, and leave a deposit'],
      ['string', 'verdict', verdict ?? `verdict ${computeReport.verdict}`],
      ['bytes32', 'order', hex(computeReport.receipt.checkpoint.body.orderId)],
      ['bytes32', 'content', hex(sha256(ComputeReport.encode(computeReport)))],
    ],
  ];
}

/** Whatever scheme a message names, it has words. */
function keyBytes({ scheme, key }: SignerKey): Uint8Array {
  return concat(u32be(scheme), u8(key.length), key);
}

function keyInHex(key: SignerKey): string {
  return hex(keyBytes(key));
}

export function hex(bytes: Uint8Array): string {
  return `0x${toHex(bytes)}`;
}
