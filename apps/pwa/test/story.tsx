/** The view on one recorded snapshot, for eyes: `npx vite`, then `/test/story.html?mixed`, or with a wallet `?sampled+review`. */
import '../src/style.css';
import { render } from 'preact';
import { createModel } from '../src/model/index.ts';
import { App } from '../src/view/App.tsx';
import { IDLE } from './idle.ts';
import { head, NOW, SNAPSHOTS } from './snapshots.ts';
import { TASKS } from './task-examples.ts';
import { WALLETS } from './wallet-examples.ts';

const [name = '', wallet] = location.search.slice(1).split('+');
const model = createModel({ hasWebrtc: name !== 'mixed', nowMs: NOW });
model.state.value = Object.entries(SNAPSHOTS).find(([key]) => key === name)?.[1];
if (name === 'sampled') model.tasks.value = TASKS;
if (name === 'sampled')
  model.account.value = {
    address: SNAPSHOTS.sampled.blobs[0].record?.publisher ?? '',
    balance: 9_843_210n,
    key: 'browser',
    session: undefined,
  };
if (name === 'connecting') {
  model.trustRequest.value = {
    chainId: 'devnet-1a2b3c4d',
    height: 1204,
    headerHash: head.headerHash,
    peers: ['/dns4/node.example/tcp/443/wss/p2p/12D3KooWQn5vYbA9kxJ2hT8eRfGz1mCwU4sNpXtdKx3v9TqA'],
  };
}
model.wallet.value = Object.entries(WALLETS).find(([key]) => key === wallet)?.[1] ?? WALLETS.none;
const root = document.querySelector('#app');
if (root !== null) render(<App model={model} actions={IDLE} />, root);
