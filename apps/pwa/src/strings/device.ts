export const device = {
  title: 'This device',
  received: 'Received',
  sent: 'Sent',
  rows: 'Rows verified',
  kept: 'Kept here',
  keptValue: (used: string, budget: string): string => `${used} of ${budget}`,
  nothing: 'nothing',
} as const;
