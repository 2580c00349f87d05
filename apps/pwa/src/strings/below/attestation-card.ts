/** Words of the card alone; the rest come with the view. */
export const attestationCard = {
  title: 'Evidence of hardware',
  explain:
    'A server that says it runs in protected hardware has evidence for it, signed by the maker of the chip. Check such evidence here, whole, in this browser.',
  open: 'Check evidence',
} as const;
