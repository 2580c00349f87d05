import { shortHex } from '../../format.ts';
import type { ViewProps } from '../../model/index.ts';
import { refused } from '../../strings/index.ts';
import { settings } from '../../strings/settings/index.ts';
import { Fact } from '../Fact.tsx';
import { SearchForm } from '../SearchForm.tsx';

const { chain: words } = settings;

/** Which chain is followed and by whose word, and ways to dial others, or to follow another. */
export function ChainCard({ model, actions }: ViewProps) {
  const chain = model.state.value?.chain;
  const refusal = model.refusal.value;
  return (
    <section class="card" aria-labelledby="chain-title">
      <h2 id="chain-title" class="label">
        {words.title}
      </h2>
      <dl>
        <Fact name={words.chain} mono>
          {chain?.chainId}
        </Fact>
        <Fact name={words.genesis} title={chain?.genesisHash} mono>
          {chain?.genesisHash === undefined ? undefined : shortHex(chain.genesisHash)}
        </Fact>
        <Fact name={words.by}>{model.trusted.value === undefined ? words.byPage : words.byLink}</Fact>
      </dl>
      <SearchForm
        label={words.label}
        button={words.button}
        status={refusal === undefined ? words.hint : refused(refusal.code, refusal.message)}
        isRefused={refusal !== undefined}
        empty={words.empty}
        onSearch={(text) => actions.open(text.startsWith('/') ? `peer=${text}` : text)}
      />
    </section>
  );
}
