import { falseReportsOf } from '@perigee/light-core/registration';
import { shownText } from '../../files/names.ts';
import { keyOf, shortHex, shortKey, time } from '../../format.ts';
import type { ComputeView, ProviderRow } from '../../model/index.ts';
import { compute } from '../../strings/compute/index.ts';
import { tokens, units } from './amounts.ts';
import { Obstacle } from './Obstacle.tsx';

const words = compute.providers;

export interface ProvidersProps {
  readonly view: ComputeView;
  readonly does: 'chat' | 'embeddings';
  /** Tells the choices of two forms apart. */
  readonly name: string;
  readonly chosen: string | undefined;
  readonly nowMs: number;
  readonly onChoose: (signer: string) => void;
  readonly onLook: () => void;
}

/** Those that do what is wanted, or of which that is not known yet. */
export function fittingRows({ providers }: ComputeView, does: 'chat' | 'embeddings'): readonly ProviderRow[] {
  return providers.filter(({ offer, problem }) => problem !== undefined || offer === undefined || offer.does === does);
}

/** The one that was chosen, else the first that may be. */
export function chosenRow(rows: readonly ProviderRow[], chosen: string | undefined): ProviderRow | undefined {
  const usable = rows.filter(({ offer }) => offer !== undefined);
  return usable.find(({ signer }) => signer === chosen) ?? usable[0];
}

/** Who may be asked, as the chain proves it: the highest stake first. */
export function Providers({ view, does, name, chosen, nowMs, onChoose, onLook }: ProvidersProps) {
  const rows = fittingRows(view, does);
  // what is asked still may fit or not: shown at once, it would push what is below away and come back
  const told = rows.filter(({ offer, problem }) => offer !== undefined || problem !== undefined);
  const shown = chosenRow(rows, chosen);
  const isAsking = view.listing === 'asked' || told.length < rows.length;
  return (
    <fieldset class="compute-providers" aria-busy={isAsking}>
      <legend>{words.choose(does)}</legend>
      <div class="offers">
        <Obstacle problem={view.listProblem} />
        {rows.some(({ reports }) => falseReportsOf(reports) > 0) ? <p class="note">{words.reported}</p> : null}
        <ul>
          {told.map((row) => (
            <Row key={row.signer} row={row} name={name} isChosen={row === shown} nowMs={nowMs} onChoose={onChoose} />
          ))}
        </ul>
        <div role="status">
          {isAsking ? (
            <>
              <progress aria-label={words.looking} />
              <p class="quiet">{words.looking}</p>
            </>
          ) : view.listing === 'there' && shown === undefined ? (
            <p class="note">{view.providers.length === 0 ? words.none : words.noneDoes[does]}</p>
          ) : null}
        </div>
        {isAsking || told.length === 0 ? null : <p class="quiet unit">{words.unit}</p>}
        {shown?.simulated === true ? <p class="note">{compute.simulatedNote}</p> : null}
      </div>
      <p class="actions">
        <button type="button" class="control" onClick={onLook} disabled={view.listing === 'asked'}>
          {words.again}
        </button>
      </p>
    </fieldset>
  );
}

interface RowProps {
  readonly row: ProviderRow;
  readonly name: string;
  readonly isChosen: boolean;
  readonly nowMs: number;
  readonly onChoose: (signer: string) => void;
}

function Row({ row, name, isChosen, nowMs, onChoose }: RowProps) {
  const { signer, offer, problem, price, simulated, platform, stake, reports, untilMs, account, modelRoot } = row;
  return (
    <li data-provider={account} data-model={offer?.id} data-simulated={simulated}>
      <label class="choice">
        <input type="radio" name={name} checked={isChosen} disabled={offer === undefined} onChange={() => onChoose(signer)} />
        <span>
          <strong title={modelRoot}>{offer === undefined ? shortHex(modelRoot) : words.model(offer.id)}</strong>{' '}
          {offer === undefined ? null : <span class="quiet">{words.does[offer.does]}</span>}{' '}
          <span class="tag" data-simulated={simulated}>
            {simulated ? words.simulated : words.real(shownText(platform))}
          </span>
          <small class="quiet">
            {words.price(units(price.perRequest), units(price.perPromptToken), units(price.perAnswerToken))}
          </small>
          <small class="quiet">
            {words.stake(tokens(stake))} · {words.until(time(untilMs, nowMs))} ·{' '}
            <span title={keyOf(account)}>{words.account(shortKey(account))}</span>
          </small>
          <small class="quiet" data-reports={falseReportsOf(reports)}>
            {words.reports(reports)}
          </small>
        </span>
      </label>
      <Obstacle problem={problem} />
    </li>
  );
}
