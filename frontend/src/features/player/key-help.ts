import { t } from '@lingui/core/macro';

/** The list shown by "?", grouped as a person looks for it. */
export const keyHelp = (): { title: string; rows: { keys: string[]; does: string }[] }[] => [
  {
    title: t`Play`,
    rows: [
      { keys: ['Space', 'K'], does: t`Play or pause` },
      { keys: ['J', 'L'], does: t`Back or forward 10 s` },
      { keys: ['←', '→'], does: t`Back or forward 5 s` },
      { keys: ['0 – 9'], does: t`Jump to a tenth of the video` },
      { keys: ['Home', 'End'], does: t`Beginning or end` },
      { keys: [',', '.'], does: t`One frame back or forward, when paused` },
    ],
  },
  {
    title: t`Sound and words`,
    rows: [
      { keys: ['↑', '↓'], does: t`Volume` },
      { keys: ['M'], does: t`Mute` },
      { keys: ['C'], does: t`Captions` },
      { keys: ['<', '>'], does: t`Slower or faster` },
    ],
  },
  {
    title: t`View and lessons`,
    rows: [
      { keys: ['F'], does: t`Full screen` },
      { keys: ['T'], does: t`Theatre` },
      { keys: ['I'], does: t`Picture in picture` },
      { keys: ['Shift', 'N'], does: t`Next lesson` },
      { keys: ['Shift', 'P'], does: t`Previous lesson` },
      { keys: ['?'], does: t`This list` },
    ],
  },
];
