import { count } from '../../format.ts';
import { isOnItsWay, type ViewProps, type WalletDone } from '../../model/index.ts';
import { walletAdvice, wallet as words } from '../../strings/wallet/index.ts';
import { Obstacle } from '../Obstacle.tsx';

/** What the wallet's desk is doing, has done, or could not do; it is read out, and its place is kept once there is an account. */
export function Progress({ model, actions }: ViewProps) {
  const { account, doing, done, problem } = model.wallet.value;
  const isIdle = account === undefined && doing === undefined && done === undefined && problem === undefined;
  return (
    <div class="wallet-progress" data-doing={doing} data-idle={isIdle}>
      {doing === undefined ? <div class="rule" /> : <progress aria-label={words.step[doing]} />}
      <div role="status">
        {doing === undefined ? null : <p>{words.step[doing]}</p>}
        {done === undefined ? null : <Done done={done} />}
        {problem === undefined ? null : <Obstacle problem={problem} advice={walletAdvice(problem)} />}
      </div>
      {doing === undefined || isOnItsWay(doing) ? null : (
        <p class="actions">
          <button type="button" class="control" onClick={actions.cancelOrder}>
            {words.cancel}
          </button>
        </p>
      )}
    </div>
  );
}

function Done({ done: { kind, height, txId } }: { readonly done: WalletDone }) {
  return (
    <>
      <p class="good" data-done={kind} data-height={height}>
        <strong>{words.done[kind]}</strong> {(kind === 'fund' ? words.funded : words.proved)(count(height))}
      </p>
      {txId === undefined ? null : (
        <p class="quiet txid">
          {words.txId} <code>{txId}</code>
        </p>
      )}
    </>
  );
}
