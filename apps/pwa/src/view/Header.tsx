import type { ViewProps } from '../model/index.ts';
import { banner, controls, head, NAME, NONE, trust } from '../strings/index.ts';
import { Navigation } from './Navigation.tsx';

export function Header({ model, actions }: ViewProps) {
  const paused = model.paused.value || model.resting.value !== undefined;
  const stopped = model.failure.value !== undefined || model.state.value?.phase === 'failed';
  return (
    <header>
      <div class="top">
        <Logo />
        <h1>{NAME}</h1>
        <Navigation model={model} actions={actions} />
        <p class="chain">
          <span class="quiet">{head.chain}</span> <span class="mono">{model.state.value?.chain?.chainId ?? NONE}</span>
        </p>
        {stopped ? null : (
          <button type="button" class="control" onClick={paused ? actions.resume : actions.pause}>
            {paused ? controls.resume : controls.pause}
          </button>
        )}
      </div>
      <Banner development={model.state.value?.chain?.development} />
      <Trusted model={model} actions={actions} />
    </header>
  );
}

/** Says all the time that what is believed here does not come with the page. */
function Trusted({ model, actions }: ViewProps) {
  const trusted = model.trusted.value;
  if (trusted === undefined) return null;
  return (
    <p class="banner trusted" data-development="true">
      {trust.trusted(trusted.chainId)}{' '}
      <button type="button" class="control" onClick={actions.leaveTrust}>
        {trust.leave}
      </button>
    </p>
  );
}

/** An orbit and the point of it that is nearest: the perigee. */
function Logo() {
  return (
    <svg class="logo" viewBox="0 4 32 24" aria-hidden="true" focusable="false">
      <g transform="rotate(-24 16 16)">
        <ellipse cx="16" cy="16" rx="14" ry="9" class="orbit" />
        <circle cx="8.5" cy="16" r="3.6" class="body" />
        <circle cx="2.6" cy="16" r="2.6" class="near" />
      </g>
    </svg>
  );
}

/** Always there, so that nothing moves when the answer comes. */
function Banner({ development }: { readonly development: boolean | undefined }) {
  const text = development === undefined ? banner.unknown : development ? banner.development : banner.production;
  return (
    <p class="banner" data-development={development}>
      {text}
    </p>
  );
}
