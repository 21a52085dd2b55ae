import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { featureAmount } from '@/features/pricing/words';
import { day } from '@/lib/time';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Progress } from '@/ui/progress';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import type { EntitlementRow, PlanChoice } from './model';

interface EntitlementsSectionProps {
  rows: readonly EntitlementRow[];
  plans: readonly PlanChoice[];
  /** Opens the change of plan; absent where this member may not. */
  onUp: ((plan: string | undefined) => void) | undefined;
}

/** What the plan brings, how much of it is used, and the way to more where a plan has more. */
export function EntitlementsSection({ rows, plans, onUp }: EntitlementsSectionProps) {
  return (
    <section aria-labelledby="brings">
      <h2 id="brings" className="t-h4">
        <Trans>What you have</Trans>
      </h2>
      <Table label={t`Features of your plan`} className="mt-3">
        <thead>
          <tr>
            <Th>
              <Trans>Feature</Trans>
            </Th>
            <Th className="pe-0!">
              <Trans>Used</Trans>
            </Th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Tr key={row.feature}>
              <Td className="py-2.5 align-top">
                <span className="font-medium">{row.name}</span>
                {row.source === 'override' ? (
                  <span className="ms-2">
                    <Badge>{row.expires_at ? <Trans>Given to you until {day(row.expires_at)}</Trans> : <Trans>Given to you</Trans>}</Badge>
                  </span>
                ) : null}
                <span className="block max-w-[48ch] t-xs text-text-3">{row.words}</span>
              </Td>
              <Td className="w-[45%] py-2.5 pe-0! align-top">
                <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
                  <div className="min-w-36">
                    <Amount row={row} />
                  </div>
                  <More row={row} plans={plans} onUp={onUp} />
                </div>
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </section>
  );
}

function Amount({ row }: { row: EntitlementRow }) {
  if (row.kind === 'switch') {
    return row.value ? (
      <Status tone="fine">
        <Trans>Included</Trans>
      </Status>
    ) : (
      <Status tone="off">
        <Trans>Not in your plan</Trans>
      </Status>
    );
  }
  const limit = featureAmount(row.feature, row.value);
  if (row.used === null) return <span className="tabular-nums">{limit}</span>;
  const used = row.used + (row.reserved ?? 0);
  const said = row.value === null ? featureAmount(row.feature, used) : t`${featureAmount(row.feature, used)} of ${limit}`;
  return (
    <>
      <span className="whitespace-nowrap tabular-nums">{said}</span>
      {row.value === null ? null : (
        <Progress value={row.value > 0 ? used / row.value : 1} label={row.name} valueText={said} height={4} className="mt-1.5 max-w-48" />
      )}
    </>
  );
}

function More({ row, plans, onUp }: { row: EntitlementRow; plans: readonly PlanChoice[]; onUp: EntitlementsSectionProps['onUp'] }) {
  if (row.overage !== null) {
    return (
      <Link to="/studio/settings/usage" className="link">
        <Trans>See usage</Trans>
      </Link>
    );
  }
  if (!onUp || (row.value === null && row.kind !== 'switch')) return null;
  if (row.feature === 'seats') {
    return (
      <Button size="sm" variant="ghost" className="max-sm:-ms-3" onClick={() => onUp(undefined)}>
        <Trans>More seats</Trans>
      </Button>
    );
  }
  const next = wayUp(row, plans);
  if (!next) return null;
  return (
    <Button size="sm" variant="ghost" className="max-sm:-ms-3" onClick={() => onUp(next.key)}>
      <Trans>More with {next.name}</Trans>
    </Button>
  );
}

/** The lowest plan above that has more of it than there is now. */
function wayUp(row: EntitlementRow, plans: readonly PlanChoice[]): PlanChoice | undefined {
  return plans
    .filter((plan) => plan.way === 'up')
    .toSorted((one, other) => one.rank - other.rank)
    .find((plan) => {
      const brought = plan.features[row.feature];
      return brought === null || (brought !== undefined && brought > (row.value ?? 0));
    });
}
