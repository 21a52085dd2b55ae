import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import type { Usage } from '@/api/types';
import { bytes } from '@/lib/size';
import { Bars } from '@/ui/charts/bars';
import { ChartFrame } from '@/ui/charts/chart-frame';
import { Columns } from '@/ui/charts/columns';
import { Table, Td, Th, Tr } from '@/ui/table';
import { kindName, type Month, monthName, monthsSentence, unitFor } from './words';

const words = () => ({ showTable: t`Show as table`, showChart: t`Show as chart` });
const MOST = 8;

interface Line {
  key: string;
  name: ReactNode;
  value: number;
}

function Lines({ title, label, sentence, lines, names }: { title: ReactNode; label: string; sentence: string; lines: readonly Line[]; names: ReactNode }) {
  return (
    <ChartFrame
      title={title}
      sentence={sentence}
      {...words()}
      chart={<Bars label={label} rows={lines.slice(0, MOST).map((line) => ({ key: line.key, label: line.name, value: line.value, text: bytes(line.value) }))} />}
      table={
        <Table label={label}>
          <thead>
            <tr>
              <Th>{names}</Th>
              <Th numeric className="pe-0!">
                <Trans>Stored</Trans>
              </Th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <Tr key={line.key}>
                <Td>{line.name}</Td>
                <Td numeric className="pe-0!">
                  {bytes(line.value)}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      }
    />
  );
}

export function StorageByKind({ usage }: { usage: Usage }) {
  const lines = Object.entries(usage.storage)
    .map(([kind, value]) => ({ key: kind, name: kindName(kind), value }))
    .toSorted((a, b) => b.value - a.value);
  const total = lines.reduce((sum, line) => sum + line.value, 0);
  const first = lines[0];
  if (!first || total === 0) return <Nothing title={<Trans>Stored by kind</Trans>} />;
  return (
    <Lines
      title={<Trans>Stored by kind</Trans>}
      label={t`Storage by kind`}
      sentence={t`${first.name}: ${Math.round((first.value / total) * 100)} %.`}
      lines={lines}
      names={<Trans>Kind</Trans>}
    />
  );
}

export function StorageByCourse({ usage }: { usage: Usage }) {
  const lines = usage.courses
    .filter((line) => line.bytes > 0)
    .map((line) => ({ key: line.course_id ?? line.title, name: line.title, value: line.bytes }))
    .toSorted((a, b) => b.value - a.value);
  const first = lines[0];
  if (!first) return <Nothing title={<Trans>Stored by course</Trans>} />;
  return (
    <Lines
      title={<Trans>Stored by course</Trans>}
      label={t`Storage by course`}
      sentence={t`Most: ${first.name}.`}
      lines={lines}
      names={<Trans>Course</Trans>}
    />
  );
}

/** Months over a year: the picture shows what is stored, the table everything that is counted. */
export function ByMonth({ months }: { months: readonly Month[] }) {
  const unit = unitFor(Math.max(...months.map((month) => month.stored_bytes)));
  const first = months[0];
  const last = months.at(-1);
  return (
    <ChartFrame
      title={<Trans>By month</Trans>}
      sentence={monthsSentence(months)}
      {...words()}
      chart={
        <div className="grid gap-1.5 pt-2">
          <p className="t-xs text-text-3">
            <Trans>Stored at the end of each month, in {unit.word}</Trans>
          </p>
          <Columns
            label={t`Stored at the end of each month. Now ${bytes(last?.stored_bytes ?? 0)}.`}
            values={months.map((month) => ({
              key: month.month,
              value: Number((month.stored_bytes / unit.size).toFixed(1)),
              label: `${monthName(month.month)}: ${bytes(month.stored_bytes)}`,
            }))}
            from={first ? monthName(first.month) : ''}
            to={last ? monthName(last.month) : ''}
          />
        </div>
      }
      table={<MonthTable months={months} />}
    />
  );
}

function MonthTable({ months }: { months: readonly Month[] }) {
  return (
    <Table label={t`Usage by month`}>
      <thead>
        <tr>
          <Th><Trans>Month</Trans></Th>
          <Th numeric><Trans>Stored</Trans></Th>
          <Th numeric><Trans>Joined</Trans></Th>
          <Th numeric><Trans>Enrolled</Trans></Th>
          <Th numeric><Trans>Completed</Trans></Th>
          <Th numeric><Trans>Published</Trans></Th>
          <Th numeric className="pe-0!"><Trans>Video added</Trans></Th>
        </tr>
      </thead>
      <tbody>
        {months.toReversed().map((month) => (
          <Tr key={month.month}>
            <Td className="whitespace-nowrap">{monthName(month.month)}</Td>
            <Td numeric>{bytes(month.stored_bytes)}</Td>
            <Td numeric>{month.joined}</Td>
            <Td numeric>{month.enrolled}</Td>
            <Td numeric>{month.completed}</Td>
            <Td numeric>{month.published}</Td>
            <Td numeric className="pe-0! whitespace-nowrap">{t`${month.film_minutes} min`}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

function Nothing({ title }: { title: ReactNode }) {
  return (
    <section>
      <h2 className="font-sans text-[13px] leading-[18px] font-semibold">{title}</h2>
      <p className="mt-2.5 text-text-3">
        <Trans>Nothing is stored yet.</Trans>
      </p>
    </section>
  );
}
