import { age, count, percent } from '../format.ts';
import type { PublishPolicy } from '../model/index.ts';
import { publish as words } from '../strings/below/index.ts';

const REDUNDANCIES = [2, 4, 8] as const;
/** Shares of the stake that may be asked for beyond the floor, basis points. */
const QUORUMS = [0, 7_500, 8_000, 9_000] as const;

export interface PolicyFieldsProps {
  readonly policy: PublishPolicy;
  /** Longest retention that the chain takes, blocks; `undefined` until it is proved. */
  readonly maxRetentionBlocks: number | undefined;
  readonly onChange: (change: Partial<PublishPolicy>) => void;
}

export function PolicyFields({ policy, maxRetentionBlocks, onChange }: PolicyFieldsProps) {
  const blocks = policy.retentionBlocks;
  return (
    <details class="policy">
      <summary>{words.policy}</summary>
      <div class="fields">
        <label>
          {words.namespace}
          <input
            type="text"
            value={policy.namespace}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => onChange({ namespace: event.currentTarget.value })}
          />
        </label>
        <label>
          {words.redundancy}
          <select
            onChange={(event) => {
              const redundancy = REDUNDANCIES.find((times) => String(times) === event.currentTarget.value);
              if (redundancy !== undefined) onChange({ redundancy });
            }}
          >
            {REDUNDANCIES.map((times) => (
              <option key={times} value={times} selected={times === policy.redundancy}>
                {words.redundancyValue(times)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {words.retention(maxRetentionBlocks === undefined ? undefined : count(maxRetentionBlocks))}
          <input
            type="number"
            min={1}
            max={maxRetentionBlocks}
            step={1}
            value={policy.retentionBlocks}
            onInput={(event) => onChange({ retentionBlocks: event.currentTarget.valueAsNumber })}
          />
        </label>
        <label>
          {words.quorum}
          <select onChange={(event) => onChange({ quorum: Number(event.currentTarget.value) })}>
            {QUORUMS.map((quorum) => (
              <option key={quorum} value={quorum} selected={quorum === policy.quorum}>
                {quorum === 0 ? words.quorumFloor : percent(quorum / 10_000)}
              </option>
            ))}
          </select>
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={policy.persist}
            onChange={(event) => onChange({ persist: event.currentTarget.checked })}
          />
          {words.persist}
        </label>
      </div>
      <p class="quiet span">{Number.isFinite(blocks) ? words.retentionSpan(count(blocks), age(1_000 * blocks)) : null}</p>
    </details>
  );
}
