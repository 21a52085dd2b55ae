import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Search, UserPlus } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { MemberRow } from '@/api/types';
import { Failure, Forbidden } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { useCan, useMe } from '@/lib/permissions';
import { roleName, ROLES } from '@/lib/roles';
import { Button } from '@/ui/button';
import { Empty } from '@/ui/empty';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { PageBar, PageBody } from '@/ui/page';
import { Segmented } from '@/ui/segmented';
import { Select } from '@/ui/select';
import { Skeleton } from '@/ui/skeleton';
import { invitationsQuery, membersQuery } from './api';
import { InvitationsList } from './invitations-list';
import { InviteDialog } from './invite-dialog';
import { MembersTable } from './members-table';
import { RolesDialog } from './roles-dialog';

interface PeopleSearch {
  q?: string | undefined;
  role?: string | undefined;
  view?: 'invited' | undefined;
  invite?: '1' | undefined;
}

/** The people of the organization: members with their roles, and who is invited. Filters stand in the address. */
export function PeoplePage() {
  usePageTitle(t`People`);
  const search = useSearch({ strict: false }) as PeopleSearch;
  const navigate = useNavigate();
  const mayView = useCan('people.view');
  const mayManage = useCan('people.manage');
  const change = (next: PeopleSearch, replace = false) =>
    void navigate({ to: '/studio/people', search: { ...search, ...next }, replace });
  const invitations = useQuery({ ...invitationsQuery, enabled: mayView });
  const invited = invitations.data?.items.length;

  if (!mayView) {
    return (
      <>
        <PageBar title={<Trans>People</Trans>} />
        <PageBody>
          <Forbidden compact />
        </PageBody>
      </>
    );
  }
  return (
    <>
      <PageBar
        title={<Trans>People</Trans>}
        actions={
          mayManage ? (
            <Button variant="primary" icon={<Icon as={UserPlus} />} onClick={() => change({ invite: '1' })}>
              <Trans>Invite</Trans>
            </Button>
          ) : null
        }
      />
      <PageBody>
        <div className="mb-5 flex flex-wrap items-center gap-2">
          <Segmented
            label={t`Whom to show`}
            value={search.view ?? 'members'}
            onChange={(view) => change({ view: view === 'invited' ? view : undefined })}
            options={[
              { value: 'members', label: <Trans>Members</Trans> },
              { value: 'invited', label: <Trans>Invited</Trans>, ...(invited ? { count: invited } : {}) },
            ]}
          />
          {search.view === 'invited' ? null : <Filters search={search} onChange={change} />}
        </div>
        {search.view === 'invited' ? (
          <Invited mayManage={mayManage} onInvite={() => change({ invite: '1' })} />
        ) : (
          <Members search={search} onClear={() => change({ q: undefined, role: undefined })} />
        )}
      </PageBody>
      {mayManage ? <InviteDialog open={search.invite === '1'} onClose={() => change({ invite: undefined }, true)} /> : null}
    </>
  );
}

function Filters({ search, onChange }: { search: PeopleSearch; onChange: (next: PeopleSearch, replace?: boolean) => void }) {
  const [text, setText] = useState(search.q ?? '');
  const current = search.q ?? '';
  useEffect(() => {
    if (text.trim() === current) return undefined;
    const timer = setTimeout(() => onChange({ q: text.trim() || undefined }, true), 250);
    return () => clearTimeout(timer);
    // Only what is typed starts the wait.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [text]);
  return (
    <>
      <Input
        quiet
        type="search"
        aria-label={t`Search by name or e-mail`}
        placeholder={t`Name or e-mail`}
        value={text}
        onChange={(event) => setText(event.target.value)}
        start={<Icon as={Search} className="text-text-3" />}
        className="w-full sm:w-60"
      />
      <Select
        aria-label={t`Role`}
        className="w-full! sm:w-40!"
        value={search.role ?? 'any'}
        onChange={(role) => onChange({ role: role === 'any' ? undefined : role })}
        options={[{ value: 'any', label: t`Any role` }, ...ROLES.map((role) => ({ value: role as string, label: roleName(role) }))]}
      />
    </>
  );
}

function Members({ search, onClear }: { search: PeopleSearch; onClear: () => void }) {
  const me = useMe();
  const mayManage = useCan('roles.manage');
  const [edited, setEdited] = useState<MemberRow | null>(null);
  const members = useInfiniteQuery(membersQuery({ q: search.q, role: search.role }));
  if (members.isPending) return <RowsSkeleton />;
  if (members.isError) return <Failure compact error={members.error} onRetry={() => void members.refetch()} />;
  const rows = members.data.pages.flatMap((page) => page.items);
  if (rows.length === 0) {
    return (
      <Empty
        title={<Trans>Nobody matches</Trans>}
        action={
          <Button onClick={onClear}>
            <Trans>Show everyone</Trans>
          </Button>
        }
      >
        <Trans>No member has this name, address or role.</Trans>
      </Empty>
    );
  }
  return (
    <>
      <MembersTable
        members={rows}
        self={me?.member.id}
        mayManage={mayManage}
        onRoles={setEdited}
        more={{
          shown: members.hasNextPage,
          loading: members.isFetchingNextPage,
          load: () => void members.fetchNextPage(),
        }}
      />
      {edited ? <RolesDialog member={edited} onClose={() => setEdited(null)} /> : null}
    </>
  );
}

function Invited({ mayManage, onInvite }: { mayManage: boolean; onInvite: () => void }) {
  const invitations = useQuery(invitationsQuery);
  if (invitations.isPending) return <RowsSkeleton />;
  if (invitations.isError) return <Failure compact error={invitations.error} onRetry={() => void invitations.refetch()} />;
  if (invitations.data.items.length > 0) return <InvitationsList invitations={invitations.data.items} mayManage={mayManage} />;
  return (
    <Empty
      title={<Trans>No open invitations</Trans>}
      action={
        mayManage ? (
          <Button variant="primary" onClick={onInvite}>
            <Trans>Invite people</Trans>
          </Button>
        ) : null
      }
    >
      <Trans>Everyone you invited has answered.</Trans>
    </Empty>
  );
}

function RowsSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label={t`Loading`} className="grid">
      {[0, 1, 2, 3, 4, 5].map((row) => (
        <div key={row} className="flex h-(--row) items-center gap-3 border-b border-line">
          <Skeleton className="size-8 rounded-full!" />
          <Skeleton className="h-4 w-48" />
        </div>
      ))}
    </div>
  );
}
