/** What the page has to say about itself. */
export const notices = {
  update: {
    ready: 'A newer version of this page is here.',
    asked: 'Changing to the newer version.',
    taken: 'A newer version has taken the place of this page. It goes on until you reload it.',
    changed:
      'This page has changed to a newer version: of the former one, not all parts lay on this device any more. What was verified is still kept.',
    button: 'Change now',
    dismiss: 'Good',
    reload: 'Reload',
  },
  earlier: (chainId: string): string =>
    `This address serves another chain than before. What was verified of ${chainId} is still kept here.`,
  earlierOpen: (chainId: string): string => `This is what is kept of ${chainId}, which this address served before.`,
  openEarlier: 'Show it',
  forgetEarlier: 'Forget it',
  extension: {
    offered:
      'The extension of Perigee is here. This page can show what its light node verifies, in place of running another: one set of connections for both.',
    use: 'Use the extension',
    keepOwn: 'Run its own',
    asked: 'A window of the extension asks whether this page may show its light node.',
    away: (why: string): string => `This page runs its own light node again, and looks for the extension: ${why}.`,
  },
  leaveEarlier: 'Back to the present chain',
} as const;
