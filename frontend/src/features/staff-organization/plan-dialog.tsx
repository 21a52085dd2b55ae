import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { OrganizationDetail, Plan } from '@/api/staff';
import { ReasonDialog } from '@/features/staff-kit/reason-dialog';
import { spaced } from '@/features/staff-kit/words';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Select } from '@/ui/select';
import { toast } from '@/ui/toast';
import { assignPlan, organizationKeys, PLANS } from './api';

/** Puts the organization on a plan by hand; its limits follow at once. */
export function PlanDialog({ detail, onClose }: { detail: OrganizationDetail; onClose: () => void }) {
  const client = useQueryClient();
  const [plan, setPlan] = useState<Plan>(detail.plan);
  const [customer, setCustomer] = useState(detail.stripe_customer ?? '');
  return (
    <ReasonDialog
      title={
        <Trans>
          Plan of <bdi>{detail.organization.name}</bdi>
        </Trans>
      }
      description={<Trans>Its limits follow at once. What is above a smaller limit stays; nothing new is taken in.</Trans>}
      act={<Trans>Save plan</Trans>}
      acting={<Trans>Saving</Trans>}
      run={({ reason, ticket }) => assignPlan(detail.organization.id, { plan, stripe_customer: customer.trim() || null, reason, ticket })}
      onClose={onClose}
      onDone={() => {
        void client.invalidateQueries({ queryKey: organizationKeys.one(detail.organization.id) });
        void client.invalidateQueries({ queryKey: ['organizations'] });
        toast(t`Plan saved`);
        onClose();
      }}
    >
      <Field label={<Trans>Plan</Trans>}>
        <Select value={plan} onChange={setPlan} options={PLANS.map((value) => ({ value, label: spaced(value) }))} />
      </Field>
      <Field label={<Trans>Customer at Stripe</Trans>} hint={t`Begins with cus_; empty where there is none.`}>
        <Input className="mono" autoComplete="off" spellCheck={false} value={customer} onChange={(event) => setCustomer(event.target.value)} />
      </Field>
    </ReasonDialog>
  );
}
