export const trustRequest = {
  title: 'This link asks you to believe another chain',
  explain:
    'Nothing of it is believed yet. Accept only if you have these exact values from somebody you trust, by another way than this link: whoever made it decides what counts as true after that.',
  chain: 'Chain',
  height: 'Height',
  hash: 'Header hash',
  peers: 'Dials',
  accept: 'Believe this chain',
  refuse: 'Stay with this page’s own',
} as const;
