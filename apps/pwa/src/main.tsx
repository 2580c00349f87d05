import './style.css';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { hasWebrtc } from './environment.ts';
import { count } from './format.ts';
import { createModel } from './model/index.ts';
import { createSession } from './session.ts';
import { pageTitle } from './strings/index.ts';
import { App } from './view/App.tsx';
import { warmWebrtc } from './warm-webrtc.ts';

const TICK_MS = 1_000;

void warmWebrtc();

const model = createModel({ hasWebrtc: hasWebrtc(globalThis), nowMs: Date.now() });
const session = createSession(model);

session.begin(); // before the first paint: what it fetches is under way while the page is drawn

try {
  const theme = localStorage.getItem('perigee/theme'); // before the first paint; the rest of the settings comes with the light node
  if (theme !== null) document.documentElement.dataset.theme = theme;
} catch {
  // blocked: as the system has it
}

const root = document.querySelector('#app');
if (root !== null) render(<App model={model} actions={session} />, root);

setInterval(() => {
  model.now.value = Date.now();
}, TICK_MS);

effect(() => {
  const height = model.state.value?.head?.height;
  document.title = pageTitle(height === undefined ? undefined : count(height));
});
