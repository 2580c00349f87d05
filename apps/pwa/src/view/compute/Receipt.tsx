import { useSignal } from '@preact/signals';
import type { ReceiptView } from '../../model/index.ts';
import { compute } from '../../strings/compute/index.ts';
import { DropField } from '../DropField.tsx';
import { Checks } from './Checks.tsx';
import { Obstacle } from './Obstacle.tsx';

const words = compute.receipt;

export interface ReceiptProps {
  readonly receipt: ReceiptView | undefined;
  readonly onOpen: (file: File) => void;
}

/** A receipt that somebody handed over. */
export function Receipt({ receipt, onOpen }: ReceiptProps) {
  const file = useSignal<File | undefined>(undefined);
  return (
    <>
      <DropField
        words={words}
        chosen={file.value}
        describedBy="receipt-hint"
        onChoose={(given) => {
          file.value = given;
          if (given !== undefined) onOpen(given);
        }}
      />
      <p class="quiet" id="receipt-hint">
        {words.hint}
      </p>
      <div role="status">
        {receipt?.doing === true ? (
          <>
            <progress aria-label={words.doing} />
            <p class="quiet">{words.doing}</p>
          </>
        ) : null}
        <Obstacle problem={receipt?.problem} />
        {receipt?.verdict === undefined ? null : (
          <div class="compute-outcome" data-outcome={receipt.verdict}>
            <p>
              <strong>{words.verdict[receipt.verdict]}.</strong> {words.evidence}
            </p>
          </div>
        )}
      </div>
      {receipt?.verdict === undefined ? null : <Opened receipt={receipt} />}
    </>
  );
}

function Opened({ receipt: { checks, facts, question, answer, verdict } }: { readonly receipt: ReceiptView }) {
  return (
    <div class="compute-receipt" data-verdict={verdict}>
      {question === undefined ? null : (
        <>
          <h3 class="label">{words.question}</h3>
          <p class="said">
            <bdi>{question}</bdi>
          </p>
        </>
      )}
      {answer === undefined ? null : (
        <>
          <h3 class="label">{words.answer}</h3>
          <p class="said">
            <bdi>{answer}</bdi>
          </p>
        </>
      )}
      <Checks title={compute.answer.checks} names={compute.receiptCheck} checks={checks} />
      <h3 class="label">{words.facts}</h3>
      <dl>
        {facts.map(({ name, value }) => (
          <div key={name}>
            <dt>{words.fact[name]}</dt>
            <dd class="mono">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
