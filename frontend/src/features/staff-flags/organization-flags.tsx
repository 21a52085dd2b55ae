import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Flag } from '@/api/staff';
import { Section } from '@/features/staff-kit/page';
import { sentence } from '@/features/staff-kit/problem';
import { useCan } from '@/lib/permissions';
import { Skeleton } from '@/ui/skeleton';
import { Switch } from '@/ui/switch';
import { toast } from '@/ui/toast';
import { flagsKeys, flagsQuery, setRules } from './api';
import { onFor, withoutRule, withRule } from './model';

/** Which flags are on for one organization, and its own switch for each. */
export function OrganizationFlags({ organization, plan }: { organization: string; plan: string }) {
  const flags = useQuery(flagsQuery);
  if (flags.isError) return null;
  return (
    <Section
      title={<Trans>Flags</Trans>}
      aside={
        <Link to="/flags" className="link">
          <Trans>All flags</Trans>
        </Link>
      }
    >
      {flags.isPending ? (
        <Skeleton className="h-16" />
      ) : flags.data.items.length === 0 ? (
        <p className="border-t border-line pt-2 text-text-3">
          <Trans>There are none.</Trans>
        </p>
      ) : (
        <ul>
          {flags.data.items.map((flag) => (
            <li key={flag.key} className="border-t border-line py-1.5">
              <Row flag={flag} organization={organization} plan={plan} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Row({ flag, organization, plan }: { flag: Flag; organization: string; plan: string }) {
  const client = useQueryClient();
  const may = useCan('operations.act');
  const own = { kind: 'organization' as const, value: organization };
  const why = onFor(flag, organization, plan);
  const change = useMutation({
    mutationFn: (on: boolean) => setRules(flag.key, on ? withRule(flag.rules, own) : withoutRule(flag.rules, own)),
    onSuccess: () => client.invalidateQueries({ queryKey: flagsKeys.all }),
    onError: (error) => toast(sentence(error)),
  });
  const hint =
    why === 'killed' ? t`Killed for everyone` : why === 'plan' ? t`On by plan` : why === 'everyone' ? t`On for everyone` : why === 'share' ? t`Part of a share; this switch makes sure` : undefined;
  return (
    <Switch
      row
      checked={why === 'organization' || why === 'plan' || why === 'everyone'}
      disabled={!may || why === 'killed' || why === 'plan' || why === 'everyone' || change.isPending}
      onChange={(on) => change.mutate(on)}
      label={<span className="mono break-all">{flag.key}</span>}
      hint={hint}
    />
  );
}
