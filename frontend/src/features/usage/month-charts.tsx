import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { BillingUsage } from '@/api/types';
import { bytes } from '@/lib/size';
import { Bars } from '@/ui/charts/bars';
import { ChartFrame } from '@/ui/charts/chart-frame';
import { Columns } from '@/ui/charts/columns';
import { Table, Td, Th, Tr } from '@/ui/table';
import { monthAmount } from './month-words';
import { monthName, unitFor } from './words';

const words = () => ({ showTable: t`Show as table`, showChart: t`Show as chart` });
const MOST = 8;

/** What the month was for: the picture shows what was delivered, the table everything that is counted. */
export function DeliveredByCourse({ usage }: { usage: BillingUsage }) {
  const lines = usage.by_course;
  const sent = lines.filter((line) => line.delivered_bytes > 0).toSorted((a, b) => b.delivered_bytes - a.delivered_bytes);
  const [first] = sent;
  if (lines.length === 0) {
    return (
      <section>
        <h3 className="font-sans text-[13px] leading-[18px] font-semibold">
          <Trans>Delivered by course</Trans>
        </h3>
        <p className="mt-2.5 text-text-3">
          <Trans>Nothing was watched or converted yet.</Trans>
        </p>
      </section>
    );
  }
  return (
    <ChartFrame
      title={<Trans>Delivered by course</Trans>}
      sentence={first ? t`Most delivered: ${first.title}.` : t`Nothing was watched yet.`}
      {...words()}
      chart={
        <Bars
          label={t`Delivered by course`}
          rows={sent.slice(0, MOST).map((line) => ({ key: line.course_id ?? line.title, label: line.title, value: line.delivered_bytes, text: bytes(line.delivered_bytes) }))}
        />
      }
      table={
        <Table label={t`The month by course`}>
          <thead>
            <tr>
              <Th><Trans>Course</Trans></Th>
              <Th numeric><Trans>Delivered</Trans></Th>
              <Th numeric><Trans>Encoded</Trans></Th>
              <Th numeric className="pe-0!"><Trans>Stored now</Trans></Th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <Tr key={line.course_id ?? line.title}>
                <Td>{line.title}</Td>
                <Td numeric className="whitespace-nowrap">{bytes(line.delivered_bytes)}</Td>
                <Td numeric className="whitespace-nowrap">{monthAmount('transcode_seconds', line.transcode_seconds)}</Td>
                <Td numeric className="pe-0! whitespace-nowrap">{bytes(line.storage_bytes)}</Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      }
    />
  );
}

/** Twelve months: the picture shows what was delivered, the table what was converted beside it. */
export function DeliveredByMonth({ usage }: { usage: BillingUsage }) {
  const { months } = usage;
  const unit = unitFor(Math.max(...months.map((month) => month.delivered_bytes)));
  const total = months.reduce((sum, month) => sum + month.delivered_bytes, 0);
  const [first] = months;
  const last = months.at(-1);
  if (months.every((month) => month.delivered_bytes === 0 && month.transcode_seconds === 0)) return null;
  return (
    <ChartFrame
      title={<Trans>Twelve months</Trans>}
      sentence={t`${bytes(total)} were delivered in all.`}
      {...words()}
      chart={
        <div className="grid gap-1.5 pt-2">
          <p className="t-xs text-text-3">
            <Trans>Delivered in each month, in {unit.word}</Trans>
          </p>
          <Columns
            label={t`Delivered in each month. This month ${bytes(last?.delivered_bytes ?? 0)}.`}
            values={months.map((month) => ({
              key: month.month,
              value: Number((month.delivered_bytes / unit.size).toFixed(1)),
              label: `${monthName(month.month)}: ${bytes(month.delivered_bytes)}`,
            }))}
            from={first ? monthName(first.month) : ''}
            to={last ? monthName(last.month) : ''}
          />
        </div>
      }
      table={
        <Table label={t`Delivered and encoded by month`}>
          <thead>
            <tr>
              <Th><Trans>Month</Trans></Th>
              <Th numeric><Trans>Delivered</Trans></Th>
              <Th numeric className="pe-0!"><Trans>Encoded</Trans></Th>
            </tr>
          </thead>
          <tbody>
            {months.toReversed().map((month) => (
              <Tr key={month.month}>
                <Td className="whitespace-nowrap">{monthName(month.month)}</Td>
                <Td numeric>{bytes(month.delivered_bytes)}</Td>
                <Td numeric className="pe-0!">{monthAmount('transcode_seconds', month.transcode_seconds)}</Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      }
    />
  );
}
