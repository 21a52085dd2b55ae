import { t } from '@lingui/core/macro';
import { count } from '@/features/staff-kit/age';
import { spaced } from '@/features/staff-kit/words';

export interface ReportLine {
  name: string;
  value: string;
}

/** A value of the report as text; what nests becomes lines of its own. */
export function reportLines(report: Readonly<Record<string, unknown>>, prefix = ''): ReportLine[] {
  return Object.entries(report).flatMap(([key, value]): ReportLine[] => {
    const name = prefix ? `${prefix}, ${spaced(key).toLowerCase()}` : spaced(key);
    if (value === null || value === undefined || value === '') return [];
    if (typeof value === 'number') return [{ name, value: count(value) }];
    if (typeof value === 'boolean') return [{ name, value: value ? t`Yes` : t`No` }];
    if (Array.isArray(value)) {
      if (value.every((one) => typeof one !== 'object')) return value.length === 0 ? [] : [{ name, value: value.map(String).join(', ') }];
      return value.flatMap((one, index) => reportLines(one as Record<string, unknown>, `${name} ${index + 1}`));
    }
    if (typeof value === 'object') return reportLines(value as Record<string, unknown>, name);
    return [{ name, value: String(value as string) }];
  });
}
