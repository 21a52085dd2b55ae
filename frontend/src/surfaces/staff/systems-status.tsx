import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { fleetQuery } from '@/features/staff-fleet/api';
import { trouble } from '@/features/staff-fleet/model';
import { useCan } from '@/lib/permissions';
import { Status } from '@/ui/status';

/** One word about the whole fleet, always in sight where there is room. */
export function SystemsStatus() {
  const fleet = useQuery({ ...fleetQuery, enabled: useCan('support.view') });
  if (!fleet.data) return null;
  const found = trouble(fleet.data);
  return (
    <Link to="/fleet" className="hidden flex-none rounded-[6px] px-1 text-strip-text hover:text-white focus-visible:outline-white xl:block">
      {found.length === 0 ? (
        <Status tone="fine">
          <Trans>All systems</Trans>
        </Status>
      ) : (
        <Status tone="look">{found[0]?.short}</Status>
      )}
    </Link>
  );
}
