import { t } from '@lingui/core/macro';
import { duration } from '@/lib/time';
import type { TrackSegment } from '@/ui/track';
import type { Asset } from './api';
import type { UploadView } from './builder-context';

/** How far a film is, in the four steps an author sees. */
export interface FilmStep {
  name: 'upload' | 'remux' | 'fast' | 'ladder';
  /** Share of the band: about what the step takes. */
  weight: number;
  /** 0..1 */
  share: number;
}

const WEIGHTS = { upload: 1.5, remux: 1.5, fast: 1.2, ladder: 3 } as const;
const ENCODES = ['remux', 'fast', 'ladder'] as const;

export function stepsOf(asset: Asset, upload: UploadView | undefined): FilmStep[] {
  const sent = asset.state === 'uploading' ? (upload && upload.sizeBytes > 0 ? upload.sentBytes / upload.sizeBytes : 0) : 1;
  const share = (name: (typeof ENCODES)[number]) => {
    if (asset.state === 'ready') return 1;
    const stage = asset.stages.find((each) => each.name === name);
    if (!stage) return asset.stage?.name === name ? asset.stage.progress_permille / 1000 : 0;
    // A film that plays as it is skips a step: skipped is done.
    return stage.state === 'done' || stage.state === 'skipped' ? 1 : stage.progress_permille / 1000;
  };
  return [
    { name: 'upload', weight: WEIGHTS.upload, share: sent },
    ...ENCODES.map((name) => ({ name, weight: WEIGHTS[name], share: share(name) })),
  ];
}

export function stepWords(step: FilmStep): string {
  const percent = Math.floor(step.share * 100);
  const done = step.share >= 1;
  switch (step.name) {
    case 'upload':
      return done ? t`Uploaded` : t`Sending, ${percent} %`;
    case 'remux':
      return t`Playable`;
    case 'fast':
      return t`720p`;
    case 'ladder':
      return done || percent === 0 ? t`Full quality` : t`Full quality, ${percent} %`;
  }
}

export const segmentsOf = (steps: readonly FilmStep[]): TrackSegment[] =>
  steps.map((step) => ({ key: step.name, weight: step.weight, spans: step.share > 0 ? [[0, Math.min(1, step.share)]] : [] }));

/** One sentence below the band: what learners can do with it now. */
export function stateWords(asset: Asset, upload?: UploadView): string {
  const eta = asset.stage?.eta_seconds;
  const left = eta ? duration(eta * 1000) : '';
  switch (asset.state) {
    case 'uploading':
      if (upload?.failure) return upload.failure.title;
      if (!upload) return t`The upload waits for its file. Find it in the list of uploads, or replace it.`;
      if (upload.stage === 'paused') return t`The upload is paused.`;
      if (upload.stage === 'offline') return t`Offline. The upload goes on by itself.`;
      return t`Keep this tab open until it has arrived. You can go on writing.`;
    case 'processing':
      if (asset.waits) return asset.waits.detail;
      return t`Learners can watch it in a few seconds.`;
    case 'playable':
      if (asset.error) return t`Learners can watch it. ${asset.error.detail}`;
      return left ? t`Learners can watch it now. Full quality in about ${left}.` : t`Learners can watch it now. Full quality is on its way.`;
    case 'ready':
      return asset.has_audio === false ? t`Ready. It has no sound.` : t`Ready in full quality.`;
    case 'failed':
      return asset.error?.detail ?? t`It could not be made playable.`;
  }
}
