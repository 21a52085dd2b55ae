import { Trans } from '@lingui/react/macro';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { captionsQuery, type Asset } from '@/features/media/api';
import { MediaPage, type MediaSearch } from '@/features/media/media-page';
import { onAssets, uploadFiles, watchProcessing } from '@/features/media-upload/uploads';
import { loadCaptionText, previewGrants } from '@/features/player/api';
import { PlayerController } from '@/features/player/controller';
import { LessonPlayer } from '@/features/player/lesson-player';
import type { PlayerVideo } from '@/features/player/model';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Skeleton } from '@/ui/skeleton';

const route = getRouteApi('/shell/studio/media');
const onNews = (listener: () => void) => onAssets(listener);

/** The library, with the uploader behind its button and the player behind its rows. */
export function MediaScreen() {
  const search = route.useSearch() as MediaSearch;
  const navigate = useNavigate();
  return (
    <MediaPage
      search={search}
      onSearch={(change) => void navigate({ to: '/studio/media', search: { ...search, ...change }, replace: true, resetScroll: false })}
      onFiles={(files) => void uploadFiles(files)}
      onNews={onNews}
      onRetried={watchProcessing}
      preview={(asset, onClose) => <PreviewDialog asset={asset} onClose={onClose} />}
    />
  );
}

/** The asset as learners will see it. Watching here is looking, not learning: nothing is reported. */
function PreviewDialog({ asset, onClose }: { asset: Asset; onClose: () => void }) {
  const captions = useQuery(captionsQuery(asset.id));
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="lg"
      title={asset.title}
      actions={
        <Button onClick={onClose}>
          <Trans>Close</Trans>
        </Button>
      }
    >
      {captions.isPending ? (
        <Skeleton className="aspect-video w-full rounded-4" />
      ) : (
        <Preview
          video={{
            assetId: asset.id,
            timelineId: '',
            duration: (asset.duration_ms ?? 0) / 1000,
            position: 0,
            watched: [],
            captions: (captions.data ?? []).map(({ id, language, label, url, is_default }) => ({ id, language, label, url, isDefault: is_default })),
            posterUrl: asset.poster_url,
            chapters: [],
          }}
          title={asset.title}
        />
      )}
    </Dialog>
  );
}

function Preview({ video, title }: { video: PlayerVideo; title: string }) {
  // One player for one asset: the dialog around it is made anew for another.
  const [player] = useState(
    () =>
      new PlayerController({
        video,
        grants: previewGrants(video.assetId),
        reporter: null,
        requestedTime: null,
        onNext: null,
        onPrevious: null,
        loadText: loadCaptionText,
      }),
  );
  return <LessonPlayer player={player} video={video} title={title} />;
}
