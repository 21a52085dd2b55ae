import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { Fleet } from '@/api/staff';
import { ago } from '@/features/staff-kit/age';
import { Section } from '@/features/staff-kit/page';
import { Status } from '@/ui/status';

/** What failed lately, with whose it is. */
export function FleetErrors({ errors }: { errors: Fleet['errors'] }) {
  return (
    <Section title={<Trans>Failed lately</Trans>}>
      {errors.length === 0 ? (
        <p className="border-t border-line pt-2 text-text-3">
          <Trans>Nothing failed in the last 24 h.</Trans>
        </p>
      ) : (
        <ul>
          {errors.map((error) => (
            <li key={`${error.at} ${error.kind} ${error.organization_id}`} className="grid gap-0.5 border-t border-line py-2">
              <div className="flex items-baseline justify-between gap-3">
                <Status tone="failed" className="min-w-0 font-medium whitespace-normal!">
                  {error.words}
                </Status>
                <span className="flex-none text-text-3">{ago(error.at)}</span>
              </div>
              {error.organization_id ? (
                <Link to="/organizations/$organization" params={{ organization: error.organization_id }} className="ms-[15px] w-fit text-text-2 underline decoration-line-2 underline-offset-3 hover:text-text">
                  <bdi>{error.organization_name}</bdi>
                </Link>
              ) : null}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
