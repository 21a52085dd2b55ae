import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { takeFieldErrors } from '@/lib/forms';
import { useMe } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Notice } from '@/ui/notice';
import { PasswordInput } from '@/ui/password-input';
import { PASSWORD_MIN, PasswordPolicy } from '@/ui/password-policy';
import { toast } from '@/ui/toast';
import { AccountSection } from './account-frame';
import { accountKeys, changePassword, refreshStanding } from './api';

/** The password, and changing it. */
export function PasswordSection({ hasPassword }: { hasPassword: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <AccountSection
      title={<Trans>Password</Trans>}
      lead={<Trans>A new one signs you out everywhere else.</Trans>}
      action={
        hasPassword ? (
          <Button onClick={() => setOpen(true)}>
            <Trans>Change password</Trans>
          </Button>
        ) : null
      }
    >
      {open ? <ChangePassword onClose={() => setOpen(false)} /> : null}
    </AccountSection>
  );
}

interface Passwords {
  current_password: string;
  new_password: string;
}

function ChangePassword({ onClose }: { onClose: () => void }) {
  const id = useId();
  const me = useMe();
  const client = useQueryClient();
  const [problem, setProblem] = useState<string | null>(null);
  const form = useForm<Passwords>({ defaultValues: { current_password: '', new_password: '' } });
  const next = useWatch({ control: form.control, name: 'new_password' });
  const change = useMutation({
    mutationFn: (values: Passwords) => changePassword(values.current_password, values.new_password),
    onSuccess: async () => {
      // The token for writes was replaced with the session.
      await refreshStanding();
      void client.invalidateQueries({ queryKey: accountKeys.sessions });
      toast(t`Password changed. You are signed out everywhere else.`);
      onClose();
    },
    onError: (error) => setProblem(takeFieldErrors(error, form.setError, ['current_password', 'new_password'])),
  });
  const errors = form.formState.errors;
  const personal = [me?.member.name ?? '', me?.member.email ?? ''];
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={<Trans>Change your password</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Not now</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary" loading={change.isPending}>
            {change.isPending ? <Trans>Saving</Trans> : <Trans>Save password</Trans>}
          </Button>
        </>
      }
    >
      <form
        id={id}
        noValidate
        className="grid gap-5"
        onSubmit={(event) => {
          setProblem(null);
          void form.handleSubmit((values) => change.mutate(values))(event);
        }}
      >
        {problem ? <Notice tone="danger" live title={problem} /> : null}
        {/* For password managers: whose password this is. */}
        <input type="hidden" autoComplete="username" value={me?.member.email ?? ''} readOnly />
        <Field label={<Trans>Password now</Trans>} required error={errors.current_password?.message}>
          <PasswordInput
            autoFocus
            autoComplete="current-password"
            showLabel={t`Show the password`}
            hideLabel={t`Hide the password`}
            {...form.register('current_password', { required: t`Give the password you have now.` })}
          />
        </Field>
        <div className="grid gap-2">
          <Field label={<Trans>New password</Trans>} required error={errors.new_password?.message}>
            <PasswordInput
              autoComplete="new-password"
              maxLength={256}
              showLabel={t`Show the password`}
              hideLabel={t`Hide the password`}
              {...form.register('new_password', {
                required: t`Use at least ${PASSWORD_MIN} characters.`,
                minLength: { value: PASSWORD_MIN, message: t`Use at least ${PASSWORD_MIN} characters.` },
              })}
            />
          </Field>
          <PasswordPolicy password={next} personal={personal} />
        </div>
      </form>
    </Dialog>
  );
}
