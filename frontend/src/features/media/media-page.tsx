import { t } from '@lingui/core/macro';
import { Plural, Trans } from '@lingui/react/macro';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Search, Upload } from 'lucide-react';
import { useEffect, useRef, useState, type DragEvent, type ReactNode } from 'react';
import { Failure, Forbidden } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { useCan } from '@/lib/permissions';
import { bytes } from '@/lib/size';
import { Button } from '@/ui/button';
import { cx } from '@/ui/cx';
import { Empty } from '@/ui/empty';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { PageBar, PageBody } from '@/ui/page';
import { Progress } from '@/ui/progress';
import { Select } from '@/ui/select';
import { Skeleton } from '@/ui/skeleton';
import { assetsQuery, mediaKeys, storageQuery, type Asset, type AssetState } from './api';
import { AssetTable } from './asset-table';
import { CaptionsDialog } from './captions-dialog';
import { DeleteDialog, RenameDialog } from './asset-dialogs';

export interface MediaSearch {
  q?: string | undefined;
  state?: AssetState | undefined;
}

interface MediaPageProps {
  search: MediaSearch;
  onSearch: (change: MediaSearch) => void;
  /** Files chosen or dropped here. */
  onFiles: (files: File[]) => void;
  /** Plays an asset over the page. */
  preview: (asset: Asset, onClose: () => void) => ReactNode;
  /** Tells when assets under work have news; returns how to stop listening. */
  onNews: (listener: () => void) => () => void;
  /** Looks after an asset whose processing begins again. */
  onRetried: (asset: string) => void;
}

type Open = { kind: 'preview' | 'captions' | 'rename' | 'delete'; asset: Asset } | null;

/** The library of films and recordings: what there is, how far each is, and new ones by button or by drop. */
export function MediaPage({ search, onSearch, onFiles, preview, onNews, onRetried }: MediaPageProps) {
  usePageTitle(t`Media`);
  const mayView = useCan('library.view');
  const mayEdit = useCan('library.edit');
  const mayUpload = useCan('media.upload');
  const queries = useQueryClient();
  const assets = useInfiniteQuery({
    ...assetsQuery({ q: search.q ?? '', state: search.state ?? null }),
    enabled: mayView,
    // A slow look of its own, for what other people upload; what this page uploads tells its news itself.
    refetchInterval: (query) => (query.state.data?.pages.some((page) => page.items.some(isUnderWay)) ? 10_000 : false),
  });
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const picker = useRef<HTMLInputElement>(null);
  useEffect(() => onNews(() => {
        void queries.invalidateQueries({ queryKey: mediaKeys.all });
        void queries.invalidateQueries({ queryKey: mediaKeys.storage });
      }), [onNews, queries]);
  const rows = assets.data?.pages.flatMap((page) => page.items) ?? [];
  // The row may have moved on since its dialog opened.
  const shown = open && (rows.find((row) => row.id === open.asset.id) ?? open.asset);

  if (!mayView) {
    return (
      <>
        <PageBar title={<Trans>Media</Trans>} />
        <PageBody>
          <Forbidden compact />
        </PageBody>
      </>
    );
  }
  const upload = (
    <Button variant="primary" icon={<Icon as={Upload} />} onClick={() => picker.current?.click()}>
      <Trans>Upload</Trans>
    </Button>
  );
  const filtered = Boolean(search.q || search.state);
  return (
    <DropZone enabled={mayUpload} onFiles={onFiles}>
      <PageBar title={<Trans>Media</Trans>} actions={mayUpload ? upload : null} />
      <input
        ref={picker}
        type="file"
        accept="video/*,audio/*,.mkv,.mov,.avi,.ts"
        multiple
        hidden
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
      <PageBody>
        <div className="mb-5 flex flex-wrap items-center gap-2">
          <Input
            type="search"
            aria-label={t`Search names`}
            placeholder={t`Search names`}
            defaultValue={search.q ?? ''}
            onChange={(event) => onSearch({ q: event.currentTarget.value || undefined })}
            start={<Icon as={Search} className="text-text-3" />}
            className="w-full sm:w-[280px]"
          />
          <StateFilter value={search.state} onChange={(state) => onSearch({ state })} />
          <StorageMeter />
        </div>
        {assets.isError && rows.length === 0 ? (
          <Failure compact error={assets.error} onRetry={() => void assets.refetch()} />
        ) : assets.isPending ? (
          <TableSkeleton />
        ) : rows.length === 0 ? (
          filtered ? (
            <Empty title={<Trans>Nothing matches</Trans>} action={<Button onClick={() => onSearch({ q: undefined, state: undefined })}>{t`Show everything`}</Button>}>
              <Trans>Try a shorter word or another status.</Trans>
            </Empty>
          ) : (
            <Empty title={<Trans>No films yet</Trans>} action={mayUpload ? upload : null}>
              <Trans>Drop a video anywhere on this page, or choose one. It can be watched seconds after it has arrived.</Trans>
            </Empty>
          )
        ) : (
          <>
            <p className="sr-only" role="status">
              <Plural value={rows.length} one="# file shown" other="# files shown" />
            </p>
            <AssetTable rows={rows} mayEdit={mayEdit} onOpen={(kind, asset) => setOpen({ kind, asset })} onRetried={onRetried} />
            {assets.hasNextPage ? (
              <Button className="mt-4" loading={assets.isFetchingNextPage} onClick={() => void assets.fetchNextPage()}>
                {assets.isFetchingNextPage ? <Trans>Loading…</Trans> : <Trans>Show more</Trans>}
              </Button>
            ) : null}
          </>
        )}
      </PageBody>
      {open?.kind === 'preview' && shown ? preview(shown, close) : null}
      {open?.kind === 'captions' && shown ? <CaptionsDialog asset={shown} onClose={close} /> : null}
      {open?.kind === 'rename' && shown ? <RenameDialog asset={shown} onClose={close} /> : null}
      {open?.kind === 'delete' && shown ? <DeleteDialog asset={shown} onClose={close} /> : null}
    </DropZone>
  );
}

function isUnderWay(asset: Asset): boolean {
  return asset.state === 'processing' || asset.state === 'uploading' || (asset.state === 'playable' && asset.stage !== null);
}

function StateFilter({ value, onChange }: { value: AssetState | undefined; onChange: (state: AssetState | undefined) => void }) {
  return (
    <Select
      aria-label={t`Status`}
      value={value ?? 'any'}
      onChange={(state) => onChange(state === 'any' ? undefined : (state as AssetState))}
      className="w-auto! min-w-[132px]"
      options={[
        { value: 'any', label: t`Any status` },
        { value: 'ready', label: t`Ready` },
        { value: 'playable', label: t`Playable` },
        { value: 'processing', label: t`Being prepared` },
        { value: 'uploading', label: t`Uploading` },
        { value: 'failed', label: t`Failed` },
      ]}
    />
  );
}

/** What is stored against what may be, where there is a limit. */
function StorageMeter() {
  const { data } = useQuery(storageQuery);
  if (!data) return null;
  const used = data.used_bytes + data.reserved_bytes;
  const words = data.limit_bytes === null ? bytes(used) : t`${bytes(used)} of ${bytes(data.limit_bytes)}`;
  const caption = (
    <div className="mb-1.5 flex justify-between gap-3 t-xs">
      <span className="text-text-2">
        <Trans>Stored</Trans>
      </span>
      <span className="font-medium">{words}</span>
    </div>
  );
  return (
    <div className="ms-auto w-[190px] max-sm:hidden">
      {data.limit_bytes === null ? caption : <Progress value={used / data.limit_bytes} label={t`Storage`} valueText={words} caption={caption} />}
    </div>
  );
}

/** Takes files dropped anywhere on the page, and says so while they hover over it. */
function DropZone({ enabled, onFiles, children }: { enabled: boolean; onFiles: (files: File[]) => void; children: ReactNode }) {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const carriesFiles = (event: DragEvent) => enabled && event.dataTransfer.types.includes('Files');
  return (
    <div
      className="relative min-h-[calc(100dvh-60px)]"
      onDragEnter={(event) => {
        if (!carriesFiles(event)) return;
        depth.current += 1;
        setOver(true);
      }}
      onDragOver={(event) => {
        if (carriesFiles(event)) event.preventDefault();
      }}
      onDragLeave={() => {
        depth.current = Math.max(0, depth.current - 1);
        if (depth.current === 0) setOver(false);
      }}
      onDrop={(event) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        const files = [...event.dataTransfer.files];
        if (files.length > 0) onFiles(files);
      }}
    >
      {children}
      <div
        aria-hidden="true"
        className={cx(
          'pointer-events-none fixed inset-3 z-30 place-items-center rounded-4 border-2 border-dashed border-signal-solid bg-[color-mix(in_oklab,var(--signal-soft)_92%,transparent)] text-signal-soft-text',
          over ? 'grid' : 'hidden',
        )}
      >
        <p className="t-h3">
          <Trans>Drop to upload</Trans>
        </p>
      </div>
    </div>
  );
}

function TableSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label={t`Loading the library`} className="grid gap-3 pt-6">
      {Array.from({ length: 6 }, (_, row) => (
        <div key={row} className="flex items-center gap-3">
          <Skeleton className="h-[50px] w-[88px] flex-none rounded-[6px]" />
          <Skeleton className="h-4 w-1/3" />
          <Skeleton className="ms-auto h-4 w-24" />
        </div>
      ))}
    </div>
  );
}
