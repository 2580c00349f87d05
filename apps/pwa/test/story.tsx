/** The view on one recorded snapshot, for eyes: `npx vite`, then `/test/story.html?mixed`. */
import '../src/style.css';
import { render } from 'preact';
import { createModel } from '../src/model.ts';
import { App } from '../src/view/App.tsx';
import { IDLE } from './idle.ts';
import { NOW, SNAPSHOTS } from './snapshots.ts';

const name = location.search.slice(1);
const model = createModel({ hasWebrtc: name !== 'mixed', nowMs: NOW });
model.state.value = Object.entries(SNAPSHOTS).find(([key]) => key === name)?.[1];
const root = document.querySelector('#app');
if (root !== null) render(<App model={model} actions={IDLE} />, root);
