import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, RotateCw } from 'lucide-react';
import { useState } from 'react';
import { ApiError } from '@/api/errors';
import type { DomainRow, Domains } from '@/api/types';
import { day } from '@/lib/time';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { IconButton } from '@/ui/icon-button';
import { Menu, MenuItem } from '@/ui/menu';
import { Notice } from '@/ui/notice';
import { Status } from '@/ui/status';
import { checkDomain, domainsQuery } from './api';
import { PrimaryDialog, ReleaseDialog } from './domain-dialogs';
import { Records } from './records';
import { stateOf } from './states';

/** One domain: how far it is, its records, and what can be done with it. */
export function DomainCard({ row }: { row: DomainRow }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState<'release' | 'primary' | null>(null);
  const settled = row.state === 'active' && !row.failing_since;
  const [open, setOpen] = useState(!settled);
  const check = useMutation({
    mutationFn: () => checkDomain(row.id),
    onSuccess: (seen) =>
      client.setQueryData<Domains>(domainsQuery.queryKey, (old) =>
        old ? { ...old, items: old.items.map((item) => (item.id === seen.id ? seen : item)) } : old,
      ),
  });
  const { tone, word, detail } = stateOf(row);
  const mayLead = row.state === 'active' && !row.is_primary && !row.failing_since;
  return (
    <li className="border-t border-line py-4 first:border-t-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <h3 className="min-w-0 font-medium wrap-anywhere">
          <bdi>{row.shown}</bdi>
          {row.shown === row.host ? null : <span className="ms-2 font-mono text-[12px] text-text-3">{row.host}</span>}
        </h3>
        <Status tone={tone} className="t-sm">
          {word}
        </Status>
        {row.is_primary ? (
          <Badge>
            <Trans>Primary</Trans>
          </Badge>
        ) : null}
        <span className="ms-auto flex items-center gap-1.5">
          <Button size="sm" icon={<Icon as={RotateCw} size={14} />} loading={check.isPending} onClick={() => check.mutate()} className="pointer-coarse:h-11">
            {check.isPending ? <Trans>Looking</Trans> : <Trans>Look now</Trans>}
          </Button>
          <Menu trigger={<IconButton icon={Ellipsis} label={t`More for ${row.shown}`} />}>
            <MenuItem onSelect={() => setOpen(!open)}>{open ? <Trans>Hide the records</Trans> : <Trans>Show the records</Trans>}</MenuItem>
            <MenuItem
              disabled={!mayLead}
              detail={row.is_primary ? t`It is already` : mayLead ? undefined : t`Once it is active`}
              onSelect={() => setAsking('primary')}
            >
              <Trans>Make it primary</Trans>
            </MenuItem>
            <MenuItem danger onSelect={() => setAsking('release')}>
              <Trans>Remove</Trans>
            </MenuItem>
          </Menu>
        </span>
      </div>
      <p className="mt-0.5 t-sm text-text-2">
        {detail} <LastLook row={row} />
      </p>
      {row.disabled_at ? (
        <Notice tone="warning" className="mt-3" title={<Trans>Switched off on {day(row.disabled_at)}, if nothing changes.</Trans>} />
      ) : null}
      {check.error ? (
        <Notice tone="danger" live className="mt-3" title={<Trans>We could not look.</Trans>}>
          {check.error instanceof ApiError ? check.error.detail : <Trans>The fault is ours. Try again in a moment.</Trans>}
        </Notice>
      ) : null}
      {open ? (
        <div className="mt-3">
          <Records records={row.records} looked={row.checked_at !== null} />
        </div>
      ) : null}
      <ReleaseDialog row={row} open={asking === 'release'} onClose={() => setAsking(null)} />
      <PrimaryDialog id={row.id} host={row.host} url={row.url} open={asking === 'primary'} onClose={() => setAsking(null)} />
    </li>
  );
}

function LastLook({ row }: { row: DomainRow }) {
  if (!row.checked_at) return null;
  const moment = new Date(row.checked_at);
  const time = moment.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  const today = moment.toDateString() === new Date().toDateString();
  return <span className="text-text-3">{today ? t`Last looked at ${time}.` : t`Last looked on ${day(row.checked_at)}, ${time}.`}</span>;
}
