import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { SupportGrant } from '@/api/staff';
import { moment } from '@/features/staff-kit/age';
import { OrganizationName } from '@/features/staff-kit/organization-picker';
import { sentence } from '@/features/staff-kit/problem';
import { Badge } from '@/ui/badge';
import { Button, buttonClass } from '@/ui/button';
import { Status } from '@/ui/status';
import { toast } from '@/ui/toast';
import { endAccess, supportKeys } from './api';
import { grantTone, grantWords } from './model';

/** Support accesses as lines: whose, where, why, how long still, and its end. */
export function GrantsList({ grants, withOrganization = true, mayEnd }: { grants: readonly SupportGrant[]; withOrganization?: boolean; mayEnd: boolean }) {
  // Minutes run while the page is open.
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 15_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <ul aria-label={t`Support access`}>
      {grants.map((grant) => (
        <li key={grant.id} className="flex flex-wrap items-start gap-x-4 gap-y-2 border-t border-line py-2.5">
          <div className="min-w-0 flex-1 basis-[220px]">
            <p className="flex flex-wrap items-center gap-x-2 gap-y-1 font-medium">
              <bdi>{grant.staff}</bdi>
              {withOrganization ? (
                <>
                  <span className="font-normal text-text-3">
                    <Trans>in</Trans>
                  </span>
                  <Link to="/organizations/$organization" params={{ organization: grant.organization }} className="rounded-1 hover:underline">
                    <OrganizationName id={grant.organization} />
                  </Link>
                </>
              ) : null}
              {grant.scope === 'write' ? <Badge tone="warning">{t`May write`}</Badge> : null}
            </p>
            <p className="wrap-anywhere text-text-2">
              “<bdi>{grant.reason}</bdi>”{grant.ticket ? t`, ticket ${grant.ticket}` : ''}
            </p>
            <p className="text-text-3">{t`asked ${moment(grant.requested_at)}, for ${grant.minutes} min`}</p>
          </div>
          <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
            <Status tone={grantTone(grant)}>{grantWords(grant, now)}</Status>
            {grant.location && grant.state === 'active' ? (
              <a href={grant.location} target="_blank" rel="noopener" className={buttonClass('secondary', 'sm', 'pointer-coarse:h-11')}>
                <Trans>Open</Trans>
              </a>
            ) : null}
            {grant.state !== 'ended' && (mayEnd || grant.location) ? <EndButton grant={grant} /> : null}
          </div>
        </li>
      ))}
    </ul>
  );
}

function EndButton({ grant }: { grant: SupportGrant }) {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => endAccess(grant.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: supportKeys.all });
      toast(t`Support access ended`);
    },
    onError: (error) => toast(sentence(error)),
  });
  return (
    <Button size="sm" variant="danger" className="pointer-coarse:h-11!" aria-label={t`End the access of ${grant.staff}`} loading={end.isPending} onClick={() => end.mutate()}>
      {end.isPending ? <Trans>Ending</Trans> : <Trans>End</Trans>}
    </Button>
  );
}
