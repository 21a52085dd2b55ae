import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { Distribution, Quota } from '@/api/staff';
import { ago, count, moment } from '@/features/staff-kit/age';
import { Section } from '@/features/staff-kit/page';
import { Progress } from '@/ui/progress';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { distributionTone, distributionWord, fill, isTight, kindWord, quotaWord } from './model';

/** Each distribution: what it holds of what it may, whether a change is on its way, and who changed it last. */
export function Distributions({ distributions }: { distributions: readonly Distribution[] }) {
  return (
    <Section title={<Trans>Distributions</Trans>}>
      <Table label={t`Distributions`}>
        <thead>
          <tr>
            <Th>
              <Trans>Distribution</Trans>
            </Th>
            <Th numeric>
              <Trans>Organizations</Trans>
            </Th>
            <Th className="w-[28%] max-md:hidden">
              <Trans>Used</Trans>
            </Th>
            <Th numeric className="max-lg:hidden">
              <Trans>Key groups</Trans>
            </Th>
            <Th numeric className="max-lg:hidden">
              <Trans>Public keys</Trans>
            </Th>
            <Th className="pe-0! max-sm:hidden">
              <Trans>Written last</Trans>
            </Th>
          </tr>
        </thead>
        <tbody>
          {distributions.map((one) => (
            <Tr key={one.id}>
              <Td className="max-w-[320px] py-2">
                <span className="flex flex-wrap items-center gap-x-2.5 gap-y-0.5">
                  <span className="mono font-medium wrap-anywhere">{one.id}</span>
                  <span className="text-text-3">{kindWord(one.kind)}</span>
                </span>
                <Status tone={distributionTone(one)} className="mt-0.5 whitespace-normal!">
                  {distributionWord(one)}
                </Status>
                {one.problem ? <span className="block wrap-anywhere text-danger-text">{one.problem}</span> : null}
                <span className="mt-1 grid gap-1.5 md:hidden">
                  <Quotas quotas={one.quotas} of={one.id} />
                </span>
              </Td>
              <Td numeric className="whitespace-nowrap">
                {count(one.organizations)}
                {one.leaving > 0 ? <span className="block text-text-3">{t`${count(one.leaving)} on the way`}</span> : null}
              </Td>
              <Td className="py-2 max-md:hidden">
                {one.quotas.length > 0 ? (
                  <span className="grid gap-1.5">
                    <Quotas quotas={one.quotas} of={one.id} />
                  </span>
                ) : (
                  <span className="text-text-3">{one.kind === 'template' ? t`as many tenants as the account may have` : '–'}</span>
                )}
              </Td>
              <Td numeric className="text-text-2 max-lg:hidden">
                {count(one.key_groups)}
              </Td>
              <Td numeric className="text-text-2 max-lg:hidden">
                {count(one.public_keys)}
              </Td>
              <Td className="py-2 pe-0! max-sm:hidden">
                {one.written_at ? (
                  <span className="block">
                    <time dateTime={one.written_at} title={moment(one.written_at)}>
                      {ago(one.written_at)}
                    </time>
                    <span className="block mono text-text-3 wrap-anywhere">{one.written_by}</span>
                  </span>
                ) : (
                  <span className="text-text-3">{t`never by us`}</span>
                )}
                {one.looked_at ? <span className="block text-text-3">{t`looked at: ${ago(one.looked_at)}`}</span> : null}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}

function Quotas({ quotas, of }: { quotas: readonly Quota[]; of: string }) {
  return quotas.map((quota) => <QuotaBar key={quota.name} quota={quota} of={of} />);
}

/** One quota as a bar and in words; its words warn where little is left. */
export function QuotaBar({ quota, of }: { quota: Quota; of: string }) {
  const name = quotaWord(quota.name);
  const words = t`${count(quota.used)} of ${count(quota.limit)}`;
  return (
    <span className="grid gap-1">
      <span className="flex flex-wrap justify-between gap-x-3">
        <span className="text-text-2">{name}</span>
        <span className={isTight(quota) ? 'font-semibold tabular-nums text-warning-text' : 'tabular-nums'}>
          {words}
          {quota.kept_free > 0 ? <span className="font-normal text-text-3">{t`, ${count(quota.kept_free)} kept free`}</span> : null}
        </span>
      </span>
      <Progress value={fill(quota)} label={t`${name} of ${of}`} valueText={words} />
    </span>
  );
}
