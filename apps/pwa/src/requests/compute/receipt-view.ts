import { tokensInWords } from '@perigee/light-core/tx';
import type { ReceiptFinding } from '@perigee/sampler/compute';
import { concatAll, keyText, MODEL_KIND, toHex } from '@perigee/wire';
import { shownText } from '../../files/names.ts';
import type { ReceiptView } from '../../model/index.ts';

/** Characters of a question or an answer that are shown. */
const MAX_SHOWN = 20_000;

/** What a receipt says, as far as it is to be shown. */
export function receiptView({
  opened: { receipt, request, answer },
  report,
}: ReceiptFinding): Pick<ReceiptView, 'verdict' | 'checks' | 'facts' | 'question' | 'answer'> {
  const { order, execution, checkpoint } = receipt;
  const { usage, fee } = checkpoint.body;
  const isChat = request?.kind === MODEL_KIND.chat;
  return {
    verdict: report.verdict,
    checks: report.checks,
    facts: [
      { name: 'provider', value: keyText(order.body.provider) },
      { name: 'payer', value: keyText(order.body.payer) },
      { name: 'model', value: toHex(execution.modelRoot) },
      { name: 'engine', value: shownText(execution.engine) },
      { name: 'usage', value: `${usage.promptTokens} + ${usage.answerTokens}` },
      { name: 'fee', value: tokensInWords(fee) },
    ],
    question: request && bounded((isChat ? request.messages.map(({ content }) => content) : request.inputs).join('\n')),
    answer: isChat && answer !== undefined ? bounded(new TextDecoder().decode(concatAll(answer.chunks))) : undefined,
  };
}

function bounded(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}
