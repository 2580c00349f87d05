import '../../style/forms.css';
import type { ViewProps } from '../../model/index.ts';
import { storage } from '../../strings/storage/index.ts';
import '../../style/storage.css';
import { FindFile } from './FindFile.tsx';
import { Found } from './Found.tsx';
import { PutFile } from './PutFile.tsx';
import { Transfers } from './Transfers.tsx';

/** Files of any size: store one, find one, see who has what of it, fetch it. */
export function StorageView({ model, actions }: ViewProps) {
  const { found, transfers } = model.storage.value;
  return (
    <section class="card storage" aria-labelledby="storage-title">
      <h2 id="storage-title" class="label">
        {storage.title}
      </h2>
      <p class="quiet">{storage.explain}</p>
      <div class="storage-forms">
        <PutFile actions={actions} />
        <FindFile model={model} actions={actions} />
      </div>
      {found === undefined ? null : <Found key={found.root} found={found} actions={actions} />}
      <Transfers transfers={transfers} actions={actions} />
    </section>
  );
}
