import type { BlobView, Confidence } from '@perigee/sampler';
import { AVAILABLE_BITS, UNAVAILABLE_BITS } from '@perigee/wire';
import type { ComponentChildren } from 'preact';
import { bits, count, fraction, oneIn } from '../format.ts';
import { NONE, confidence as words } from '../strings/index.ts';

/** What this browser measured: two numbers side by side, each with what it counts and its formula, never one sum (PROTOCOL §4). */
export function Confidences({ blob }: { readonly blob: BlobView | undefined }) {
  const record = blob?.record;
  const confidence = record === undefined ? undefined : blob?.confidence;
  return (
    <section class="measures" aria-label={words.title}>
      {record === undefined || confidence === undefined ? (
        <>
          <Measure name={words.availability} meaning={words.waitingAvailability} />
          <Measure name={words.encoding} meaning={words.waitingEncoding} />
        </>
      ) : (
        <>
          <Availability confidence={confidence} k={record.k} n={record.n} />
          <Encoding confidence={confidence} k={record.k} n={record.n} />
        </>
      )}
    </section>
  );
}

interface Counted {
  readonly confidence: Confidence;
  readonly k: number;
  readonly n: number;
}

function Availability({ confidence, k, n }: Counted) {
  const { drawn, verified, rounds, budget, target, availabilityBits, unavailabilityBits } = confidence;
  const [all, asked, came] = [count(k + n), count(drawn), count(verified)];
  return (
    <Measure
      name={words.availability}
      value={bits(availabilityBits)}
      note={words.target(bits(target), target < AVAILABLE_BITS)}
      share={availabilityBits / target}
      counts={`${words.counts(came, asked, rounds)}, ${words.budget(count(budget))}`}
      meaning={availabilityBits < 1 ? words.availabilityNothing : words.availabilityMeaning(oneIn(availabilityBits))}
      formula={words.availabilityFormula(all, count(k - 1), asked, came, rounds)}
    >
      <p>{words.against(bits(unavailabilityBits), bits(UNAVAILABLE_BITS))}</p>
    </Measure>
  );
}

function Encoding({ confidence, k, n }: Counted) {
  const { verified, encodingBits } = confidence;
  const failed = verified > 0 && encodingBits === 0;
  return (
    <Measure
      name={words.encoding}
      value={bits(encodingBits)}
      counts={words.rows(count(verified))}
      meaning={failed ? words.encodingFailed : words.encodingMeaning(oneIn(encodingBits))}
      formula={failed ? NONE : words.encodingFormula(count(verified), fraction(k, k + n))}
    />
  );
}

interface MeasureProps {
  readonly name: string;
  readonly meaning: string;
  readonly value?: string;
  readonly note?: string;
  /** How much of what is aimed at, 0 to 1 and above. */
  readonly share?: number;
  readonly counts?: string;
  readonly formula?: string;
  readonly children?: ComponentChildren;
}

/** Every line is there from the beginning, so that nothing moves when the numbers come. */
function Measure({ name, meaning, value = NONE, note, share, counts = NONE, formula = NONE, children }: MeasureProps) {
  return (
    <div class="measure">
      <h3 class="label">{name}</h3>
      <p class="number">
        <strong>{value}</strong> {words.bits}
        {note === undefined ? null : <small>, {note}</small>}
      </p>
      <p class="gauge" aria-hidden="true">
        {share === undefined ? null : <span style={{ width: `${Math.min(1, share) * 100}%` }} />}
      </p>
      <p class="counted">{counts}</p>
      <p class="meaning">{meaning}</p>
      <p class="formula mono">{formula}</p>
      {children}
    </div>
  );
}
