import { Plural, Trans } from '@lingui/react/macro';
import { t } from '@lingui/core/macro';
import { ChevronDown, ChevronUp, Pause, Play, X } from 'lucide-react';
import { useRef, useState, type ReactNode } from 'react';
import { bytes } from '@/lib/size';
import { can } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { cx } from '@/ui/cx';
import { IconButton } from '@/ui/icon-button';
import { Status } from '@/ui/status';
import { Track, type TrackSegment } from '@/ui/track';
import type { AssetStage, ProcessedAsset } from './api';
import { leftInWords, quarters, sentInWords } from './model';
import type { JobView } from './types';
import { PARALLEL_PARTS } from './upload-job';
import { uploadFiles, uploads, useProcessedAsset, useUploads } from './uploads';

const ACTIVE = new Set(['queued', 'preparing', 'sending', 'completing', 'offline']);

/** Everything under way, on every page of the studio, until it is done and put away. */
export function TaskTray() {
  const jobs = useUploads();
  const [folded, setFolded] = useState(false);
  if (jobs.length === 0) return null;
  const active = jobs.filter((job) => ACTIVE.has(job.stage));
  const left = totalLeft(active);
  const running = active.some((job) => job.stage !== 'offline');
  return (
    <section
      aria-label={t`Uploads`}
      className="fixed end-3 bottom-[calc(72px+env(safe-area-inset-bottom))] z-30 flex max-h-[min(70dvh,640px)] w-[min(400px,calc(100vw-24px))] flex-col rounded-4 bg-raised shadow-e2 md:end-6 md:bottom-6"
    >
      <div className="flex flex-none items-center gap-2.5 py-2 ps-[18px] pe-2">
        <h2 className="font-sans text-[14px] leading-5 font-semibold">
          <Plural value={jobs.length} one="# upload" other="# uploads" />
        </h2>
        <span className="min-w-0 flex-1 truncate t-xs text-text-3">
          {running ? (
            <>
              {left ? `${left}, ` : ''}
              <Trans>keeps going while you work</Trans>
            </>
          ) : null}
        </span>
        <IconButton
          size="sm"
          icon={folded ? ChevronUp : ChevronDown}
          label={folded ? t`Show uploads` : t`Fold uploads`}
          aria-expanded={!folded}
          onClick={() => setFolded(!folded)}
        />
      </div>
      <p className="sr-only" role="status">
        {active.length === 0 ? t`All uploads are done` : null}
      </p>
      {folded ? null : (
        <ul className="min-h-0 overflow-y-auto">
          {jobs.map((job) => (
            <JobRow key={job.key} job={job} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** "2 min left" over everything that is being sent or waits its turn. */
function totalLeft(active: readonly JobView[]): string {
  const pace = active.reduce((sum, job) => sum + (job.bytesPerSecond ?? 0), 0);
  if (pace < 1) return '';
  const rest = active.reduce((sum, job) => sum + job.sizeBytes - job.sentBytes, 0);
  return leftInWords(rest / pace);
}

function JobRow({ job }: { job: JobView }) {
  const asset = useProcessedAsset(job.assetId);
  const picker = useRef<HTMLInputElement>(null);
  const act = (action: 'pause' | 'resume' | 'cancel' | 'dismiss') => void uploads().then((manager) => manager[action](job.key));
  const { aside, below, segments } = face(job, asset);
  const pausable = job.stage === 'sending' || job.stage === 'preparing' || job.stage === 'queued' || job.stage === 'offline';
  const cancellable = pausable || job.stage === 'paused' || job.stage === 'interrupted' || (job.stage === 'failed' && job.failure?.retryable);
  return (
    <li className="grid grid-cols-[minmax(0,1fr)] gap-2 border-t border-line px-[18px] pt-3 pb-3.5">
      <div className="flex items-center gap-3">
        <bdi className="min-w-0 flex-1 truncate t-sm font-medium">{job.name}</bdi>
        <span className="flex-none t-xs text-text-2 tabular-nums">{aside}</span>
        <span className="-my-1.5 -me-2 flex flex-none">
          {pausable ? <IconButton size="sm" icon={Pause} label={t`Pause ${job.name}`} onClick={() => act('pause')} /> : null}
          {job.stage === 'paused' ? <IconButton size="sm" icon={Play} label={t`Go on with ${job.name}`} onClick={() => act('resume')} /> : null}
          {cancellable ? (
            <IconButton size="sm" icon={X} label={t`Cancel ${job.name}`} onClick={() => act('cancel')} />
          ) : job.stage === 'completing' ? null : (
            <IconButton size="sm" icon={X} label={t`Put ${job.name} away`} onClick={() => act('dismiss')} />
          )}
        </span>
      </div>
      {segments ? <Track height={6} segments={segments} label={trackLabel(job, asset)} /> : null}
      {below ? <p className={cx('t-xs', job.stage === 'failed' ? 'text-text-2' : 'text-text-3')}>{below}</p> : null}
      {asset?.waits?.code === 'quota_exceeded' && can('billing.manage') ? (
        <p className="t-xs text-text-2">
          <a href="/studio/settings/usage" target="_blank" rel="noreferrer" className="link">
            <Trans>See usage, and what brings more</Trans>
          </a>
        </p>
      ) : null}
      {job.stage === 'failed' && job.failure?.planFull ? (
        <p className="t-xs text-text-2">
          {can('billing.manage') ? (
            // In a tab of its own: the other uploads go on in this one.
            <a href="/studio/settings/billing?change=1" target="_blank" rel="noreferrer" className="link">
              <Trans>See what brings more</Trans>
            </a>
          ) : (
            <Trans>An owner of your organization can get more.</Trans>
          )}
        </p>
      ) : null}
      {job.stage === 'interrupted' || (job.stage === 'failed' && !job.failure?.retryable) ? (
        <div>
          <input
            ref={picker}
            type="file"
            accept="video/*,audio/*"
            hidden
            onChange={(event) => {
              const files = [...(event.currentTarget.files ?? [])];
              event.currentTarget.value = '';
              if (files.length === 0) return;
              if (job.stage === 'failed') act('dismiss');
              void uploadFiles(files);
            }}
          />
          <Button size="sm" onClick={() => picker.current?.click()}>
            {job.stage === 'interrupted' ? <Trans>Pick the same file</Trans> : <Trans>Replace file</Trans>}
          </Button>
        </div>
      ) : null}
      {job.stage === 'failed' && job.failure?.retryable ? (
        <div>
          <Button size="sm" onClick={() => act('resume')}>
            <Trans>Try again</Trans>
          </Button>
        </div>
      ) : null}
    </li>
  );
}

function trackLabel(job: JobView, asset: ProcessedAsset | undefined): string {
  if (job.stage === 'processing' || job.stage === 'ready') return stageWords(asset) ?? t`Being made playable`;
  const percent = job.sizeBytes > 0 ? Math.floor((job.sentBytes * 100) / job.sizeBytes) : 0;
  return t`${percent} % sent`;
}

interface Face {
  aside: ReactNode;
  below: ReactNode;
  segments: TrackSegment[] | null;
}

/** What a row says and draws, by where the upload is. */
function face(job: JobView, asset: ProcessedAsset | undefined): Face {
  const sent = sentInWords(job.sentBytes, job.sizeBytes);
  const parts: TrackSegment[] = quarters(job.parts.length > 0 ? job.parts : [0, 0, 0, 0]).map((share, index) => ({
    key: String(index),
    weight: 1,
    spans: share > 0 ? [[0, share]] : [],
  }));
  switch (job.stage) {
    case 'queued':
      return { aside: t`Waiting`, below: bytes(job.sizeBytes), segments: parts };
    case 'preparing':
      return { aside: t`Starting`, below: null, segments: parts };
    case 'sending': {
      const lanes = Math.min(PARALLEL_PARTS, Math.max(1, job.parts.filter((share) => share < 1).length));
      const pace = job.bytesPerSecond === null ? '' : `${bytes(job.bytesPerSecond)}/s`;
      const atOnce = lanes === 1 ? t`1 part` : t`${lanes} parts at once`;
      return { aside: sent, below: [atOnce, pace, leftInWords(job.secondsLeft)].filter(Boolean).join(' · '), segments: parts };
    }
    case 'paused':
      return { aside: <Status tone="look">{t`Paused`}</Status>, below: t`${sent} sent. After a reload, pick the same file.`, segments: parts };
    case 'offline': {
      const since = job.offlineSince === null ? '' : new Date(job.offlineSince).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
      return {
        aside: <Status tone="look">{t`Paused, offline at ${since}`}</Status>,
        below: t`Continues by itself. After a reload, pick the same file.`,
        segments: parts,
      };
    }
    case 'interrupted':
      return { aside: <Status tone="look">{t`Interrupted`}</Status>, below: t`${sent} is kept. Pick the same file to send the rest.`, segments: parts };
    case 'completing':
      return { aside: <Status tone="running">{t`Checking`}</Status>, below: t`Every part is put together and verified.`, segments: parts };
    case 'processing':
      if (asset?.waits) return { aside: <Status tone="look">{asset.waits.title}</Status>, below: asset.waits.detail, segments: stageSegments(asset) };
      return { aside: <Status tone="running">{stageWords(asset) ?? t`Being made playable`}</Status>, below: playableWords(asset), segments: stageSegments(asset) };
    case 'ready':
      return { aside: <Status tone="fine">{t`Ready`}</Status>, below: null, segments: null };
    case 'failed':
      return { aside: <Status tone="failed">{job.failure?.title}</Status>, below: job.failure?.detail, segments: job.sentBytes > 0 && job.failure?.retryable ? parts : null };
    case 'cancelled':
      return { aside: t`Cancelled`, below: null, segments: null };
  }
}

function playableWords(asset: ProcessedAsset | undefined): string | null {
  if (!asset) return t`You can close this page; it goes on by itself.`;
  if (asset.state === 'playable') return t`It can be watched now. More qualities follow.`;
  return t`You can close this page; it goes on by itself.`;
}

const STAGES = ['remux', 'fast', 'ladder'] as const;

/** "Full quality, 43 %". */
export function stageWords(asset: Pick<ProcessedAsset, 'stage'> | undefined): string | null {
  const stage = asset?.stage;
  if (!stage) return null;
  const percent = Math.floor(stage.progress_permille / 10);
  switch (stage.name) {
    case 'remux':
      return t`Preparing, ${percent} %`;
    case 'fast':
      return t`First version, ${percent} %`;
    case 'ladder':
      return t`Full quality, ${percent} %`;
    default:
      return t`Processing, ${percent} %`;
  }
}

/** The stages of one asset as a Track; the ladder is the long one. */
export function stageSegments(asset: Pick<ProcessedAsset, 'stage' | 'stages'> | undefined): TrackSegment[] {
  const known: readonly AssetStage[] = asset?.stages && asset.stages.length > 0 ? asset.stages : asset?.stage ? [asset.stage] : [];
  if (known.length === 0) return STAGES.slice(0, 2).map((name) => ({ key: name, weight: name === 'remux' ? 1 : 3, spans: [] }));
  return known.map((stage) => {
    const share = stage.state === 'done' ? 1 : stage.progress_permille / 1000;
    return { key: stage.name, weight: stage.name === 'ladder' ? 3 : 1, spans: share > 0 ? [[0, share]] : [], tone: stage.state === 'failed' ? 'danger' : 'progress' };
  });
}
