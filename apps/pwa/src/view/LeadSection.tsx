import type { Lead } from '../lead.ts';
import type { ViewName } from '../navigation/views.ts';
import { views as words } from '../strings/index.ts';

export interface LeadSectionProps {
  readonly lead: Lead;
  readonly view: ViewName;
  /** Shows the whole of it. */
  readonly onShow: () => void;
}

/** Where things stand: large where that is what is looked at, and in one line below the heading of every other view. */
export function LeadSection({ lead, view, onShow }: LeadSectionProps) {
  const value = typeof lead.progress === 'number' ? { value: lead.progress } : {};
  const rule = lead.progress === undefined ? <div class="rule" /> : <progress aria-labelledby="lead-title" {...value} />;
  const spoken = <output class="unseen">{lead.announce}</output>;
  if (view === 'live') {
    return (
      <section key="lead" class="lead" data-tone={lead.tone} aria-labelledby="view-title">
        <h2 id="view-title" tabIndex={-1}>
          <span id="lead-title">{lead.title}</span>
        </h2>
        <p>{lead.detail}</p>
        {spoken}
        {rule}
      </section>
    );
  }
  return (
    <section key="lead" class="lead short" data-tone={lead.tone} aria-labelledby="lead-title">
      <h2 id="view-title" tabIndex={-1}>
        {words.name[view]}
      </h2>
      <p>
        <span id="lead-title">{lead.title}</span>{' '}
        <button type="button" class="link" onClick={onShow}>
          {words.more}
        </button>
      </p>
      {spoken}
      {rule}
    </section>
  );
}
