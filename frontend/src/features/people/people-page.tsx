import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Search, UserPlus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { ApiError } from '@/api/errors';
import type { MemberRow } from '@/api/types';
import { Failure, Forbidden } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { wayUpOf } from '@/features/billing/way-up';
import { ProofProvider } from '@/features/account/proof';
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
import { toast } from '@/ui/toast';
import { countsQuery, type InvitationState, invitationsQuery, membersQuery, peopleKeys, restore } from './api';
import { InvitationsList } from './invitations-list';
import { InviteDialog } from './invite-dialog';
import { type Keeping, KeepingDialog } from './keeping-dialog';
import { MembersTable } from './members-table';
import { RolesDialog } from './roles-dialog';

interface PeopleSearch {
  q?: string | undefined;
  role?: string | undefined;
  state?: string | undefined;
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
  const counts = useQuery({ ...countsQuery, enabled: mayView });
  const invited = counts.data?.invited;

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
            onChange={(view) => change({ view: view === 'invited' ? view : undefined, state: undefined })}
            options={[
              { value: 'members', label: <Trans>Members</Trans>, ...(counts.data ? { count: counts.data.active + counts.data.suspended } : {}) },
              { value: 'invited', label: <Trans>Invited</Trans>, ...(invited ? { count: invited } : {}) },
            ]}
          />
          {search.view === 'invited' ? (
            <InvitationFilter state={search.state} onChange={(state) => change({ state })} />
          ) : (
            <Filters search={search} onChange={change} />
          )}
        </div>
        {search.view === 'invited' ? (
          <Invited state={search.state} mayManage={mayManage} onInvite={() => change({ invite: '1' })} />
        ) : (
          <ProofProvider>
            <Members search={search} onClear={() => change({ q: undefined, role: undefined, state: undefined })} />
          </ProofProvider>
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
      <Select
        aria-label={t`State`}
        className="w-full! sm:w-40!"
        value={search.state ?? 'any'}
        onChange={(state) => onChange({ state: state === 'any' ? undefined : state })}
        options={[
          { value: 'any', label: t`Any state` },
          { value: 'active', label: t`Active` },
          { value: 'suspended', label: t`Suspended` },
          { value: 'anonymised', label: t`Erased` },
        ]}
      />
    </>
  );
}

function InvitationFilter({ state, onChange }: { state: string | undefined; onChange: (state: string | undefined) => void }) {
  return (
    <Select
      aria-label={t`Which invitations`}
      className="w-full! sm:w-48!"
      value={state ?? 'waiting'}
      onChange={(next) => onChange(next === 'waiting' ? undefined : next)}
      options={[
        { value: 'waiting', label: t`Waiting` },
        { value: 'expired', label: t`Expired` },
        { value: 'accepted', label: t`Accepted` },
        { value: 'withdrawn', label: t`Withdrawn` },
      ]}
    />
  );
}

function Members({ search, onClear }: { search: PeopleSearch; onClear: () => void }) {
  const me = useMe();
  const mayManage = useCan('roles.manage');
  const mayPay = useCan('billing.manage');
  const navigate = useNavigate();
  const client = useQueryClient();
  const [edited, setEdited] = useState<MemberRow | null>(null);
  const [kept, setKept] = useState<{ kind: Keeping; member: MemberRow } | null>(null);
  const members = useInfiniteQuery(membersQuery({ q: search.q, role: search.role, state: search.state }));
  const bringBack = useMutation({
    mutationFn: (member: MemberRow) => restore(member.id),
    onSuccess: (_, member) => {
      void client.invalidateQueries({ queryKey: peopleKeys.all });
      toast(t`${member.name} may sign in again`);
    },
    onError: (error) => {
      const up = mayPay ? wayUpOf(error) : null;
      const action = up && { label: up.label, onPress: () => void navigate({ to: '/studio/settings/billing', search: up.search }) };
      toast(error instanceof ApiError ? error.detail : t`Not restored. Try again.`, action ? { action } : {});
    },
  });
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
        isOwner={me?.roles.includes('owner') ?? false}
        onRoles={setEdited}
        onKeep={(kind, member) => setKept({ kind, member })}
        onRestore={(member) => bringBack.mutate(member)}
        more={{
          shown: members.hasNextPage,
          loading: members.isFetchingNextPage,
          load: () => void members.fetchNextPage(),
        }}
      />
      {edited ? <RolesDialog member={edited} onClose={() => setEdited(null)} /> : null}
      {kept ? <KeepingDialog kind={kept.kind} member={kept.member} onClose={() => setKept(null)} /> : null}
    </>
  );
}

const STATES: readonly InvitationState[] = ['expired', 'accepted', 'withdrawn'];

interface InvitedProps {
  state: string | undefined;
  mayManage: boolean;
  onInvite: () => void;
}

function Invited({ state, mayManage, onInvite }: InvitedProps) {
  const invitations = useInfiniteQuery(invitationsQuery(STATES.find((known) => known === state)));
  if (invitations.isPending) return <RowsSkeleton />;
  if (invitations.isError) return <Failure compact error={invitations.error} onRetry={() => void invitations.refetch()} />;
  const rows = invitations.data.pages.flatMap((page) => page.items);
  if (rows.length > 0) {
    return (
      <>
        <InvitationsList invitations={rows} mayManage={mayManage} />
        {invitations.hasNextPage ? (
          <Button className="mt-4" loading={invitations.isFetchingNextPage} onClick={() => void invitations.fetchNextPage()}>
            {invitations.isFetchingNextPage ? <Trans>Loading</Trans> : <Trans>Show more</Trans>}
          </Button>
        ) : null}
      </>
    );
  }
  if (state) {
    return (
      <Empty title={<Trans>None of these</Trans>}>
        <Trans>No invitation is in this state.</Trans>
      </Empty>
    );
  }
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
