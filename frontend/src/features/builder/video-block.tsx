import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Check, CircleAlert, Ellipsis, Library, Play, RotateCw, Trash2, Upload } from 'lucide-react';
import { useEffect, useState } from 'react';
import { ApiError } from '@/api/errors';
import { useCan } from '@/lib/permissions';
import { bytes } from '@/lib/size';
import { clock } from '@/lib/time';
import { Button } from '@/ui/button';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { IconButton } from '@/ui/icon-button';
import { Menu, MenuItem, MenuSeparator } from '@/ui/menu';
import { Poster } from '@/ui/poster';
import { Skeleton } from '@/ui/skeleton';
import { toast } from '@/ui/toast';
import { Track } from '@/ui/track';
import { useUpload } from './add-video';
import { assetQuery, type Asset } from './api';
import { useBuilder } from './builder-context';
import { FilmPicker } from './film-picker';
import { segmentsOf, stateWords, stepsOf, stepWords } from './film-state';

/** The film of a lesson: its picture, what it is, and how far it is, live. */
export function VideoBlock({ asset: id, onVideo }: { asset: string; onVideo: (asset: string | null) => void }) {
  const { mayEdit, outside } = useBuilder();
  const query = useQuery(assetQuery(id));
  const [picking, setPicking] = useState(false);
  const [playing, setPlaying] = useState(false);
  const upload = useUpload(onVideo);
  const replace = { onPick: () => setPicking(true), onFile: upload.choose, onRemove: () => onVideo(null) };
  const asset = query.data;
  return (
    <section aria-label={t`Video`} className="@container rounded-4 border border-line bg-surface p-4 shadow-e1">
      {asset ? (
        <Film asset={asset} mayEdit={mayEdit} {...replace} {...(outside.preview ? { onPlay: () => setPlaying(true) } : {})} />
      ) : query.isError ? (
        <Lost missing={query.error instanceof ApiError && query.error.status === 404} onRetry={() => void query.refetch()} mayEdit={mayEdit} {...replace} />
      ) : (
        <div role="status" aria-busy="true" aria-label={t`Loading the video`} className="flex gap-5">
          <Skeleton className="aspect-video w-[236px] rounded-2" />
          <Skeleton className="h-5 w-1/3" />
        </div>
      )}
      {upload.input}
      {picking ? <FilmPicker onClose={() => setPicking(false)} onPick={onVideo} /> : null}
      {playing && asset ? outside.preview?.(asset, () => setPlaying(false)) : null}
    </section>
  );
}

interface Replace {
  mayEdit: boolean;
  onPick: () => void;
  onFile: () => void;
  onRemove: () => void;
}

function Film({ asset, mayEdit, onPlay, ...replace }: { asset: Asset; onPlay?: () => void } & Replace) {
  const { outside, lengths } = useBuilder();
  const queries = useQueryClient();
  const unlisted = asset.duration_ms !== null && !lengths.has(asset.id);
  useEffect(() => {
    // Its length has just become known: the outline shows it too.
    if (unlisted) void queries.invalidateQueries({ queryKey: ['assets', 'films', ''], exact: true });
  }, [queries, unlisted]);
  const upload = outside.uploads.find((view) => view.assetId === asset.id);
  const steps = stepsOf(asset, upload);
  const playable = asset.state === 'playable' || asset.state === 'ready';
  const facts = [
    asset.size_bytes ? bytes(asset.size_bytes) : upload ? bytes(upload.sizeBytes) : '',
    asset.width && asset.height ? `${asset.width} × ${asset.height}` : '',
    asset.kind === 'audio' ? t`audio only` : '',
  ].filter(Boolean);
  const retry = () => {
    outside.onRetry(asset.id).then(
      () => void queries.invalidateQueries({ queryKey: ['assets'] }),
      (error: unknown) => toast(error instanceof ApiError ? error.detail : t`It could not be started. Try again.`),
    );
  };
  return (
    <div className="grid gap-x-5 gap-y-4 @[560px]:grid-cols-[236px_minmax(0,1fr)]">
      <Poster seed={asset.id} url={asset.poster_url} className="w-full rounded-2" badge={asset.duration_ms ? clock(asset.duration_ms / 1000) : null}>
        {playable && onPlay ? (
          <button type="button" aria-label={t`Play ${asset.title}`} onClick={onPlay} className="group/play absolute inset-0 grid place-items-center rounded-2">
            <span className="grid size-11 place-items-center rounded-full bg-[rgb(12_14_18/0.82)] text-white transition-transform group-hover/play:scale-105">
              <Icon as={Play} size={18} />
            </span>
          </button>
        ) : null}
      </Poster>
      <div className="min-w-0">
        <div className="flex items-start gap-2">
          <p className="min-w-0 flex-1 pt-1">
            <bdi className="block truncate font-semibold">{asset.title}</bdi>
            <span className="t-xs text-text-3">{facts.join(' · ')}</span>
          </p>
          {mayEdit ? <FilmMenu {...replace} /> : null}
        </div>
        {asset.state === 'failed' ? (
          <p className="mt-3 flex items-start gap-2 t-sm text-danger-text">
            <span className="flex h-5 items-center">
              <Icon as={CircleAlert} />
            </span>
            <span className="min-w-0">
              <strong className="font-semibold">{asset.error?.title ?? t`Failed`}</strong>
            </span>
          </p>
        ) : (
          <>
            <Track height={8} segments={segmentsOf(steps)} label={steps.map(stepWords).join(', ')} className="mt-3" />
            <ol aria-hidden="true" className="mt-2 flex flex-wrap gap-x-4 gap-y-1 t-xs">
              {steps.map((step) => (
                <li key={step.name} className={cx('flex items-center gap-1.5', step.share >= 1 ? 'text-text-2' : step.share > 0 ? 'font-medium' : 'text-text-3')}>
                  {step.share >= 1 ? <Icon as={Check} size={14} className="text-text-3" /> : null}
                  {stepWords(step)}
                </li>
              ))}
            </ol>
          </>
        )}
        <p className="mt-2 t-xs text-text-2">{stateWords(asset, upload)}</p>
        {mayEdit && asset.error && asset.error.retryable !== false ? (
          <Button size="sm" className="mt-3" icon={<Icon as={RotateCw} />} onClick={retry}>
            <Trans>Try again</Trans>
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function FilmMenu({ onPick, onFile, onRemove }: Omit<Replace, 'mayEdit'>) {
  const mayUpload = useCan('media.upload');
  return (
    <Menu trigger={<IconButton icon={Ellipsis} label={t`Actions for the video`} size="sm" />}>
      {mayUpload ? (
        <MenuItem icon={Upload} onSelect={onFile}>
          <Trans>Replace by a file…</Trans>
        </MenuItem>
      ) : null}
      <MenuItem icon={Library} onSelect={onPick}>
        <Trans>Replace from the library…</Trans>
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={Trash2} danger onSelect={onRemove} detail={t`It stays in the library`}>
        <Trans>Remove from the lesson</Trans>
      </MenuItem>
    </Menu>
  );
}

function Lost({ missing, onRetry, mayEdit, ...replace }: { missing: boolean; onRetry: () => void } & Replace) {
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Icon as={CircleAlert} size={18} className="text-danger-text" />
      <p className="min-w-[200px] flex-1">
        <strong className="font-semibold">{missing ? <Trans>This film is gone.</Trans> : <Trans>The film did not load.</Trans>}</strong>{' '}
        {missing ? <Trans>Its upload was cancelled, or it was deleted. Put another in its place.</Trans> : null}
      </p>
      {missing ? null : (
        <Button size="sm" onClick={onRetry}>
          <Trans>Try again</Trans>
        </Button>
      )}
      {mayEdit ? <FilmMenu {...replace} /> : null}
    </div>
  );
}
