import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Controller, useForm } from 'react-hook-form';
import { usePageTitle } from '@/app/page-title';
import { takeFieldErrors } from '@/lib/forms';
import { useMe } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { Select } from '@/ui/select';
import { toast } from '@/ui/toast';
import { AccountFrame, AccountSection } from './account-frame';
import { saveProfile } from './api';
import { EmailSection } from './email-section';

interface Profile {
  name: string;
  locale: string;
  zone: string;
}

/** Who one is here: name, language and zone, and the address. */
export function ProfilePage() {
  usePageTitle(t`Your account`);
  return (
    <AccountFrame>
      <Details />
      <EmailSection />
    </AccountFrame>
  );
}

function Details() {
  const me = useMe();
  const member = me?.member;
  const [problem, setProblem] = useState<string | null>(null);
  const form = useForm<Profile>({
    defaultValues: { name: member?.name ?? '', locale: member?.locale ?? 'en', zone: member?.zone ?? 'UTC' },
  });
  const save = useMutation({
    mutationFn: saveProfile,
    onSuccess: (_, values) => {
      form.reset(values);
      toast(t`Saved`);
    },
    onError: (error) => setProblem(takeFieldErrors(error, form.setError, ['name', 'locale', 'zone'])),
  });
  const zones = useMemo(() => {
    const known = Intl.supportedValuesOf('timeZone');
    const own = member?.zone ?? 'UTC';
    return [...new Set(['UTC', own, ...known])].map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }));
  }, [member?.zone]);
  const errors = form.formState.errors;
  return (
    <AccountSection title={<Trans>Profile</Trans>} lead={<Trans>Your name is what others here see.</Trans>}>
      <form
        noValidate
        className="grid max-w-[416px] gap-5"
        onSubmit={(event) => {
          setProblem(null);
          void form.handleSubmit((values) => save.mutate(values))(event);
        }}
      >
        {problem ? <Notice tone="danger" live title={problem} /> : null}
        <Field label={<Trans>Name</Trans>} required error={errors.name?.message}>
          <Input autoComplete="name" maxLength={200} {...form.register('name', { required: t`Give your name.` })} />
        </Field>
        <Field label={<Trans>Language</Trans>} hint={<Trans>For mails and pages, where they are translated.</Trans>} error={errors.locale?.message}>
          <Controller
            control={form.control}
            name="locale"
            render={({ field }) => (
              <Select
                value={field.value}
                onChange={field.onChange}
                options={[
                  { value: 'en', label: 'English' },
                  ...(field.value === 'en' ? [] : [{ value: field.value, label: field.value }]),
                ]}
              />
            )}
          />
        </Field>
        <Field label={<Trans>Time zone</Trans>} hint={<Trans>Deadlines are shown in it.</Trans>} error={errors.zone?.message}>
          <Controller
            control={form.control}
            name="zone"
            render={({ field }) => <Select value={field.value} onChange={field.onChange} options={zones} />}
          />
        </Field>
        <Button
          type="submit"
          variant="primary"
          className="justify-self-start"
          loading={save.isPending}
        >
          {save.isPending ? <Trans>Saving</Trans> : <Trans>Save</Trans>}
        </Button>
      </form>
    </AccountSection>
  );
}
