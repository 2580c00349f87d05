import '../../style/share.css';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { saveFile } from '../../files/save-file.ts';
import type { ViewProps } from '../../model/index.ts';
import { HEIGHT, inkOf, paint, pngOf, WIDTH } from '../../share/picture.ts';
import { linkTo, type Verified, verifiedOf } from '../../share/verified.ts';
import { share as words } from '../../strings/share/index.ts';
import { CopyButton } from '../CopyButton.tsx';

const moment = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });

/** What this browser verified, as a picture and a text to be shown to others. It stays as it was when it was opened. */
export function ShareCard({ model, actions }: ViewProps) {
  const taken = useSignal<Verified | undefined>(undefined);
  // what the extension's node verified is not this page's own word
  const own = model.extension.value?.isUsed === true ? undefined : model.state.value;
  taken.value ??= verifiedOf(own, model.chosen.peek());
  const verified = taken.value;
  const picture = useRef<HTMLCanvasElement>(null);
  const problem = useSignal(false);
  const theme = model.settings.value.chosen.theme;
  useEffect(() => {
    const context = picture.current?.getContext('2d');
    if (context == null || verified === undefined) return;
    const { verdicts = [] } = verified.blob ?? {};
    paint(context, { words: words.card(verified, timeOf(verified)), verdicts }, inkOf(document.documentElement));
  }, [verified, theme]);
  if (verified === undefined) {
    return (
      <section class="card share-card">
        <p class="quiet">{words.none}</p>
      </section>
    );
  }
  const text = words.text(verified, timeOf(verified));
  const link = linkTo(location.href, verified);

  async function save(): Promise<void> {
    if (picture.current !== null && verified !== undefined) {
      saveFile(await pngOf(picture.current), words.fileName(verified.to));
    }
  }

  async function share(): Promise<void> {
    problem.value = false;
    try {
      if (picture.current === null || verified === undefined) return;
      const file = new File([await pngOf(picture.current)], words.fileName(verified.to), { type: 'image/png' });
      const whole = { text, url: link, files: [file] };
      await navigator.share(navigator.canShare?.(whole) === true ? whole : { text, url: link });
    } catch (thrown) {
      problem.value = (thrown as Error).name !== 'AbortError'; // who changed their mind is told nothing
    }
  }

  return (
    <section class="card share-card" aria-labelledby="share-card-title" data-from={verified.from} data-to={verified.to}>
      <h2 id="share-card-title" class="label">
        {words.title}
      </h2>
      <canvas ref={picture} width={WIDTH} height={HEIGHT} role="img" aria-label={text} />
      <p class="words">
        {text} <a href={link}>{link}</a>
      </p>
      <p class="quiet">{words.explain}</p>
      <p class="actions">
        {typeof navigator.share === 'function' ? (
          <button type="button" class="control primary" onClick={() => void share()}>
            {words.share}
          </button>
        ) : null}
        <button type="button" class="control" onClick={() => void save().catch(() => (problem.value = true))}>
          {words.save}
        </button>
        <CopyButton label={words.copy} text={() => `${text} ${link}`} copy={actions.copy} />
      </p>
      <p role="status">{problem.value ? words.failed : ''}</p>
    </section>
  );
}

function timeOf({ verifiedAtMs }: Verified): string {
  return `${moment.format(verifiedAtMs)} UTC`;
}
