import { t } from '@lingui/core/macro';
import { Status } from '@/ui/status';
import type { Asset } from './api';

/** A state as a shape and a few words; what is under way says how far it is. */
export function AssetStatus({ asset }: { asset: Asset }) {
  const percent = asset.stage ? Math.floor(asset.stage.progress_permille / 10) : 0;
  switch (asset.state) {
    case 'uploading':
      return <Status tone="running">{t`Uploading`}</Status>;
    case 'processing':
      if (asset.waits) return <Status tone="look">{asset.waits.title}</Status>;
      return <Status tone="running">{asset.stage ? t`Preparing, ${percent} %` : t`Waiting to be prepared`}</Status>;
    case 'playable':
      if (asset.error) return <Status tone="look">{t`Playable, ${lower(asset.error.title)}`}</Status>;
      return <Status tone="running">{asset.stage?.name === 'ladder' ? t`Full quality, ${percent} %` : t`Playable, more to come`}</Status>;
    case 'ready':
      if (asset.kind === 'audio') return <Status tone="fine">{t`Ready, audio only`}</Status>;
      if (asset.has_audio === false) return <Status tone="look">{t`Ready, no sound`}</Status>;
      return <Status tone="fine">{t`Ready`}</Status>;
    case 'failed':
      return <Status tone="failed">{asset.error?.title ?? t`Failed`}</Status>;
  }
}

function lower(text: string): string {
  return text.charAt(0).toLocaleLowerCase() + text.slice(1);
}
