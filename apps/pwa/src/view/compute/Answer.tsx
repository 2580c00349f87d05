import { useSignal } from '@preact/signals';
import { count, shortHex, shortKey } from '../../format.ts';
import type { ComputeView, Exchange, LayingOut } from '../../model/index.ts';
import { compute } from '../../strings/compute/index.ts';
import { tokens } from './amounts.ts';
import { Checks } from './Checks.tsx';
import { Obstacle } from './Obstacle.tsx';

const words = compute.answer;

export interface AnswerProps {
  readonly view: ComputeView;
  readonly onSave: (withWords: boolean) => void;
  readonly onShare: (withWords: boolean) => void;
  readonly onLayOut: () => void;
}

/** An answer as it comes: what is checked, what is not yet, and every check with its sentence. */
export function Answer({ view, onSave, onShare, onLayOut }: AnswerProps) {
  const { ask, payer } = view;
  const { verified, unverified, verdict, doing, question, hasReceipt } = ask;
  const withWords = useSignal(true);
  if (question === '') return null;
  return (
    <div class="compute-answer" data-doing={doing} data-outcome={doing === undefined ? verdict?.outcome : undefined}>
      <h3>{words.title}</h3>
      <p class="quiet asked">
        <bdi>{question}</bdi>
      </p>
      <Step exchange={ask} />
      <div class="said" aria-busy={doing !== undefined}>
        {verified === '' && unverified === '' ? (
          <p class="quiet">{words.nothing}</p>
        ) : (
          <>
            {verified === '' ? null : (
              <p class="verified" title={words.verified}>
                <bdi>{verified}</bdi>
              </p>
            )}
            {unverified === '' ? null : (
              <p class="unverified">
                <small>{words.unverified}</small>
                <bdi>{unverified}</bdi>
              </p>
            )}
          </>
        )}
      </div>
      <Outcome exchange={ask} />
      {verdict === undefined ? null : (
        <Checks title={words.checks} names={compute.check} checks={verdict.checks} isOpen={doing !== undefined} />
      )}
      <p class="quiet">
        {[
          ask.fee !== undefined ? words.fee(tokens(ask.fee)) : ask.cost !== undefined ? words.cost(tokens(ask.cost)) : '',
          ask.tokens === undefined ? '' : words.tokens(count(ask.tokens.prompt), count(ask.tokens.answer)),
          payer === undefined ? '' : words.by[payer.by](shortKey(payer.address)),
        ]
          .filter((part) => part !== '')
          .join(' ')}
      </p>
      {hasReceipt ? (
        <>
          <label class="check">
            <input
              type="checkbox"
              checked={withWords.value}
              aria-describedby="compute-keep-hint"
              onChange={(event) => {
                withWords.value = event.currentTarget.checked;
              }}
            />
            {compute.keep.words}
          </label>
          <p class="quiet" id="compute-keep-hint">
            {compute.keep.hint}
          </p>
          <p class="actions">
            <button type="button" class="control" onClick={() => onSave(withWords.value)}>
              {compute.keep.save}
            </button>
            {'canShare' in navigator ? (
              <button type="button" class="control" onClick={() => onShare(withWords.value)}>
                {compute.keep.share}
              </button>
            ) : null}
          </p>
          {ask.layingOut === undefined ? null : <LayOut layingOut={ask.layingOut} onLayOut={onLayOut} />}
        </>
      ) : null}
    </div>
  );
}

/** Makes question and answer public, after a warning: nobody can take that back. */
function LayOut({ layingOut, onLayOut }: { readonly layingOut: LayingOut; readonly onLayOut: () => void }) {
  const { stage, blobId, problem } = layingOut;
  const isSure = useSignal(false);
  const told = compute.layOut;
  return (
    <div class="compute-lay-out" data-stage={stage}>
      <h4 class="label">{told.title}</h4>
      <p class="quiet">{told.explain}</p>
      <div role="status">
        {stage === 'doing' ? <progress aria-label={told.doing} /> : null}
        {stage === 'public' ? (
          <p class="note">
            {told.done}{' '}
            <span class="mono" title={blobId}>
              {shortHex(blobId ?? '')}
            </span>
          </p>
        ) : null}
        <Obstacle problem={problem} />
      </div>
      {stage === 'public' ? null : (
        <>
          <label class="check">
            <input
              type="checkbox"
              checked={isSure.value}
              disabled={stage === 'doing'}
              onChange={(event) => {
                isSure.value = event.currentTarget.checked;
              }}
            />
            {told.warning}
          </label>
          <p class="actions">
            <button type="button" class="control" onClick={onLayOut} disabled={!isSure.value || stage === 'doing'}>
              {told.button}
            </button>
          </p>
        </>
      )}
    </div>
  );
}

/** What is done now, for eyes and for who listens; and what went wrong. */
export function Step({
  exchange: { doing, problem },
  words: told,
}: {
  readonly exchange: Exchange;
  readonly words?: string | undefined;
}) {
  return (
    <div class="compute-step" role="status" data-doing={doing}>
      {doing === undefined ? <div class="rule" /> : <progress aria-label={compute.doing[doing]} />}
      {doing === undefined ? null : <p class="quiet">{compute.doing[doing]}</p>}
      {told === undefined ? null : <p class="quiet">{told}</p>}
      <Obstacle problem={problem} />
    </div>
  );
}

/** The whole in one sentence; what is simulated never sounds like hardware. */
export function Outcome({ exchange: { doing, verdict } }: { readonly exchange: Exchange }) {
  if (verdict === undefined || doing !== undefined) return null;
  const { outcome, hardware } = verdict;
  const isRehearsal = hardware.status === 'simulated';
  return (
    <div class="compute-outcome" data-outcome={outcome} data-hardware={hardware.status}>
      <p>
        <strong>{outcome === 'pass' && isRehearsal ? compute.simulatedOutcome : compute.outcome[outcome]}.</strong>{' '}
        {compute.carries(hardware)}
      </p>
    </div>
  );
}
