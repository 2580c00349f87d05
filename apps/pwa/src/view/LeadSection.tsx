import type { Lead } from '../lead.ts';

export function LeadSection({ lead }: { readonly lead: Lead }) {
  const value = typeof lead.progress === 'number' ? { value: lead.progress } : {};
  return (
    <section class="lead" data-tone={lead.tone} aria-labelledby="lead-title">
      <h2 id="lead-title">{lead.title}</h2>
      <p>{lead.detail}</p>
      <output class="unseen">{lead.announce}</output>
      {lead.progress === undefined ? <div class="rule" /> : <progress aria-labelledby="lead-title" {...value} />}
    </section>
  );
}
