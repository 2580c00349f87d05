/** What a notification says. */
export const alerts = {
  withheld: (blob: string) => ({
    title: 'Data is withheld',
    body: `Blob ${blob}: too few of the rows that were drawn at random came to recover it.`,
  }),
  badEncoding: (blob: string) => ({
    title: 'A blob is wrongly coded',
    body: `Blob ${blob} was certified and is no code word. The evidence is kept.`,
  }),
  conflict: (about: string) => ({
    title: 'Headers contradict each other',
    body: `Validly signed headers of one height differ (${about}). Believe nothing after it before you know why.`,
  }),
} as const;
