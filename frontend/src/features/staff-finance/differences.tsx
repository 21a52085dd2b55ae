import { t } from '@lingui/core/macro';
import type { Difference } from '@/api/staff';
import { CopyText } from '@/features/staff-kit/copy-text';
import { OrganizationLink } from '@/features/staff-kit/organization-link';
import { money } from '@/lib/money';

/** Whatever did not agree, by organization, with what to do about it. */
export function Differences({ items }: { items: readonly Difference[] }) {
  return (
    <ul aria-label={t`Differences`}>
      {items.map((item) => (
        <li key={`${item.kind} ${item.organization_id} ${item.reference} ${item.currency}`} className="grid gap-x-6 gap-y-1 border-t border-line py-2.5 sm:grid-cols-[minmax(0,1fr)_auto]">
          <div className="grid min-w-0 gap-0.5">
            <span className="font-medium">
              {item.organization_id ? <OrganizationLink id={item.organization_id} name={item.organization_name} /> : t`Nobody’s`}
            </span>
            <span>{item.words}</span>
            <span className="text-text-2">{item.todo}</span>
            {item.reference ? (
              <span className="flex items-center gap-1 mono break-all text-text-3">
                {item.reference}
                <CopyText text={item.reference} what={item.reference} />
              </span>
            ) : null}
          </div>
          <dl className="grid grid-cols-[auto_auto] content-start gap-x-3 tabular-nums">
            <Side name={t`Ledger`} minor={item.ledger_minor} currency={item.currency} />
            <Side name={t`Ours`} minor={item.rows_minor} currency={item.currency} />
            <Side name="Stripe" minor={item.stripe_minor} currency={item.currency} />
          </dl>
        </li>
      ))}
    </ul>
  );
}

function Side({ name, minor, currency }: { name: string; minor: number | null; currency: string }) {
  if (minor === null) return null;
  return (
    <>
      <dt className="text-text-3">{name}</dt>
      <dd className="text-end">{money(minor, currency)}</dd>
    </>
  );
}
