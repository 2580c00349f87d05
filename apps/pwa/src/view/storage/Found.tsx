import { useSignal } from '@preact/signals';
import { count, keyOf, percent, shortKey, shortPeer, size } from '../../format.ts';
import type { Actions, FoundFile, FoundHolder } from '../../model/index.ts';
import { storage } from '../../strings/storage/index.ts';
import { ColumnHeads } from '../ColumnHeads.tsx';
import { Fact } from '../Fact.tsx';
import { ScrollRegion } from '../ScrollRegion.tsx';
import { FoundFolder } from './FoundFolder.tsx';

const { found: words, fetch: fetchWords } = storage;

interface FoundProps {
  readonly found: FoundFile;
  readonly actions: Actions;
}

/** One stored file: what the chain proves of it, who says to have what, and ways to fetch it. */
export function Found({ found, actions }: FoundProps) {
  const range = useSignal('');
  const { root, txSeq, length, segments, height, author, holders, folder } = found;
  return (
    <div class="storage-found" data-root={root}>
      <h3>{words.title}</h3>
      <p class="mono storage-root">{root}</p>
      <dl class="facts">
        <Fact name={words.number}>{count(txSeq)}</Fact>
        <Fact name={words.length}>{size(length)}</Fact>
        <Fact name={words.segments}>{count(segments)}</Fact>
        <Fact name={words.recorded}>{count(height)}</Fact>
        <Fact name={words.author}>
          <span class="mono" title={keyOf(author)}>
            {shortKey(author)}
          </span>
        </Fact>
      </dl>
      {holders.length === 0 ? <p class="obstacle">{words.nobody}</p> : <Holders holders={holders} segments={segments} />}
      <p class="quiet">{words.word}</p>
      {folder === undefined ? null : <FoundFolder folder={folder} actions={actions} />}
      <div class="storage-fetch">
        <button type="button" class="control primary" onClick={() => actions.fetchFound({ kind: 'whole' })}>
          {fetchWords.whole}
        </button>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            actions.fetchFound({ kind: 'range', text: range.value });
          }}
        >
          <label>
            {fetchWords.range}
            <span class="field">
              <input
                type="text"
                value={range.value}
                placeholder={fetchWords.rangeHint}
                autocomplete="off"
                onInput={(event) => {
                  range.value = event.currentTarget.value;
                }}
              />
              <button type="submit" class="control" disabled={range.value.trim() === ''}>
                {fetchWords.rangeButton}
              </button>
            </span>
          </label>
        </form>
      </div>
    </div>
  );
}

function Holders({ holders, segments }: { readonly holders: readonly FoundHolder[]; readonly segments: number }) {
  return (
    <ScrollRegion label={words.title}>
      <table>
        <ColumnHeads names={[words.node, words.shard, words.has, words.state, words.map]} />
        <tbody>
          {holders.map((holder) => (
            <tr key={holder.peerId} data-holder={holder.peerId}>
              <th scope="row" class="mono" title={holder.peerId}>
                {shortPeer(holder.peerId)}
              </th>
              <td data-column={words.shard}>{words.shardOf(count(holder.shardId), count(holder.numShard))}</td>
              <td data-column={words.has}>
                {count(holder.segments)} ({percent(holder.segments / segments)})
              </td>
              <td data-column={words.state}>{holder.finalized ? words.all : words.some}</td>
              <td data-column={words.map}>
                <span class="cells" role="img" aria-label={words.mapOf(shortPeer(holder.peerId), count(holder.segments))}>
                  {holder.cells.map((share, i) => (
                    <span key={i} style={{ '--share': share }} />
                  ))}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
