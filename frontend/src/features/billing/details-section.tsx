import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { Controller, useForm, type UseFormReturn } from 'react-hook-form';
import { ApiError } from '@/api/errors';
import { readAddresses } from '@/features/people/addresses';
import { takeFieldErrors } from '@/lib/forms';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { Radio } from '@/ui/radio';
import { Select } from '@/ui/select';
import { Status } from '@/ui/status';
import { Textarea } from '@/ui/textarea';
import { toast } from '@/ui/toast';
import { billingQuery, saveAccount } from './api';
import { countries } from './countries';
import type { Account, Billing } from './model';
import { vatWords } from './words';

interface Details {
  legal_name: string;
  line1: string;
  line2: string;
  postal_code: string;
  city: string;
  state: string;
  country: string;
  vat_id: string;
  po_number: string;
  contacts: string;
  collection: Account['collection'];
}

type Form = UseFormReturn<Details>;

const ADDRESS = ['line1', 'line2', 'postal_code', 'city', 'state'] as const;
const FIELDS = ['legal_name', ...ADDRESS, 'country', 'vat_id', 'po_number', 'contacts', 'collection'] as const;

function formOf(account: Account): Details {
  const { address, contacts, legal_name, country, vat_id, po_number, collection } = account;
  return {
    legal_name,
    country,
    vat_id,
    po_number,
    collection,
    contacts: contacts.join('\n'),
    line1: address.line1 ?? '',
    line2: address.line2 ?? '',
    postal_code: address.postal_code ?? '',
    city: address.city ?? '',
    state: address.state ?? '',
  };
}

function accountOf(values: Details): Partial<Account> {
  const { line1, line2, postal_code, city, state, contacts, vat_id, ...rest } = values;
  return {
    ...rest,
    vat_id: vat_id.trim().toUpperCase(),
    address: { line1, line2, postal_code, city, state },
    contacts: readAddresses(contacts).valid,
  };
}

/** What stands on invoices, where they go, and how they are paid. */
export function DetailsSection({ billing, mayManage }: { billing: Billing; mayManage: boolean }) {
  const client = useQueryClient();
  const [problem, setProblem] = useState<string | null>(null);
  const form = useForm<Details>({ defaultValues: formOf(billing.account) });
  const { isDirty } = form.formState;
  // What Stripe said meanwhile (a VAT id that is verified) belongs here too, but never over what is being typed.
  const { reset } = form;
  useEffect(() => {
    if (!isDirty) reset(formOf(billing.account));
    // Only news from the server fills the form anew: that it is clean again, after a save, is no news.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [billing.account, reset]);
  const save = useMutation({
    mutationFn: saveAccount,
    onSuccess: (done) => {
      client.setQueryData(billingQuery.queryKey, done);
      reset(formOf(done.account));
      toast(t`Saved; it is on the next invoice`);
    },
    onError: (error) => {
      const names = Object.fromEntries(ADDRESS.map((name) => [`address.${name}`, name]));
      setProblem(error instanceof ApiError ? takeFieldErrors(error, form.setError, FIELDS, names) : t`The fault is ours. Try again in a moment.`);
    },
  });
  return (
    <section aria-labelledby="details">
      <h2 id="details" className="t-h4">
        <Trans>Billing details</Trans>
      </h2>
      <p className="mt-1.5 text-text-2">
        <Trans>What stands on your invoices. The country and the VAT id decide the tax.</Trans>
      </p>
      <form
        noValidate
        className="mt-5 grid gap-5 sm:grid-cols-2"
        onSubmit={(event) => {
          setProblem(null);
          void form.handleSubmit((values) => save.mutate(accountOf(values)))(event);
        }}
      >
        {problem ? <Notice tone="danger" live className="sm:col-span-2" title={problem} /> : null}
        <fieldset disabled={!mayManage} className="contents">
          <AddressFields form={form} />
          <TaxFields form={form} account={billing.account} />
          <PaymentFields form={form} />
        </fieldset>
        {mayManage ? (
          <div className="sm:col-span-2">
            <Button type="submit" variant="secondary" loading={save.isPending} disabled={!isDirty}>
              {save.isPending ? <Trans>Saving</Trans> : <Trans>Save details</Trans>}
            </Button>
          </div>
        ) : null}
      </form>
    </section>
  );
}

function AddressFields({ form }: { form: Form }) {
  const { register, control, formState } = form;
  const { errors } = formState;
  const places = useMemo(() => [{ value: '', label: t`Not given` }, ...countries()], []);
  return (
    <>
      <Field label={<Trans>Legal name</Trans>} error={errors.legal_name?.message} className="sm:col-span-2">
        <Input autoComplete="organization" maxLength={200} {...register('legal_name')} />
      </Field>
      <Field label={<Trans>Street and number</Trans>} error={errors.line1?.message}>
        <Input autoComplete="address-line1" maxLength={200} {...register('line1')} />
      </Field>
      <Field label={<Trans>Floor, building, department</Trans>} error={errors.line2?.message}>
        <Input autoComplete="address-line2" maxLength={200} {...register('line2')} />
      </Field>
      <Field label={<Trans>Postal code</Trans>} error={errors.postal_code?.message}>
        <Input autoComplete="postal-code" maxLength={20} {...register('postal_code')} />
      </Field>
      <Field label={<Trans>City</Trans>} error={errors.city?.message}>
        <Input autoComplete="address-level2" maxLength={100} {...register('city')} />
      </Field>
      <Field label={<Trans>State or region</Trans>} error={errors.state?.message}>
        <Input autoComplete="address-level1" maxLength={100} {...register('state')} />
      </Field>
      <Field label={<Trans>Country</Trans>} error={errors.country?.message}>
        <Controller
          control={control}
          name="country"
          render={({ field }) => <Select value={field.value} onChange={field.onChange} autoComplete="country" options={places} />}
        />
      </Field>
    </>
  );
}

function TaxFields({ form, account }: { form: Form; account: Account }) {
  const { register, formState } = form;
  const { errors } = formState;
  const vat = account.vat_id ? vatWords(account.vat_state) : null;
  return (
    <>
      <Field
        label={<Trans>VAT id</Trans>}
        error={errors.vat_id?.message}
        hint={
          vat ? (
            <Status tone={vat.tone} className="whitespace-normal!">
              {vat.word}
            </Status>
          ) : (
            <Trans>With its country, such as DE123456789. A valid one from another EU country means reverse charge.</Trans>
          )
        }
      >
        <Input autoComplete="off" autoCapitalize="characters" spellCheck={false} maxLength={32} {...register('vat_id')} />
      </Field>
      <Field label={<Trans>Purchase order number</Trans>} error={errors.po_number?.message} hint={<Trans>Printed on every invoice from the next one on.</Trans>}>
        <Input autoComplete="off" maxLength={30} {...register('po_number')} />
      </Field>
    </>
  );
}

function PaymentFields({ form }: { form: Form }) {
  const { register, control, formState } = form;
  const { errors } = formState;
  return (
    <>
      <Field
        label={<Trans>Billing contacts</Trans>}
        error={errors.contacts?.message}
        hint={<Trans>One address a line, ten at most. They get invoices and reminders, as owners do.</Trans>}
        className="sm:col-span-2"
      >
        <Textarea
          rows={2}
          inputMode="email"
          autoCapitalize="none"
          spellCheck={false}
          {...register('contacts', {
            validate: (text) => {
              const { valid, invalid } = readAddresses(text);
              if (invalid.length > 0) return t`This is not a full address: ${invalid.slice(0, 3).join(', ')}`;
              return valid.length > 10 ? t`Ten at most.` : true;
            },
          })}
        />
      </Field>
      <Controller
        control={control}
        name="collection"
        render={({ field }) => (
          <Radio
            className="sm:col-span-2"
            label={<Trans>How you pay</Trans>}
            name="collection"
            value={field.value}
            onChange={field.onChange}
            options={[
              { value: 'card', label: t`By card`, detail: t`Charged on the day of the invoice.` },
              { value: 'invoice', label: t`By invoice`, detail: t`Sent by mail, to be paid within 30 days, by bank transfer or card.` },
            ]}
          />
        )}
      />
    </>
  );
}
