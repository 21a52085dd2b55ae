import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { usePageTitle } from '@/app/page-title';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { readDraft, saveDraft } from './draft';
import { SignUpFrame } from './frame';
import { SignInPreview } from './preview';
import { SlugField, useSlug } from './slug-field';

/** Step 1: what the organization is called and where it lives. */
export function OrganizationPage() {
  usePageTitle(t`Create your organization`);
  const navigate = useNavigate();
  const { slug: claimed } = useSearch({ strict: false }) as { slug?: string };
  const [draft] = useState(readDraft);
  const [name, setName] = useState(draft.organizationName);
  const [nameError, setNameError] = useState<string>();
  const [slug, dispatch] = useSlug(claimed ?? draft.slug);
  const blocked = slug.check.kind === 'refused' || slug.check.kind === 'empty';

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const short = name.trim().length < 2;
    setNameError(short ? t`Give the name as your learners know it, at least two characters.` : undefined);
    if (short || blocked) {
      form.querySelector<HTMLInputElement>(short ? 'input[name=organization]' : 'input[name=slug]')?.focus();
      return;
    }
    saveDraft({ organizationName: name.trim(), slug: slug.value });
    void navigate({ to: '/sign-up/account' });
  };

  return (
    <SignUpFrame
      step={1}
      stepName={t`Organization`}
      title={<Trans>Name your organization</Trans>}
      beside={<SignInPreview name={name} slug={slug.value} />}
    >
      <form onSubmit={submit} noValidate className="grid gap-[22px]">
        <Field label={<Trans>Organization name</Trans>} required error={nameError}>
          <Input
            name="organization"
            value={name}
            maxLength={80}
            autoComplete="organization"
            // The page has one purpose and this is its first question.
            autoFocus={!draft.organizationName}
            onChange={(event) => {
              setName(event.target.value);
              setNameError(undefined);
              dispatch({ type: 'named', name: event.target.value });
            }}
          />
        </Field>
        <SlugField state={slug} dispatch={dispatch} />
        <div className="mt-1 flex flex-wrap items-center gap-3 max-sm:*:w-full">
          <Button type="submit" variant="primary" size="lg" iconEnd={<Icon as={ArrowRight} mirror />}>
            <Trans>Continue to your account</Trans>
          </Button>
          <span className="t-sm text-text-3 max-sm:hidden">
            <Trans>Next: your account, then a code by e-mail</Trans>
          </span>
        </div>
      </form>
    </SignUpFrame>
  );
}
