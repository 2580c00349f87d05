import { tokensInWords } from '@perigee/light-core/tx';
import { count, percent, size } from '../../format.ts';
import type { Actions, Transfer } from '../../model/index.ts';
import { storage } from '../../strings/storage/index.ts';
import { CopyButton } from '../CopyButton.tsx';
import { Obstacle } from '../Obstacle.tsx';

const { transfers: words } = storage;

/** What is being stored and fetched, and what became of it. */
export function Transfers({ transfers, actions }: { readonly transfers: readonly Transfer[]; readonly actions: Actions }) {
  return (
    <div class="tasks">
      <h3>{words.title}</h3>
      {transfers.length === 0 ? <p class="quiet empty">{words.none}</p> : null}
      <ul>
        {transfers.map((transfer) => (
          <li key={transfer.id} class="task" data-transfer={transfer.kind} data-status={transfer.status}>
            <Head transfer={transfer} onCancel={() => actions.cancelTransfer(transfer.id)} />
            {transfer.status === 'running' ? <Progress transfer={transfer} /> : null}
            {transfer.error === undefined ? null : <Failure transfer={transfer} error={transfer.error} />}
            {transfer.status === 'done' ? <Done transfer={transfer} actions={actions} /> : null}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Head({ transfer, onCancel }: { readonly transfer: Transfer; readonly onCancel: () => void }) {
  const { kind, status, name, size: bytes } = transfer;
  const button = status === 'running' ? words.cancel : words.remove;
  return (
    <div class="task-head">
      <p>
        {words.name[kind][status]}{' '}
        <strong>
          <bdi>{name}</bdi>
        </strong>
        , {size(bytes)}
      </p>
      <button type="button" class="control" aria-label={`${button}: ${name}`} onClick={onCancel}>
        {button}
      </button>
    </div>
  );
}

function Progress({ transfer }: { readonly transfer: Transfer }) {
  const { kind, status, name, stage, done, bytes, totalBytes } = transfer;
  return (
    <>
      <progress value={done} aria-label={`${words.name[kind][status]} ${name}`} />
      <p class="quiet stage">
        {percent(done)}, {words.stage[stage]}, {words.of(size(bytes), size(totalBytes))}
      </p>
    </>
  );
}

function Failure({ transfer, error }: { readonly transfer: Transfer; readonly error: NonNullable<Transfer['error']> }) {
  if (transfer.status === 'stopped') return <p class="quiet">{words.goesOn}</p>;
  return <Obstacle problem={error} isAlert />;
}

function Done({ transfer, actions }: { readonly transfer: Transfer; readonly actions: Actions }) {
  const { kind, root, paid, nodes, verifiedBytes, movedBytes, canSave, id } = transfer;
  return (
    <div class="result">
      {kind === 'put' ? (
        <p>
          {paid === undefined || paid === 0n ? words.paidNothing : words.paid(tokensInWords(paid))} {words.stored(count(nodes))}
        </p>
      ) : (
        <p data-verified={verifiedBytes}>{words.verified(size(verifiedBytes), size(movedBytes))}</p>
      )}
      {kind === 'put' && root !== undefined ? (
        <p>
          {words.root} <code data-stored-root={root}>{root}</code>
        </p>
      ) : null}
      <p class="actions">
        {kind === 'put' && root !== undefined ? (
          <CopyButton label={words.copyRoot} text={() => root} copy={actions.copy} />
        ) : null}
        {canSave ? (
          <button type="button" class="control" onClick={() => actions.saveTransfer(id)}>
            {words.save}
          </button>
        ) : null}
      </p>
    </div>
  );
}
