/** Opens the picture of what was verified; its own words come with it. */
export const shareButton = 'Share what was verified';

export const about = {
  title: 'What this shows, and what it does not',
  paragraphs: [
    'Everything here was checked in this browser: block signatures from a root that came with the page, the blob’s record by a proof from the state of the chain, and each row by its path and by the code. Peers are believed in nothing; what they merely say of themselves is marked so.',
    'Available: rows are drawn at random before any is asked for, and each drawn row stays in the count whatever becomes of it. If too few rows were kept to recover the blob, a draw would hardly come out well; every bit halves that chance, and every further look at the evidence costs some. 40 bits, one in a trillion, are called available.',
    'Rightly coded: each row that was verified here also fits the code. Rows that do not come from one code word would each pass with a chance of about a half. The two numbers answer different questions and are never added; who certified a blob is trust in keys, and is shown apart.',
    'The numbers hold against servers that cannot single you out. One that can tell you from others may serve you and nobody else; against that, protection is collective: many readers sample, keep and pass on what they verified. A verdict has a time, and rows kept from before never count as new samples.',
  ],
} as const;
