import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { DomainRecord } from '@/api/types';
import { Status } from '@/ui/status';
import { Copyable } from './copyable';
import { recordState } from './states';

const LABEL = 't-xxs font-medium text-text-3 md:sr-only';

/** Each record: its type, the name it stands at, what it must hold and what we found. A table where there is room. */
export function Records({ records, looked }: { records: readonly DomainRecord[]; looked: boolean }) {
  return (
    <div>
      <div
        aria-hidden="true"
        className="hidden grid-cols-[72px_minmax(0,1fr)_minmax(0,1.25fr)_minmax(0,1fr)] gap-x-4 border-b border-line-2 pb-2 t-xxs font-medium text-text-3 md:grid"
      >
        <span><Trans>Type</Trans></span>
        <span><Trans>Name</Trans></span>
        <span><Trans>Value</Trans></span>
        <span><Trans>What we found</Trans></span>
      </div>
      <ul aria-label={t`DNS records`}>
        {records.map((record) => (
          <li key={record.purpose} className="border-b border-line py-3 last:border-b-0">
            <dl className="grid gap-x-4 gap-y-2 md:grid-cols-[72px_minmax(0,1fr)_minmax(0,1.25fr)_minmax(0,1fr)]">
              <div>
                <dt className={LABEL}><Trans>Type</Trans></dt>
                <dd className="py-1 font-mono text-[13px] leading-5 font-medium">{record.type}</dd>
              </div>
              <div className="min-w-0">
                <dt className={LABEL}><Trans>Name</Trans></dt>
                <dd><Copyable value={record.name} label={t`the name`} /></dd>
              </div>
              <div className="min-w-0">
                <dt className={LABEL}><Trans>Value</Trans></dt>
                {record.expected.map((value) => (
                  <dd key={value}><Copyable value={value} label={t`the value`} /></dd>
                ))}
              </div>
              <div className="min-w-0">
                <dt className={LABEL}><Trans>What we found</Trans></dt>
                <dd className="py-1"><Found record={record} looked={looked} /></dd>
              </div>
            </dl>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Found({ record, looked }: { record: DomainRecord; looked: boolean }) {
  const { tone, word } = recordState(record, looked);
  return (
    <div className="grid gap-1">
      <Status tone={tone}>{word}</Status>
      {looked && record.state !== 'found' ? <p className="t-xs text-text-2 wrap-anywhere">{record.words}</p> : null}
      {looked && record.state === 'wrong' && record.found.length > 0 ? (
        <ul className="grid gap-0.5">
          {record.found.slice(0, 3).map((value) => (
            <li key={value} className="font-mono text-[12px] leading-4 text-text-3 wrap-anywhere">
              {value}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
