import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { moment } from '@/features/staff-kit/age';
import { Section } from '@/features/staff-kit/page';
import { Status } from '@/ui/status';
import { restoresQuery } from './api';
import { RESTORE_TONES, restoreWord } from './restore-words';

/** Restores of the organization, each with a page of its own. Nothing where there was none. */
export function Restores({ organization }: { organization: string }) {
  const found = useQuery(restoresQuery(organization));
  const lines = found.data?.items ?? [];
  if (lines.length === 0) return null;
  return (
    <Section title={<Trans>Restores</Trans>}>
      <ul>
        {lines.map((line) => (
          <li key={line.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line py-2">
            <Link
              to="/organizations/$organization/restores/$restore"
              params={{ organization, restore: line.id }}
              className="rounded-1 font-medium underline decoration-line-2 underline-offset-3 hover:decoration-current pointer-coarse:py-2"
            >
              {moment(line.created_at)}
            </Link>
            <Status tone={RESTORE_TONES[line.state]}>{restoreWord(line.state)}</Status>
          </li>
        ))}
      </ul>
    </Section>
  );
}
