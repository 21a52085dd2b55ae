import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError } from '@/api/errors';
import { Failure, Forbidden } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { boot, updateBoot } from '@/lib/boot';
import { useCan } from '@/lib/permissions';
import { day } from '@/lib/time';
import { Badge } from '@/ui/badge';
import { Button, buttonClass } from '@/ui/button';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { PageBody } from '@/ui/page';
import { Skeleton } from '@/ui/skeleton';
import { toast } from '@/ui/toast';
import { type Organization, organizationQuery, renameOrganization } from './api';
import { DeleteDialog } from './delete-dialog';

/** Settings, Organization: what it is called, how it stands, and how it ends. */
export function OrganizationPage() {
  usePageTitle(t`Organization`);
  const may = useCan('organization.view');
  const mayEnd = useCan('organization.delete');
  const found = useQuery({ ...organizationQuery, enabled: may });
  return (
    <PageBody>
      {!may ? (
        <Forbidden compact />
      ) : found.data ? (
        <div className="grid max-w-[720px] gap-10">
          <Name organization={found.data} />
          <Standing organization={found.data} />
          {mayEnd ? <End organization={found.data} /> : null}
        </div>
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <div className="grid max-w-[720px] gap-4">
          <Skeleton className="h-5 w-24" />
          <Skeleton className="h-11 w-full" />
          <Skeleton className="mt-6 h-5 w-32" />
          <Skeleton className="h-24 w-full" />
        </div>
      )}
    </PageBody>
  );
}

function Name({ organization }: { organization: Organization }) {
  const client = useQueryClient();
  const may = useCan('organization.edit') && organization.state === 'active';
  const [name, setName] = useState(organization.name);
  const wanted = name.trim().replaceAll(/\s+/g, ' ');
  const send = useMutation({
    mutationFn: () => renameOrganization(wanted),
    onSuccess: (done) => {
      client.setQueryData(organizationQuery.queryKey, done);
      const { organization: known, brand } = boot();
      updateBoot({ brand: { ...brand, name: done.name }, ...(known ? { organization: { ...known, name: done.name } } : {}) });
      setName(done.name);
      toast(t`The name is changed`);
    },
  });
  const error = send.error instanceof ApiError ? (send.error.fieldErrors['name'] ?? send.error.detail) : send.error ? t`The fault is ours. Try again in a moment.` : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wanted.length >= 2 && wanted !== organization.name) send.mutate();
  };
  return (
    <form noValidate onSubmit={submit} className="grid gap-3 sm:grid-cols-[minmax(0,1fr)_auto] sm:items-start">
      <Field label={<Trans>Name</Trans>} hint={t`Learners see it on every page and in every mail.`} {...(error ? { error } : {})}>
        <Input
          name="name"
          value={name}
          disabled={!may}
          maxLength={80}
          autoComplete="organization"
          onChange={(event) => {
            setName(event.target.value);
            send.reset();
          }}
        />
      </Field>
      <Button
        type="submit"
        className="sm:mt-[26px]"
        loading={send.isPending}
        disabled={!may || wanted.length < 2 || wanted === organization.name}
      >
        <Trans>Change name</Trans>
      </Button>
    </form>
  );
}

function Standing({ organization }: { organization: Organization }) {
  const readOnly = organization.state === 'read_only';
  return (
    <section aria-labelledby="standing">
      <h2 id="standing" className="t-h4">
        <Trans>State</Trans>
      </h2>
      <dl className="mt-3 grid grid-cols-[minmax(112px,auto)_minmax(0,1fr)] gap-x-6 gap-y-2">
        <dt className="text-text-2">
          <Trans>Now</Trans>
        </dt>
        <dd>
          <Badge tone={readOnly ? 'warning' : 'success'}>{readOnly ? <Trans>Read-only</Trans> : <Trans>Active</Trans>}</Badge>{' '}
          <span className="text-text-2">
            <Trans>since {day(organization.state_since)}</Trans>
          </span>
        </dd>
        <dt className="text-text-2">
          <Trans>Address</Trans>
        </dt>
        <dd className="wrap-anywhere">
          <bdi>{organization.host}</bdi>
        </dd>
        <dt className="text-text-2">
          <Trans>Made on</Trans>
        </dt>
        <dd>{day(organization.created_at)}</dd>
      </dl>
      {readOnly ? (
        <Notice tone="warning" className="mt-4" title={<Trans>Nothing can be changed in the studio for now.</Trans>}>
          {organization.reason ? <Trans>The reason given: {organization.reason}</Trans> : <Trans>Learners go on, and their progress is kept.</Trans>}
        </Notice>
      ) : null}
    </section>
  );
}

function End({ organization }: { organization: Organization }) {
  const [asking, setAsking] = useState(false);
  return (
    <section aria-labelledby="end" className="border-t border-line pt-8">
      <h2 id="end" className="t-h4">
        <Trans>Leave</Trans>
      </h2>
      <div className="mt-4 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 max-w-[46ch]">
          <h3 className="font-[560]">
            <Trans>Take everything along</Trans>
          </h3>
          <p className="text-text-2">
            <Trans>People, courses, progress and films as one archive, with a description of what is in it.</Trans>
          </p>
        </div>
        <a href="/studio/settings/data" className={buttonClass('secondary', 'md', 'max-sm:w-full')}>
          <Trans>Export everything</Trans>
        </a>
      </div>
      <div className="mt-6 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 max-w-[46ch]">
          <h3 className="font-[560]">
            <Trans>Delete the organization</Trans>
          </h3>
          <p className="text-text-2">
            <Trans>Members are locked out at once. After 30 days everything is deleted for good.</Trans>
          </p>
        </div>
        <Button variant="danger" className="max-sm:w-full" onClick={() => setAsking(true)}>
          <Trans>Delete organization</Trans>
        </Button>
      </div>
      {asking ? <DeleteDialog organization={organization} open onClose={() => setAsking(false)} /> : null}
    </section>
  );
}
