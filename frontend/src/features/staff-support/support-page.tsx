import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { OctagonX } from 'lucide-react';
import { useState } from 'react';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { Section, StaffPage } from '@/features/staff-kit/page';
import { Problem } from '@/features/staff-kit/problem';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Empty } from '@/ui/empty';
import { Icon } from '@/ui/icon';
import { toast } from '@/ui/toast';
import { endEverything, grantsQuery, supportKeys } from './api';
import { GrantsList } from './grants-list';

/** Who of the staff is inside which organization right now, and who was; with the switch that ends it all. */
export function SupportPage() {
  usePageTitle(t`Support access`);
  const mayKill = useCan('operations.act');
  const mayAct = useCan('support.act');
  const [killing, setKilling] = useState(false);
  const grants = useQuery(grantsQuery());
  const open = grants.data?.items.filter((grant) => grant.state !== 'ended') ?? [];
  const over = grants.data?.items.filter((grant) => grant.state === 'ended') ?? [];
  return (
    <StaffPage
      title={<Trans>Support access</Trans>}
      aside={grants.data ? plural(open.length, { 0: 'none open', one: '# open', other: '# open' }) : null}
      className="max-w-[1000px]"
      actions={
        <Button
          variant="danger"
          icon={<Icon as={OctagonX} />}
          onClick={() => setKilling(true)}
          {...(mayKill ? {} : { disabledReason: t`For the operations role.` })}
        >
          <Trans>End all access…</Trans>
        </Button>
      }
    >
      {grants.isPending ? (
        <RowsSkeleton rows={4} />
      ) : grants.isError ? (
        <Failure compact error={grants.error} onRetry={() => void grants.refetch()} />
      ) : grants.data.items.length === 0 ? (
        <Empty title={<Trans>Nobody has been inside</Trans>}>
          <Trans>Support access begins on an organization's page, with a reason and a ticket, for 60 min at most.</Trans>
        </Empty>
      ) : (
        <div className="grid gap-8">
          <Section title={<Trans>Open now</Trans>}>
            {open.length > 0 ? (
              <GrantsList grants={open} mayEnd={mayAct && mayKill} />
            ) : (
              <p className="border-t border-line py-2 text-text-3">
                <Trans>Nobody is inside an organization.</Trans>
              </p>
            )}
          </Section>
          {over.length > 0 ? (
            <Section title={<Trans>Over</Trans>}>
              <GrantsList grants={over} mayEnd={false} />
            </Section>
          ) : null}
        </div>
      )}
      {killing ? <KillDialog open={open.length} onClose={() => setKilling(false)} /> : null}
    </StaffPage>
  );
}

function KillDialog({ open, onClose }: { open: number; onClose: () => void }) {
  const client = useQueryClient();
  const kill = useMutation({
    mutationFn: endEverything,
    onSuccess: ({ ended }) => {
      void client.invalidateQueries({ queryKey: supportKeys.all });
      toast(plural(ended, { 0: 'Nothing was open', one: '# access ended', other: '# accesses ended' }));
      onClose();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(next) => next || onClose()}
      title={<Trans>End all support access?</Trans>}
      description={plural(open, {
        0: 'Nothing is open that this page knows of. Whatever is, ends with its next request.',
        one: '# access ends with its next request, whoever opened it. It can be asked for again.',
        other: '# accesses end with their next request, whoever opened them. They can be asked for again.',
      })}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Leave them</Trans>
          </Button>
          <Button variant="danger" loading={kill.isPending} onClick={() => kill.mutate()}>
            {kill.isPending ? <Trans>Ending</Trans> : <Trans>End all</Trans>}
          </Button>
        </>
      }
    >
      <Problem error={kill.error} />
    </Dialog>
  );
}
