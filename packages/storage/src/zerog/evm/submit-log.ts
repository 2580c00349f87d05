/** The `Submit` logs of 0G's flow contract, as the chain's results tell of them. */
import type { BlockTx } from '@perigee/light-core/roles';
import { FLOW_ADDRESS } from '@perigee/light-core/state';
import { nobleFileHash, submissionIdentity } from '@perigee/light-core/storage';
import { concat, PerigeeError, SubmitResults, type TxMessage } from '@perigee/wire';
import { offsetAfter, submissionWords, topicOf, word } from './abi.ts';
import type { BloomedLog } from './bloom.ts';

export const SUBMIT_TOPIC = topicOf('Submit(address,bytes32,uint256,uint256,uint256,(uint256,bytes,(bytes32,uint256)[]))');

export interface SubmitLog extends BloomedLog {
  readonly data: Uint8Array;
}

/** How many logs a transaction has; what it submitted need not be read for that. */
export function countSubmits({ code, data }: BlockTx): number {
  return code === 0 && data.length > 0 ? SubmitResults.decodeCanonical(data).submits.length : 0;
}

/**
 * The logs of a transaction, in the order of its messages. A file that was there has one too: it says where.
 *
 * @param author who signed: the contract's submitter
 */
export function submitLogs({ code, data }: BlockTx, messages: readonly TxMessage[], author: Uint8Array): SubmitLog[] {
  if (code !== 0 || data.length === 0) return [];
  return SubmitResults.decodeCanonical(data).submits.map(({ message, txSeq, startSector, sectors }) => {
    const submit = messages[message]?.storageSubmit;
    if (submit === undefined)
      throw new PerigeeError('INTERNAL', `a result tells of submission ${message}, which its transaction has not`);
    const { length, tags, nodes } = submit;
    return {
      address: FLOW_ADDRESS,
      topics: [SUBMIT_TOPIC, word(author), submissionIdentity(nodes, nobleFileHash)],
      data: concat(word(txSeq), word(startSector), word(sectors), offsetAfter(4), submissionWords(length, tags, nodes)),
    };
  });
}
