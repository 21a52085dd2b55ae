import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { ChevronDown, Eye } from 'lucide-react';
import type { OrganizationDetail } from '@/api/staff';
import { CopyText } from '@/features/staff-kit/copy-text';
import { eventWord, stateTone, stateWord } from '@/features/staff-kit/words';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { Menu, MenuItem } from '@/ui/menu';
import { Status } from '@/ui/status';

interface HeaderProps {
  detail: OrganizationDetail;
  onEvent: (event: string) => void;
  onSupport: () => void;
}

/** The event that stands as a button of its own; the rest are in the menu beside it. */
export function mainEvent(events: OrganizationDetail['lifecycle']['events']): string | undefined {
  const allowed = events.filter((one) => one.allowed).map((one) => one.event);
  return ['reactivate', 'cancel_deletion', 'suspend'].find((event) => allowed.includes(event)) ?? allowed[0];
}

/** Who this is, in which state, and what can be done. */
export function OrganizationHeader({ detail, onEvent, onSupport }: HeaderProps) {
  const { organization } = detail;
  const maySupport = useCan('support.act');
  const events = detail.lifecycle.events;
  const main = mainEvent(events);
  const others = events.filter((one) => one.event !== main);
  const reachable = organization.state === 'active' || organization.state === 'read_only';
  return (
    <header className="mb-3.5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <nav aria-label={t`Breadcrumb`} className="text-text-3">
          <Link to="/organizations" className="rounded-1 hover:text-text">
            <Trans>Organizations</Trans>
          </Link>{' '}
          / <bdi>{organization.name}</bdi>
        </nav>
        <h1 tabIndex={-1} className="flex flex-wrap items-center gap-x-3 font-sans text-[22px] leading-[30px] font-[620] tracking-[-0.014em] wrap-anywhere">
          <bdi>{organization.name}</bdi>
          <Status tone={stateTone(organization.state)} className="text-[13px] leading-[18px] font-medium tracking-normal">
            {stateWord(organization.state)}
          </Status>
        </h1>
        <p className="flex flex-wrap items-center gap-x-2 mono text-text-2">
          {organization.host ? <span className="break-all">{organization.host}</span> : null}
          {organization.host ? <span aria-hidden="true">·</span> : null}
          <span>{organization.schema_name}</span>
          <span aria-hidden="true">·</span>
          <span title={organization.id}>{organization.id.slice(0, 13)}</span>
          <CopyText text={organization.id} what={t`the id`} />
        </p>
      </div>
      <div className="flex flex-wrap gap-2 max-sm:w-full max-sm:*:flex-1">
        {main ? (
          <Button variant={main === 'suspend' || main === 'ask_deletion' ? 'danger' : 'secondary'} onClick={() => onEvent(main)}>
            {eventWord(main)}…
          </Button>
        ) : null}
        {others.length > 0 ? (
          <Menu
            width={260}
            trigger={
              <Button iconEnd={<Icon as={ChevronDown} size={14} />}>
                <Trans>State</Trans>
              </Button>
            }
          >
            {others.map((one) => (
              <MenuItem
                key={one.event}
                danger={one.allowed && one.event === 'ask_deletion'}
                disabled={!one.allowed}
                detail={one.allowed ? null : one.why_not}
                onSelect={() => onEvent(one.event)}
              >
                {eventWord(one.event)}…
              </MenuItem>
            ))}
          </Menu>
        ) : null}
        {maySupport ? (
          <Button
            variant="primary"
            icon={<Icon as={Eye} />}
            onClick={onSupport}
            {...(reachable ? {} : { disabledReason: t`Nobody is served while it is ${stateWord(organization.state).toLowerCase()}.` })}
          >
            <Trans>Support access</Trans>
          </Button>
        ) : null}
      </div>
    </header>
  );
}
