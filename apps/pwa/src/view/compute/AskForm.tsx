import { useSignal } from '@preact/signals';
import { parseTokens } from '../../amount.ts';
import type { ComputeView, Question } from '../../model/index.ts';
import { compute } from '../../strings/compute/index.ts';
import { chosenRow, fittingRows, Providers } from './Providers.tsx';

const words = compute.ask;
const DEFAULT_TOKENS = 128;
const DEFAULT_TEMPERATURE = 0.7;

export interface AskFormProps {
  readonly view: ComputeView;
  readonly nowMs: number;
  readonly onAsk: (signer: string, question: Question) => void;
  readonly onStop: () => void;
  readonly onLook: () => void;
}

export function AskForm({ view, nowMs, onAsk, onStop, onLook }: AskFormProps) {
  const chosen = useSignal<string | undefined>(undefined);
  const text = useSignal('');
  const system = useSignal('');
  const maxTokens = useSignal(String(DEFAULT_TOKENS));
  const temperature = useSignal(String(DEFAULT_TEMPERATURE));
  const prepay = useSignal('');
  const row = chosenRow(fittingRows(view, 'chat'), chosen.value);
  const isRunning = view.ask.doing !== undefined;
  const amount = prepay.value.trim() === '' ? undefined : parseTokens(prepay.value);
  const isBad = typeof amount === 'string';
  const most = row?.offer?.maxAnswerTokens ?? DEFAULT_TOKENS;
  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (row === undefined || text.value.trim() === '' || isRunning || typeof amount === 'string') return;
    onAsk(row.signer, {
      text: text.value,
      system: system.value.trim(),
      maxTokens: clamped(maxTokens.value, 1, most, DEFAULT_TOKENS),
      temperature: clamped(temperature.value, 0, 2, DEFAULT_TEMPERATURE),
      prepay: amount,
    });
  };
  return (
    <form onSubmit={onSubmit} class="compute-ask">
      <Providers
        view={view}
        does="chat"
        name="compute-chat"
        chosen={chosen.value}
        nowMs={nowMs}
        onLook={onLook}
        onChoose={(signer) => {
          chosen.value = signer;
        }}
      />
      <label>
        {words.label}
        <textarea
          rows={3}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
      </label>
      <details class="more">
        <summary>{words.more}</summary>
        <label>
          {words.system}
          <textarea
            rows={2}
            value={system.value}
            onInput={(event) => {
              system.value = event.currentTarget.value;
            }}
          />
        </label>
        <div class="fields">
          <label>
            {words.tokens}
            <input
              type="number"
              min={1}
              max={most}
              value={maxTokens.value}
              onInput={(event) => {
                maxTokens.value = event.currentTarget.value;
              }}
            />
          </label>
          <label>
            {words.temperature}
            <input
              type="number"
              min={0}
              max={2}
              step="any"
              value={temperature.value}
              onInput={(event) => {
                temperature.value = event.currentTarget.value;
              }}
            />
          </label>
          <label>
            {words.prepay}
            <input
              type="text"
              inputmode="decimal"
              autocomplete="off"
              value={prepay.value}
              aria-invalid={isBad}
              aria-describedby="compute-prepay-hint"
              onInput={(event) => {
                prepay.value = event.currentTarget.value;
              }}
            />
          </label>
        </div>
        <p class={isBad ? 'obstacle' : 'quiet'} id="compute-prepay-hint">
          {isBad ? words.badNumber : words.prepayHint}
        </p>
      </details>
      <p class="actions">
        <button
          type="submit"
          class="control primary"
          disabled={row === undefined || isRunning || text.value.trim() === '' || isBad}
        >
          {words.button}
        </button>
        <button type="button" class="control" disabled={!isRunning} onClick={onStop}>
          {words.stop}
        </button>
      </p>
    </form>
  );
}

function clamped(text: string, least: number, most: number, otherwise: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) return otherwise;
  const within = Math.min(most, Math.max(least, value));
  return most > 2 ? Math.round(within) : within;
}
