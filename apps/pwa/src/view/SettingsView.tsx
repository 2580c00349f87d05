import '../style/forms.css';
import '../style/settings.css';
import type { ViewProps } from '../model/index.ts';
import { settings as words } from '../strings/settings/index.ts';
import { BudgetsCard } from './settings/BudgetsCard.tsx';
import { ChainCard } from './settings/ChainCard.tsx';
import { KeptCard } from './settings/KeptCard.tsx';
import { LookCard } from './settings/LookCard.tsx';
import { NodeCard } from './settings/NodeCard.tsx';
import { SharingCard } from './settings/SharingCard.tsx';
import { StartCard } from './settings/StartCard.tsx';
import { ThriftCard } from './settings/ThriftCard.tsx';
import { Wallet } from './wallet/Wallet.tsx';

/** What the page may use, what it keeps, and in whose name it acts. */
export function SettingsView({ model, actions }: ViewProps) {
  const { problem, isRead } = model.settings.value;
  return (
    <>
      {problem === undefined ? null : (
        <p class="obstacle" role="alert" data-code={problem.code}>
          {words.problem(problem.message)}
        </p>
      )}
      {/* a change of what was not read yet would be lost, or undo what was kept */}
      <fieldset class="pair settings" disabled={!isRead} aria-busy={!isRead}>
        <div class="stack">
          <BudgetsCard model={model} actions={actions} />
          <SharingCard model={model} actions={actions} />
          <ThriftCard model={model} actions={actions} />
        </div>
        <div class="stack">
          <KeptCard model={model} actions={actions} />
          <ChainCard model={model} actions={actions} />
          <NodeCard model={model} actions={actions} />
          <StartCard model={model} actions={actions} />
          <LookCard model={model} actions={actions} />
        </div>
      </fieldset>
      <Wallet model={model} actions={actions} />
    </>
  );
}
