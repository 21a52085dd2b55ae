import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Megaphone } from 'lucide-react';
import { useState } from 'react';
import type { Announcement } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { moment } from '@/features/staff-kit/age';
import { Chip } from '@/features/staff-kit/chip';
import { StaffPage } from '@/features/staff-kit/page';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Empty } from '@/ui/empty';
import { Icon } from '@/ui/icon';
import { Status } from '@/ui/status';
import { announcementsQuery } from './api';
import { AnnouncementNotice } from './announcement-notice';
import { EditDialog } from './edit-dialog';
import { type AnnouncementState, audienceWords, stateOf } from './model';
import { RemoveDialog } from './remove-dialog';

const SHOWN: readonly AnnouncementState[] = ['showing', 'scheduled', 'ended'];

function stateWords(state: AnnouncementState): string {
  if (state === 'showing') return t`Showing now`;
  return state === 'scheduled' ? t`Scheduled` : t`Ended`;
}

/** What the platform tells everybody, or some: in their pages, from one moment to another. */
export function AnnouncementsPage() {
  usePageTitle(t`Announcements`);
  const { show } = useSearch({ strict: false }) as { show?: AnnouncementState };
  const navigate = useNavigate();
  const may = useCan('operations.act');
  const [edited, setEdited] = useState<Announcement | 'new' | null>(null);
  const [removed, setRemoved] = useState<Announcement | null>(null);
  const found = useQuery(announcementsQuery);
  const all = found.data?.items ?? [];
  const rows = all.filter((one) => show === undefined || stateOf(one) === show);
  const filter = (next: AnnouncementState | undefined) => void navigate({ to: '/announcements', search: { show: next }, replace: true });
  const begin = (
    <Button variant="primary" icon={<Icon as={Megaphone} />} onClick={() => setEdited('new')} {...(may ? {} : { disabledReason: t`For the operations role.` })}>
      <Trans>New announcement</Trans>
    </Button>
  );
  return (
    <StaffPage
      title={<Trans>Announcements</Trans>}
      filters={
        <>
          <Chip on={show === undefined} onPress={() => filter(undefined)}>
            <Trans>All</Trans>
          </Chip>
          {SHOWN.map((state) => (
            <Chip key={state} on={show === state} count={found.data ? all.filter((one) => stateOf(one) === state).length : undefined} onPress={() => filter(show === state ? undefined : state)}>
              {stateWords(state)}
            </Chip>
          ))}
        </>
      }
      actions={begin}
    >
      {found.isPending ? (
        <RowsSkeleton rows={4} />
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : rows.length === 0 ? (
        <Empty title={show === undefined ? <Trans>Nothing announced</Trans> : <Trans>None of these</Trans>}>
          <Trans>Say ahead when something stops for a while, or that something new is there.</Trans>
        </Empty>
      ) : (
        <ul className="grid max-w-[900px]">
          {rows.map((one) => (
            <Row key={one.id} one={one} mayChange={may} onEdit={() => setEdited(one)} onRemove={() => setRemoved(one)} />
          ))}
        </ul>
      )}
      {edited ? <EditDialog announcement={edited === 'new' ? null : edited} onClose={() => setEdited(null)} /> : null}
      {removed ? <RemoveDialog announcement={removed} onClose={() => setRemoved(null)} /> : null}
    </StaffPage>
  );
}

interface RowProps {
  one: Announcement;
  mayChange: boolean;
  onEdit: () => void;
  onRemove: () => void;
}

function Row({ one, mayChange, onEdit, onRemove }: RowProps) {
  const state = stateOf(one);
  const when =
    one.ends_at === null
      ? t`From ${moment(one.starts_at)}, until it is removed`
      : t`${moment(one.starts_at)} to ${moment(one.ends_at)}`;
  return (
    <li className="grid gap-2.5 border-t border-line py-4 first:border-line-2">
      <div className="flex flex-wrap items-center gap-x-5 gap-y-1 text-text-2">
        <Status tone={state === 'showing' ? 'fine' : state === 'scheduled' ? 'running' : 'off'} className="font-medium text-text">
          {stateWords(state)}
        </Status>
        <span>{when}</span>
        <span>{audienceWords(one)}</span>
        {mayChange ? (
          <span className="ms-auto flex gap-2">
            <Button size="sm" className="pointer-coarse:h-11!" aria-label={t`Change “${one.title}”`} onClick={onEdit}>
              <Trans>Change</Trans>
            </Button>
            <Button size="sm" variant="danger" className="pointer-coarse:h-11!" aria-label={t`Remove “${one.title}”`} onClick={onRemove}>
              <Trans>Remove</Trans>
            </Button>
          </span>
        ) : null}
      </div>
      <AnnouncementNotice tone={one.tone} title={one.title} body={one.body} />
    </li>
  );
}
