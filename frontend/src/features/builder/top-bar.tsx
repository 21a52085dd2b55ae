import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ArrowLeft, CircleAlert, CloudCheck, CloudOff, CloudUpload, Ellipsis, Eye, Settings2 } from 'lucide-react';
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';
import { useCan } from '@/lib/permissions';
import { Badge } from '@/ui/badge';
import { Button, buttonClass } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { IconButton } from '@/ui/icon-button';
import { Menu, MenuItem } from '@/ui/menu';
import { Popover } from '@/ui/popover';
import type { Draft } from './api';
import { useBuilder } from './builder-context';
import { PublishDialog } from './publish-dialog';

interface TopBarProps {
  backLink: (children: ReactNode, className: string) => ReactNode;
  /** On a phone: back from a lesson to the outline. */
  onOutline: (() => void) | null;
  onCourse: () => void;
}

const BACK =
  'inline-grid size-(--ctl) flex-none place-items-center rounded-2 text-text-2 hover:bg-hover hover:text-text';

/** Where one is, whether it is safe, and the way to learners. */
export function TopBar({ backLink, onOutline, onCourse }: TopBarProps) {
  const { draft } = useBuilder();
  const mayPublish = useCan('courses.publish');
  const [publishing, setPublishing] = useState(false);
  const { course } = draft;
  const learner = `/courses/${course.id}`;
  return (
    <header className="flex h-14 flex-none items-center gap-2 border-b border-line bg-canvas px-2 sm:px-4">
      {onOutline ? (
        <>
          <button type="button" aria-label={t`Back to the outline`} className={`${BACK} md:hidden`} onClick={onOutline}>
            <Icon as={ArrowLeft} size={18} mirror />
          </button>
          {backLink(<BackToCourses />, `${BACK} max-md:hidden`)}
        </>
      ) : (
        backLink(<BackToCourses />, BACK)
      )}
      <h1 tabIndex={-1} className="min-w-0 truncate font-sans text-[16px] leading-6 font-[620] tracking-[-0.01em]">
        <bdi>{course.title}</bdi>
      </h1>
      <span className="ms-1 flex-none max-lg:hidden">
        <Badge>{draftWords(draft)}</Badge>
      </span>
      <SaveChip />
      <div className="ms-auto flex flex-none items-center gap-2">
        {course.version ? (
          <a href={learner} target="_blank" rel="noreferrer" className={buttonClass('secondary', 'sm', 'max-lg:hidden')}>
            <Icon as={Eye} />
            <Trans>View as learner</Trans>
          </a>
        ) : null}
        <span className="lg:hidden">
          <Menu trigger={<IconButton icon={Ellipsis} label={t`More about this course`} size="sm" />}>
            <MenuItem icon={Settings2} onSelect={onCourse}>
              <Trans>Course settings</Trans>
            </MenuItem>
            {course.version ? (
              <MenuItem asChild>
                <a href={learner} target="_blank" rel="noreferrer">
                  <Icon as={Eye} className="text-text-2" />
                  <Trans>View as learner</Trans>
                </a>
              </MenuItem>
            ) : null}
          </Menu>
        </span>
        {mayPublish && course.state !== 'archived' ? (
          <Button variant="primary" size="sm" onClick={() => setPublishing(true)}>
            <Trans>Publish…</Trans>
          </Button>
        ) : null}
      </div>
      {publishing ? <PublishDialog onClose={() => setPublishing(false)} /> : null}
    </header>
  );
}

function BackToCourses() {
  return (
    <>
      <span className="sr-only">
        <Trans>Back to the courses</Trans>
      </span>
      <Icon as={ArrowLeft} size={18} mirror />
    </>
  );
}

export function draftWords({ course, changes_since_version: changes }: Draft): string {
  if (course.state === 'archived') return t`Archived`;
  if (!course.version) return t`Draft, not published yet`;
  const number = course.version.number;
  if (changes === 0) return t`Version ${number}, nothing changed`;
  const since = t`since version ${number}`;
  return `${plural(changes, { one: 'Draft, # change', other: 'Draft, # changes' })} ${since}`;
}

function ago(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  if (seconds < 60) return t`${seconds} s ago`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? t`${minutes} min ago` : t`a while ago`;
}

const CHIP = 'inline-flex min-w-0 items-center gap-2 rounded-[6px] px-1.5 py-1 t-xs whitespace-nowrap text-text-2';

/** Whether what was written is safe, and where. Honest: it says saved only when the server has answered. */
function SaveChip() {
  const { queue, mayEdit } = useBuilder();
  const status = useSyncExternalStore(queue.subscribe, queue.status);
  const [, tick] = useState(0);
  useEffect(() => {
    if (status.kind !== 'saved') return undefined;
    const timer = setInterval(() => tick((count) => count + 1), 2_000);
    return () => clearInterval(timer);
  }, [status.kind]);
  if (!mayEdit) return <Badge>{t`Read only`}</Badge>;
  const past = ago(Date.now() - (status.savedAt ?? Date.now()));
  if (status.kind === 'refused') {
    return (
      <Popover
        label={t`Not saved`}
        trigger={
          <button type="button" className={`${CHIP} text-danger-text hover:bg-hover`}>
            <Icon as={CircleAlert} />
            <Trans>Not saved</Trans>
          </button>
        }
      >
        <p className="font-medium">{status.refusal?.detail}</p>
        <p className="mt-1 t-xs text-text-2">
          <Trans>What you wrote is kept in this browser.</Trans>
        </p>
        <div className="mt-3 flex gap-2">
          <Button size="sm" onClick={() => queue.flush()}>
            <Trans>Try again</Trans>
          </Button>
          <Button size="sm" variant="danger" onClick={() => status.refusal && queue.forget(status.refusal.item)}>
            <Trans>Discard</Trans>
          </Button>
        </div>
      </Popover>
    );
  }
  const face = {
    idle: { icon: CloudCheck, tone: 'text-text-3', words: t`All saved` },
    saved: { icon: CloudCheck, tone: 'text-success-text', words: t`Saved ${past}` },
    saving: { icon: CloudUpload, tone: 'text-text-3', words: t`Saving…` },
    offline: { icon: CloudOff, tone: 'text-warning-text', words: t`Offline, kept here` },
    'put-off': { icon: CloudUpload, tone: 'text-warning-text', words: t`Kept here, saved again soon` },
    conflict: { icon: CircleAlert, tone: 'text-warning-text', words: t`Also changed by someone else` },
  }[status.kind];
  return (
    <>
      {/* The eye sees every second of it; a screen reader hears only what changes in kind. */}
      <span className={CHIP} aria-hidden="true">
        <Icon as={face.icon} className={face.tone} />
        <span className={cxWords(status.kind)}>{face.words}</span>
      </span>
      <span role="status" className="sr-only">
        {status.kind === 'saved' ? t`Saved` : status.kind === 'idle' || status.kind === 'saving' ? '' : face.words}
      </span>
    </>
  );
}

/** On a phone only what needs attention takes the room of words. */
const cxWords = (kind: string) => (kind === 'offline' || kind === 'put-off' || kind === 'conflict' || kind === 'saving' ? 'truncate' : 'truncate max-sm:hidden');
