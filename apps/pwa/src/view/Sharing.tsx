import { count, size } from '../format.ts';
import type { ViewProps } from '../model/index.ts';
import { sharing as words } from '../strings/sharing/index.ts';
import { Fact } from './Fact.tsx';

/** What this page and others give each other. */
export function Sharing({ model }: Pick<ViewProps, 'model'>) {
  const sharing = model.state.value?.sharing;
  if (sharing === undefined) return null;
  const { receipts, rowsServed, rowsReceived } = sharing;
  const keys = receipts.reduce((sum, each) => sum + each.keys, 0);
  return (
    <section
      class="card sharing"
      aria-labelledby="sharing-title"
      data-pages={sharing.pages}
      data-relays={sharing.relays}
      data-rows-served={rowsServed}
      data-bytes-served={sharing.bytesServed}
      data-rows-received={rowsReceived}
      data-receipts={keys}
      data-rate={sharing.bytesPerSecond}
    >
      <h2 id="sharing-title" class="label">
        {words.title}
      </h2>
      <p class="quiet">{sharing.enabled ? words.explained : words.off}</p>
      <dl>
        <Fact name={words.connected}>{count(sharing.pages)}</Fact>
        <Fact name={words.relays}>{count(sharing.relays)}</Fact>
        <Fact name={words.received}>{words.rows(count(rowsReceived), size(sharing.bytesReceived))}</Fact>
        <Fact name={words.served}>{words.rows(count(rowsServed), size(sharing.bytesServed))}</Fact>
        <Fact name={words.today}>{words.todayValue(size(sharing.bytesServedToday), size(sharing.bytesPerDay))}</Fact>
        <Fact name={words.rate}>{words.rateValue(size(sharing.bytesPerSecond))}</Fact>
        <Fact name={words.receipts} note={words.notSybilProof}>
          {words.receiptsValue(count(keys), count(receipts.length))}
        </Fact>
      </dl>
    </section>
  );
}
