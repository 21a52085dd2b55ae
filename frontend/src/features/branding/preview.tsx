import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Monitor, Smartphone } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useScheme } from '@/theme/color-scheme';
import { type Mode, themeVariables } from '@/theme/palette';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { Segmented } from '@/ui/segmented';
import { mailQuery, sampleCourseQuery } from './api';
import { type Draft, isColor } from './draft';
import { stackOf } from './fonts';
import { PreviewFrame } from './preview-frame';

type PageName = 'login' | 'catalogue' | 'course' | 'mail';
type Device = 'desktop' | 'phone';
type Shown = Mode | 'both';

const WINDOWS: Record<Device, { width: number; height: number }> = {
  desktop: { width: 1280, height: 720 },
  phone: { width: 390, height: 760 },
};

/** The organization's own pages in the look of the draft: the same code, the same content, in a frame. */
export function Preview({ draft, revision }: { draft: Draft; revision: number }) {
  const scheme = useScheme();
  const [page, setPage] = useState<PageName>('login');
  const [device, setDevice] = useState<Device>(() => (window.innerWidth < 768 ? 'phone' : 'desktop'));
  const [shown, setShown] = useState<Shown>(() => (window.innerWidth >= 1280 ? 'both' : scheme));
  const course = useQuery(sampleCourseQuery);
  const modes: Mode[] = shown === 'both' ? ['light', 'dark'] : [shown];
  const path = { login: '/login', catalogue: '/', course: course.data ? `/courses/${course.data}` : null, mail: null }[page];
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2.5">
        <Segmented
          label={t`Page`}
          value={page}
          onChange={setPage}
          options={[
            { value: 'login', label: <Trans>Sign-in</Trans> },
            { value: 'catalogue', label: <Trans>Catalogue</Trans> },
            { value: 'course', label: <Trans>Course</Trans> },
            { value: 'mail', label: <Trans>E-mail</Trans> },
          ]}
        />
        {page === 'mail' ? null : (
          <div className="ms-auto flex flex-wrap gap-2.5">
            <Segmented
              label={t`Mode`}
              value={shown}
              onChange={setShown}
              options={[
                { value: 'light', label: <Trans>Light</Trans> },
                { value: 'dark', label: <Trans>Dark</Trans> },
                { value: 'both', label: <Trans>Both</Trans> },
              ]}
            />
            <Segmented
              label={t`Device`}
              value={device}
              onChange={setDevice}
              options={[
                { value: 'desktop', label: <DeviceName icon={Monitor} name={t`Desktop`} /> },
                { value: 'phone', label: <DeviceName icon={Smartphone} name={t`Phone`} /> },
              ]}
            />
          </div>
        )}
      </div>
      {page === 'mail' ? (
        <MailPreview revision={revision} />
      ) : path ? (
        <div className={cx('grid items-start gap-4', device === 'phone' && shown === 'both' && 'sm:grid-cols-2', device === 'phone' && 'mx-auto w-full max-w-[780px]')}>
          {modes.map((mode) => (
            <Framed key={mode} path={path} mode={mode} draft={draft} revision={revision} device={device} alone={modes.length === 1} />
          ))}
        </div>
      ) : (
        <p className="rounded-3 border border-dashed border-line-2 px-5 py-10 text-center text-text-2">
          {course.isPending ? <Trans>Looking for a course</Trans> : <Trans>Publish a course, and you see it here as your learners do.</Trans>}
        </p>
      )}
    </div>
  );
}

function DeviceName({ icon, name }: { icon: typeof Monitor; name: string }) {
  return (
    <>
      <Icon as={icon} />
      <span className="sr-only">{name}</span>
    </>
  );
}

interface FramedProps {
  path: string;
  mode: Mode;
  draft: Draft;
  revision: number;
  device: Device;
  alone: boolean;
}

function Framed({ path, mode, draft, revision, device, alone }: FramedProps) {
  const { color, heading_font: font } = draft;
  // Colour and face are there at once; words and pictures come with the saved draft.
  const variables = useMemo(
    () => (isColor(color) ? { ...themeVariables(color, mode), '--font-head': stackOf(font) } : null),
    [color, font, mode],
  );
  const { width, height } = WINDOWS[device];
  return (
    <PreviewFrame
      src={`${path}?brand=draft&scheme=${mode}&revision=${revision}`}
      title={mode === 'light' ? t`Preview in light` : t`Preview in dark`}
      width={width}
      height={height}
      variables={variables}
      className={device === 'phone' && alone ? 'mx-auto w-full max-w-[390px]' : 'w-full'}
    />
  );
}

function MailPreview({ revision }: { revision: number }) {
  const { data } = useQuery({ ...mailQuery(revision), placeholderData: (before) => before });
  return (
    <div className="overflow-hidden rounded-3 bg-surface ring-1 ring-line-2">
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 border-b border-line px-5 py-4 t-xs">
        <dt className="text-text-3">
          <Trans>From</Trans>
        </dt>
        <dd className="wrap-anywhere">{data?.sender ?? '…'}</dd>
        <dt className="text-text-3">
          <Trans>Subject</Trans>
        </dt>
        <dd className="font-medium wrap-anywhere">{data?.subject ?? '…'}</dd>
        {data?.reply_to ? (
          <>
            <dt className="text-text-3">
              <Trans>Replies to</Trans>
            </dt>
            <dd className="wrap-anywhere">{data.reply_to}</dd>
          </>
        ) : null}
      </dl>
      <iframe
        key={revision}
        src={`/api/v1/brand/mail/page/?revision=${revision}`}
        title={t`The mail`}
        sandbox=""
        inert
        className="h-[560px] w-full border-0 bg-white"
      />
    </div>
  );
}
