import { shownText } from '../../files/names.ts';
import { count, size } from '../../format.ts';
import type { Actions, FoundFolder as FoundFolderView } from '../../model/index.ts';
import { storage } from '../../strings/storage/index.ts';
import { ScrollRegion } from '../ScrollRegion.tsx';
import { SearchForm } from '../SearchForm.tsx';

const { fetch: words } = storage;

/** What is in a stored folder: each file and each tensor can be fetched alone. */
export function FoundFolder({ folder, actions }: { readonly folder: FoundFolderView; readonly actions: Actions }) {
  const { files, fileCount, tensors, tensorCount } = folder;
  return (
    <div class="storage-folder">
      <p>{words.list}</p>
      <details open={fileCount <= 8}>
        <summary>{words.files(count(files.length), count(fileCount))}</summary>
        <ScrollRegion label={words.files(count(files.length), count(fileCount))}>
          <ul class="storage-list">
            {files.map((file) => (
              <li key={file.path}>
                <bdi class="storage-name">{shownText(file.path, 200)}</bdi>
                <span>{size(file.size)}</span>
                <button
                  type="button"
                  class="control"
                  aria-label={`${words.file}: ${shownText(file.path, 200)}`}
                  onClick={() => actions.fetchFound({ kind: 'path', path: file.path })}
                >
                  {words.file}
                </button>
              </li>
            ))}
          </ul>
        </ScrollRegion>
      </details>
      {tensorCount === 0 ? null : (
        <>
          <SearchForm
            label={words.tensorName}
            button={words.tensorButton}
            status={undefined}
            isRefused={false}
            empty={words.tensorEmpty}
            onSearch={(name) => actions.fetchFound({ kind: 'tensor', name, path: '' })}
          />
          <details>
            <summary>{words.tensors(count(tensors.length), count(tensorCount))}</summary>
            <ScrollRegion label={words.tensors(count(tensors.length), count(tensorCount))}>
              <ul class="storage-list">
                {tensors.map((tensor) => (
                  <li key={`${tensor.name} ${tensor.path}`}>
                    <bdi class="storage-name mono">{shownText(tensor.name, 200)}</bdi>
                    <span>{words.shape(tensor.dtype, tensor.shape.join(', '))}</span>
                    <span>{size(tensor.bytes)}</span>
                    <button
                      type="button"
                      class="control"
                      aria-label={`${words.file}: ${shownText(tensor.name, 200)}`}
                      onClick={() => actions.fetchFound({ kind: 'tensor', name: tensor.name, path: tensor.path })}
                    >
                      {words.file}
                    </button>
                  </li>
                ))}
              </ul>
            </ScrollRegion>
          </details>
        </>
      )}
    </div>
  );
}
