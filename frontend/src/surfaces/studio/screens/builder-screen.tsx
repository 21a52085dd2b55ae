import { t } from '@lingui/core/macro';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Forbidden } from '@/app/boundaries';
import { BuilderPage } from '@/features/builder/builder-page';
import { retryAsset } from '@/features/media/api';
import { CaptionsDialog } from '@/features/media/captions-dialog';
import { uploadFiles, uploads, useUploads, watchProcessing } from '@/features/media-upload/uploads';
import { useMe, worksInStudio } from '@/lib/permissions';
import { PageColumn } from '@/ui/page';

const route = getRouteApi('/studio/courses/$course');

/** The builder fills the window: the studio's navigation is one step back, at its list of courses. */
export function BuilderScreen() {
  const { course } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate();
  const views = useUploads();
  if (!worksInStudio(useMe())) {
    return (
      <main id="main" tabIndex={-1}>
        <PageColumn>
          <Forbidden />
        </PageColumn>
      </main>
    );
  }
  return (
    <BuilderPage
      course={course}
      lesson={search.lesson ?? null}
      view={search.view}
      onNavigate={(to) => void navigate({ to: '/studio/courses/$course', params: { course }, search: { lesson: to.lesson, view: to.view }, resetScroll: false })}
      backLink={(children, className) => (
        <Link to="/studio/courses" className={className}>
          {children}
        </Link>
      )}
      outside={{
        uploads: views,
        onUpload: sendFile,
        onRetry: async (asset) => {
          await retryAsset(asset);
          watchProcessing(asset);
        },
        captions: (asset, onClose) => <CaptionsDialog asset={asset} onClose={onClose} />,
      }}
    />
  );
}

/** Gives a file to the uploader; answers once the server has made a film of it, long before its bytes have arrived. */
async function sendFile(file: File): Promise<string> {
  const [key] = await uploadFiles([file]);
  const manager = await uploads();
  return new Promise((resolve, reject) => {
    let stop: (() => void) | null = null;
    const look = () => {
      const view = manager.views().find((each) => each.key === key);
      if (view && !view.assetId && view.stage !== 'failed' && view.stage !== 'cancelled') return;
      stop?.();
      if (view?.assetId) resolve(view.assetId);
      else reject(new Error(view?.failure?.detail || view?.failure?.title || t`The upload did not start.`));
    };
    stop = manager.subscribe(look);
    look();
  });
}
